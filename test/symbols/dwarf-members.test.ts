import {describe, expect, test} from 'vitest';
import {readMembers} from '../../source/symbols/dwarf/members.js';

const goLanguage = 0x16;
const tag = {
	compileUnit: 0x11,
	variable: 0x34,
	structure: 0x13,
	member: 0x0d,
	typedef: 0x16,
	base: 0x24,
};
const at = {
	name: 3,
	byteSize: 0x0b,
	language: 0x13,
	place: 0x38,
	type: 0x49,
	location: 0x02,
	lowPc: 0x11,
};
const form = {
	string: 0x08,
	data1: 0x0b,
	udata: 0x0f,
	refAddr: 0x10,
	ref4: 0x13,
	exprloc: 0x18,
	addrx: 0x1b,
	strx1: 0x25,
	implicit: 0x21,
};

/** Codes of the abbreviations below; code 200 takes two bytes. */
const abbrev = Buffer.from(
	[
		[
			1,
			tag.compileUnit,
			1,
			at.name,
			form.string,
			at.language,
			form.data1,
			at.lowPc,
			form.addrx,
			0,
			0,
		],
		[
			[
				200,
				1,
				tag.variable,
				0,
				at.name,
				form.string,
				at.location,
				form.exprloc,
				at.type,
				form.refAddr,
			],
			[0, 0],
		].flat(),
		[3, tag.typedef, 0, at.name, form.string, at.type, form.ref4, 0, 0],
		[4, tag.structure, 1, at.name, form.strx1, at.byteSize, form.udata, 0, 0],
		[5, tag.member, 0, at.name, form.string, at.place, form.udata, at.type, form.ref4, 0, 0],
		// A place that stands in the abbreviation: 64.
		[
			6,
			tag.member,
			0,
			at.name,
			form.string,
			at.place,
			form.implicit,
			0xc0,
			0,
			at.type,
			form.ref4,
			0,
			0,
		],
		[7, tag.base, 0, at.byteSize, form.data1, 0, 0],
		[0],
	].flat(),
);

type Part = number | string | {refers: string} | {label: string};

/** One unit of DWARF 5 from its parts; texts end with a zero, and labels are where an entry begins. */
const unit = (start: number, parts: readonly Part[]): Buffer => {
	const headerBytes = 12;
	const bytes: number[] = [];
	const labels = new Map<string, number>();
	const references: {at: number; to: string}[] = [];
	for (const part of parts) {
		if (typeof part === 'number') {
			bytes.push(part);
		} else if (typeof part === 'string') {
			bytes.push(...Buffer.from(`${part}\0`));
		} else if ('label' in part) {
			labels.set(part.label, headerBytes + bytes.length);
		} else {
			references.push({at: bytes.length, to: part.refers});
			bytes.push(0, 0, 0, 0);
		}
	}

	const body = Buffer.from(bytes);
	for (const {at: place, to} of references) {
		// What counts from the section's beginning is marked.
		const isWhole = to.startsWith('^');
		body.writeUInt32LE(labels.get(to.replace('^', ''))! + (isWhole ? start : 0), place);
	}

	const header = Buffer.alloc(headerBytes);
	header.writeUInt32LE(headerBytes - 4 + body.length, 0);
	header.writeUInt16LE(5, 4);
	header[6] = 1;
	header[7] = 8;
	return Buffer.concat([header, body]);
};

const variable = (type: string): Part[] => [0xc8, 1, 'runtime.work', 2, 0xa1, 3, {refers: type}];

const parts = (language: number, name = 'runtime'): Part[] => [
	...[1, name, language, 5],
	...variable('^workType'),
	{label: 'int64'},
	...[7, 8],
	{label: 'workType'},
	...[3, 'runtime.workType', {refers: 'work'}],
	{label: 'work'},
	...[4, 9, 100],
	...[5, 'tEnd', 16, {refers: 'int64'}],
	...[6, 'cpuStats', {refers: 'statsType'}],
	0,
	{label: 'statsType'},
	...[3, 'runtime.cpuStats', {refers: 'stats'}],
	{label: 'stats'},
	...[4, 9, 88],
	...[5, 'GCAssistTime', 0, {refers: 'int64'}],
	...[5, 'GCIdleTime', 0x90, 1, {refers: 'int64'}],
	0,
	0,
];

const other = unit(0, [1, 'os', goLanguage, 5, 0]);
const info = Buffer.concat([other, unit(other.length, parts(goLanguage))]);

describe('what a compiler left about the variables of a package', () => {
	const membersOf = readMembers({info, abbrev}, 'runtime', goLanguage);

	test('members of structures in structures, with their sizes', () => {
		expect(membersOf('runtime.work', 'tend')).toEqual({offset: 16, size: 8});
		expect(membersOf('runtime.work', 'cpustats.gcassisttime')).toEqual({offset: 64, size: 8});
		expect(membersOf('runtime.work', 'cpustats.gcidletime')).toEqual({offset: 64 + 144, size: 8});
	});

	test('what is not there is not found', () => {
		expect(membersOf('runtime.work', 'totaltime')).toBeUndefined();
		expect(membersOf('runtime.work', 'tend.value')).toBeUndefined();
		expect(membersOf('runtime.memstats', 'numgc')).toBeUndefined();
		expect(membersOf('untime.work', 'tend')).toBeUndefined();
	});

	test('a variable of another package or language is another one', () => {
		expect(readMembers({info, abbrev}, 'os', goLanguage)('runtime.work', 'tend')).toBeUndefined();
		const inC = unit(0, parts(1));
		expect(
			readMembers({info: inC, abbrev}, 'runtime', goLanguage)('runtime.work', 'tend'),
		).toBeUndefined();
	});

	test('damaged sections tell nothing and take no time', () => {
		for (let length = 0; length < info.length; length += 7) {
			const cut = readMembers({info: info.subarray(0, length), abbrev}, 'runtime', goLanguage);
			expect(cut('runtime.work', 'tend')).toBeUndefined();
		}

		const damaged = Buffer.from(info).fill(0xff, other.length + 12);
		expect(
			readMembers({info: damaged, abbrev}, 'runtime', goLanguage)('runtime.work', 'tend'),
		).toBeUndefined();
		expect(
			readMembers(
				{info, abbrev: abbrev.subarray(0, 20)},
				'runtime',
				goLanguage,
			)('runtime.work', 'tend'),
		).toBeUndefined();
	});
});
