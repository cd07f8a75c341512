import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {kernelThreadFlag, parseStat} from '../../source/procfs/stat.js';

/** Everything behind the name, as Linux 6.18 writes it. */
const rest =
	'S 812 4242 4242 34816 4300 4194560 1723 90210 3 14 250 117 12 9 20 -5 7 0 5123456 912345678 4321 ' +
	'18446744073709551615 94000000000000 94000000001000 140730000000000 0 0 0 0 4096 81920 0 0 0 17 3 2 1 0 0 0 ' +
	'94000000002000 94000000003000 94000000100000 140730000001000 140730000002000 140730000002000 140730000003000 0\n';

const parse = (bytes: Buffer | string) => {
	const buffer = Buffer.from(bytes);
	return parseStat(buffer, buffer.length);
};

test('every field comes from its own place', () => {
	expect(parse(`4242 (gunicorn) ${rest}`)).toEqual({
		name: 'gunicorn',
		state: 'S',
		parentPid: 812,
		processGroup: 4242,
		session: 4242,
		terminalProcessGroup: 4300,
		flags: 4194560,
		pageFaults: 1726,
		userTicks: 250,
		systemTicks: 117,
		childrenTicks: 21,
		nice: -5,
		threadCount: 7,
		startTimeTicks: 5123456,
		startStack: 140730000000000,
		lastCpu: 3,
		policy: 1,
	});
});

for (const name of [
	'a) R 1 (b',
	')',
	'(',
	') S 1 1 1 1 1 (',
	'two\nlines',
	' ',
	'',
	'\u001B[2J',
	'x'.repeat(64),
	'宽字',
]) {
	test(`a process that calls itself ${JSON.stringify(name)} changes nothing`, () => {
		expect(parse(`4242 (${name}) ${rest}`)).toMatchObject({
			name,
			state: 'S',
			parentPid: 812,
			startTimeTicks: 5123456,
			policy: 1,
		});
	});
}

test('a name that is no text becomes replacement characters, and the fields behind it are read', () => {
	const bytes = Buffer.concat([
		Buffer.from('4242 ('),
		Buffer.from([0xff, 0xfe, 0xc3, 0x29, 0x80]),
		Buffer.from(`) ${rest}`),
	]);
	expect(parse(bytes)).toMatchObject({name: '\uFFFD\uFFFD\uFFFD)\uFFFD', parentPid: 812});
});

test('a process without a terminal has -1 as the terminal’s group', () => {
	expect(parse(`4242 (x) ${rest.replace('4300', '-1')}`)?.terminalProcessGroup).toBe(-1);
});

test('only what was read counts, not what the buffer held before', () => {
	const buffer = Buffer.alloc(1024, `4242 (old) ${rest}`);
	const length = buffer.write('4242 (new) S 1');
	expect(parseStat(buffer, length)).toBeUndefined();
});

for (const text of ['', '4242', '4242 (x', '4242 (x)', '4242 (x) S', '4242 (x) S 1 2 3\n', 'x)(']) {
	test(`${JSON.stringify(text)} is no stat file`, () => {
		expect(parse(text)).toBeUndefined();
	});
}

test('kernel threads carry their flag, this process does not', () => {
	const own = readFileSync('/proc/self/stat');
	expect((parseStat(own, own.length)?.flags ?? 0) & kernelThreadFlag).toBe(0);
	expect(
		parse(`2 (kthreadd) ${rest.replace('4194560', '2129984')}`)!.flags & kernelThreadFlag,
	).not.toBe(0);
});

test('this process is read as it is', () => {
	const own = readFileSync('/proc/self/stat');
	expect(parseStat(own, own.length)).toMatchObject({
		parentPid: process.ppid,
		nice: expect.any(Number),
	});
});
