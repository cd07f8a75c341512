import {mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterAll, beforeEach, expect, test} from 'vitest';
import {createAddressSpaces} from '../../source/observer/address-spaces.js';
import {createProcessEntry} from '../../source/sampler/task-entry.js';

const root = mkdtempSync(path.join(tmpdir(), 'ctop-spaces-'));
const maps = path.join(root, '100/maps');
afterAll(() => rmSync(root, {recursive: true}));

const recorded = `555500000000-555500001000 r-xp 00000000 fe:00 11                         /usr/bin/web
555500001000-555500002000 rw-p 00001000 fe:00 11                         /usr/bin/web
555500002000-555500003000 rw-p 00000000 00:00 0 
555500010000-555500020000 rw-p 00000000 00:00 0                          [heap]
7f0000000000-7f0000010000 rw-p 00000000 00:00 0 
7f0000020000-7f0000021000 rw-p 00000000 fe:00 12                         /lib/libpython3.11.so.1.0
7ffe00000000-7ffe00021000 rw-p 00000000 00:00 0                          [stack]
`;

beforeEach(() => {
	mkdirSync(path.dirname(maps), {recursive: true});
	writeFileSync(maps, recorded);
});

test('an address has the name of its file, of its heap, or none', () => {
	const space = createAddressSpaces(root).of(createProcessEntry(100));
	const names = [0x5555_0000_1008, 0x5555_0001_0100, 0x7f00_0000_0040, 0x7f00_0002_0010].map(
		space.regionOf,
	);
	expect(names).toEqual(['web', '[heap]', 'anonymous', 'libpython3.11.so.1.0']);
});

test('memory that follows a file’s data at once is that file’s', () => {
	const space = createAddressSpaces(root).of(createProcessEntry(100));
	expect(space.regionOf(0x5555_0000_2010)).toBe('web');
});

test('an address in no mapping has no name', () => {
	const space = createAddressSpaces(root).of(createProcessEntry(100));
	expect(space.regionOf(0x1000)).toBeUndefined();
});

test('maps are kept, until the process runs another program', () => {
	const spaces = createAddressSpaces(root);
	const process = createProcessEntry(100);
	expect(spaces.of(process).regionOf(0x5555_0000_1008)).toBe('web');
	writeFileSync(maps, recorded.replaceAll('/usr/bin/web', '/usr/bin/other'));
	expect(spaces.of(process).regionOf(0x5555_0000_1008)).toBe('web');
	process.generation++;
	expect(spaces.of(process).regionOf(0x5555_0000_1008)).toBe('other');
});

test('a process that got the id of a dead one has maps of its own', () => {
	const spaces = createAddressSpaces(root);
	expect(
		spaces.of({...createProcessEntry(100), startTimeTicks: 1}).regionOf(0x5555_0000_1008),
	).toBe('web');
	writeFileSync(maps, recorded.replaceAll('/usr/bin/web', '/usr/bin/other'));
	expect(
		spaces.of({...createProcessEntry(100), startTimeTicks: 2}).regionOf(0x5555_0000_1008),
	).toBe('other');
});

test('a process that is gone has no maps, and is let go of', () => {
	const spaces = createAddressSpaces(root);
	const process = createProcessEntry(100);
	expect(spaces.of(process).mappings()).toHaveLength(7);
	spaces.prune(() => false);
	rmSync(path.dirname(maps), {recursive: true});
	expect(spaces.of(process).mappings()).toBeUndefined();
	expect(spaces.of(process).regionOf(0x5555_0000_1008)).toBeUndefined();
});

test('memories stay open as far as there are descriptors: to open one takes ten times as long as to read it', () => {
	const many = mkdtempSync(path.join(tmpdir(), 'ctop-memories-'));
	const pids = Array.from({length: 60}, (_, index) => 1000 + index);
	for (const pid of pids) {
		mkdirSync(path.join(many, String(pid)));
		writeFileSync(path.join(many, String(pid), 'mem'), 'x'.repeat(64));
	}

	const isOpen = (fd: string): boolean => {
		try {
			return readlinkSync(`/proc/self/fd/${fd}`).startsWith(many);
		} catch {
			// The one that the directory was read by.
			return false;
		}
	};

	const openAfterReading = (openFiles: number | undefined): number => {
		const spaces = createAddressSpaces(many, openFiles);
		for (const pid of pids) {
			expect(spaces.of(createProcessEntry(pid)).memory.read(8, 8)?.length).toBe(8);
		}

		const open = readdirSync('/proc/self/fd').filter(isOpen).length;
		spaces.prune(() => false);
		return open;
	};

	expect(openAfterReading(undefined)).toBe(48);
	expect(openAfterReading(20_000)).toBe(60);
	expect(openAfterReading(1000)).toBe(50);
	rmSync(many, {recursive: true});
});
