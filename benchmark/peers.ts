import {writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {findExecutable, type NodeBinary, versionOf} from './executables.ts';
import type {Command} from './session.ts';

export type Peer = Command & {
	readonly name: string;
	/** As it is typed. */
	readonly title: string;
	/** What its output has to hold, or something else was measured; undefined for one that writes nothing. */
	readonly shows: RegExp | undefined;
	/** What it writes once per refresh, where its refreshes are not told by pauses. */
	readonly beat: RegExp | undefined;
};

export type Surroundings = {
	/** A directory of this run alone: HOME of every tool, so that nobody's settings count. */
	readonly directory: string;
	readonly ctop: string;
	readonly nodes: readonly NodeBinary[];
	readonly reader: string;
	readonly sampler: string;
};

/**
Tree, threads and the CTXT column, one refresh a second. The fields are PID USER PRIORITY NICE M_VIRT M_RESIDENT M_SHARE STATE
PERCENT_CPU PERCENT_MEM TIME CTXT COMM by number. Without `config_reader_min_version` every htop since 3.0 reads them so.
*/
const htopSettings = `fields=0 48 17 18 38 39 40 2 46 47 49 121 1
tree_view=1
hide_kernel_threads=1
hide_userland_threads=0
delay=10
left_meters=AllCPUs Memory Swap
left_meter_modes=1 1 1
right_meters=Tasks LoadAverage Uptime
right_meter_modes=2 2 2
`;

const environmentOf = (directory: string): Readonly<Record<string, string>> => ({
	PATH: process.env['PATH'] ?? '',
	HOME: directory,
	TERM: 'xterm-256color',
	LANG: 'C.UTF-8',
	HTOPRC: path.join(directory, 'htoprc'),
	// Empty: atop leaves the machine's process accounting alone (atop(1)).
	ATOPACCT: '',
});

type Tool = {
	readonly name: string;
	readonly parameters: readonly string[];
	readonly shows: RegExp;
	readonly beat?: RegExp;
	readonly versionParameter: string;
};

const tools: readonly Tool[] = [
	{name: 'htop', parameters: [], shows: /CTXT/, versionParameter: '--version'},
	{name: 'top', parameters: ['-H', '-d1'], shows: /Threads:/, versionParameter: '-V'},
	{
		name: 'pidstat',
		parameters: ['-t', '-w', '1'],
		shows: /nvcswch\/s/,
		// On many threads it writes nearly all the time, on few it doesn't repeat its heading: the last row of each moment.
		beat: /^(\d\d:\d\d:\d\d) (?!.*UID)(?![\s\S]*?^\1 (?!.*UID))/gm,
		versionParameter: '-V',
	},
	{name: 'atop', parameters: ['-y', '1'], shows: /\bTID\b/, versionParameter: '-V'},
];

export type FoundPeers = {
	readonly peers: readonly Peer[];
	readonly missing: readonly string[];
	readonly versions: Readonly<Record<string, string>>;
};

const findTools = (environment: Readonly<Record<string, string>>): FoundPeers => {
	const found = tools.map(tool => ({...tool, file: findExecutable(tool.name)}));
	return {
		peers: found.flatMap(({name, file, parameters, shows, beat}) =>
			file === undefined
				? []
				: {
						name,
						title: name === 'htop' ? 'htop (tree, threads, CTXT)' : [name, ...parameters].join(' '),
						file,
						parameters,
						environment,
						terminal: true,
						shows,
						beat,
					},
		),
		missing: found.filter(({file}) => file === undefined).map(({name}) => name),
		versions: Object.fromEntries(
			found.flatMap(({name, file, versionParameter}) =>
				file === undefined ? [] : [[name, versionOf(file, versionParameter) ?? 'unknown']],
			),
		),
	};
};

/** ctop is started as people start it, and takes the first Node.js of PATH. */
const withNodeFirst = (
	environment: Readonly<Record<string, string>>,
	node: string,
): Readonly<Record<string, string>> => ({
	...environment,
	PATH: [path.dirname(node), environment['PATH']].join(path.delimiter),
});

const ctopPeers = (
	{ctop, nodes, directory, sampler, reader}: Surroundings,
	environment: Readonly<Record<string, string>>,
): readonly Peer[] => [
	...nodes.map(({file, version}, index) => ({
		name: index === 0 ? 'ctop' : 'ctop-system-node',
		title: `ctop (Node ${version})`,
		file: ctop,
		parameters: [],
		environment: withNodeFirst(environment, file),
		terminal: true,
		shows: /\bPID\b/,
		beat: undefined,
	})),
	{
		name: 'observer',
		title: 'ctop snapshot --for (no screen)',
		file: ctop,
		parameters: ['snapshot', '--for', '1h', '-o', path.join(directory, 'snapshot.json')],
		environment: withNodeFirst(environment, nodes[0]!.file),
		terminal: false,
		shows: undefined,
		beat: undefined,
	},
	{
		name: 'sampler',
		title: "ctop's sampler alone",
		file: nodes[0]!.file,
		parameters: [sampler],
		environment,
		terminal: false,
		shows: /^tick=/m,
		beat: /^tick=/gm,
	},
	{
		name: 'reader',
		title: 'the same reads in C',
		file: reader,
		parameters: [],
		environment,
		terminal: false,
		shows: /^tick=/m,
		beat: /^tick=/gm,
	},
];

/** All that can be measured on this machine, in the order of the report; with what is not installed. */
export const findPeers = (surroundings: Surroundings): FoundPeers => {
	const {directory} = surroundings;
	writeFileSync(path.join(directory, 'htoprc'), htopSettings);
	const environment = environmentOf(directory);
	const found = findTools(environment);
	return {...found, peers: [...found.peers, ...ctopPeers(surroundings, environment)]};
};
