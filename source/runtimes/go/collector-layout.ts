import {readMembers} from '../../symbols/dwarf/members.js';
import type {ElfSymbolTable} from '../../symbols/elf-file.js';
import {readDebugSection} from '../../symbols/elf-section.js';
import type {MappedFile} from '../../symbols/mapped-file.js';
import type {FindNames} from '../../symbols/symbol-search.js';

/** A number that Go's runtime keeps: its variable, and the path to it there, in small letters. */
type Source = {variable: string; path: string; size: number};

const work = 'runtime.work';
const controller = 'runtime.gcController';

/*
What Go's runtime counts of its collector (runtime/mgc.go, mstats.go, mgcpacer.go), in nanoseconds and bytes. `cpuStats` is there from Go
1.20 on, `totaltime` before, without what idle processors mark: that is known of the last cycle only. All but that is brought up to date
as a cycle ends, at `tEnd`, with the world stopped.
*/
const sources = {
	endedAt: {variable: work, path: 'tend', size: 8},
	cycles: {variable: work, path: 'cycles', size: 4},
	totalTime: {variable: work, path: 'totaltime', size: 8},
	stoppedProcessors: {variable: work, path: 'stwprocs', size: 4},
	pauseTotal: {variable: 'runtime.memstats', path: 'pause_total_ns', size: 8},
	assistTime: {variable: work, path: 'cpustats.gcassisttime', size: 8},
	dedicatedTime: {variable: work, path: 'cpustats.gcdedicatedtime', size: 8},
	idleTime: {variable: work, path: 'cpustats.gcidletime', size: 8},
	cycleAssistTime: {variable: controller, path: 'assisttime', size: 8},
	cycleDedicatedTime: {variable: controller, path: 'dedicatedmarktime', size: 8},
	cycleFractionalTime: {variable: controller, path: 'fractionalmarktime', size: 8},
	cycleIdleTime: {variable: controller, path: 'idlemarktime', size: 8},
	gcPercent: {variable: controller, path: 'gcpercent', size: 4},
	memoryLimit: {variable: controller, path: 'memorylimit', size: 8},
	heapMarked: {variable: controller, path: 'heapmarked', size: 8},
} as const satisfies Record<string, Source>;

export type CollectorField = keyof typeof sources;

/** Where a number lies. */
export type CollectorPlace = {address: number; size: number};

/** Those of one program, with addresses as in its file; what its version of Go doesn't have is missing. */
export type CollectorLayout = ReadonlyMap<CollectorField, CollectorPlace>;

/** Why a program's collector can't be read. */
export type UnknownLayout = 'no symbols' | 'no debug information' | 'another layout';

const before120: readonly CollectorField[] = [
	'totalTime',
	'pauseTotal',
	'cycleAssistTime',
	'cycleDedicatedTime',
	'cycleFractionalTime',
	'cycleIdleTime',
];
const since120: readonly CollectorField[] = ['assistTime', 'dedicatedTime', 'idleTime'];

/** Go's number among the languages of DWARF. */
const goLanguage = 0x16;
/** Those of the largest programs are some thirty megabytes. They are kept for as long as they are read. */
const mostBytes = 64 * 2 ** 20;

const hasAll = (layout: CollectorLayout, fields: readonly CollectorField[]): boolean =>
	fields.every(field => layout.has(field));

/** Takes from a program itself where its runtime counts, as every version of Go has other places: its symbols and its debug information. */
export const readCollectorLayout = async (
	file: MappedFile,
	symbolTables: readonly ElfSymbolTable[],
	findNames: FindNames,
): Promise<CollectorLayout | UnknownLayout> => {
	const variables = [...new Set(Object.values(sources).map(({variable}) => variable))];
	const addresses = await findNames(
		file,
		symbolTables.filter(({isDynamic}) => !isDynamic),
		variables,
	);
	if (!addresses.has(work)) {
		return 'no symbols';
	}

	const info = await readDebugSection(file, 'info', mostBytes);
	const abbrev = info && (await readDebugSection(file, 'abbrev', mostBytes));
	if (!info || !abbrev) {
		return 'no debug information';
	}

	const memberOf = readMembers({info, abbrev}, 'runtime', goLanguage);
	const layout = new Map<CollectorField, CollectorPlace>();
	for (const [field, {variable, path, size}] of Object.entries(sources)) {
		const member = memberOf(variable, path);
		const address = addresses.get(variable);
		if (member?.size === size && address !== undefined) {
			layout.set(field as CollectorField, {address: address + member.offset, size});
		}
	}

	const isKnown =
		hasAll(layout, ['endedAt', 'cycles', 'stoppedProcessors']) &&
		(hasAll(layout, since120) || hasAll(layout, before120));
	return isKnown ? layout : 'another layout';
};
