import {expect, test} from 'vitest';
import {createSyscallLine, parseSyscall} from '../../source/procfs/syscall.js';

const parse = (text: string) => {
	const bytes = Buffer.alloc(256, 'x');
	const length = bytes.write(text);
	const line = createSyscallLine();

	return parseSyscall(bytes, length, line) ? line : undefined;
};

test('a thread asleep in a call has its number, six arguments and where it is', () => {
	expect(
		parse(
			'202 0x7f3ae4000b60 0x189 0x0 0x7f3ae9d7cd50 0x0 0xffffffff 0x7f3ae9d7cc00 0x7f3aea1d3f16\n',
		),
	).toEqual({
		state: 'blocked',
		number: 202,
		a0: 0x7f3ae4000b60,
		a1: 0x189,
		a2: 0,
		a3: 0x7f3ae9d7cd50,
		a4: 0,
		a5: 0xffffffff,
		stackPointer: 0x7f3ae9d7cc00,
		programCounter: 0x7f3aea1d3f16,
	});
});

test('running is its own state and carries nothing over from the line before', () => {
	const bytes = Buffer.from('202 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8\n');
	const line = createSyscallLine();
	parseSyscall(bytes, bytes.length, line);

	expect(parseSyscall(Buffer.from('running\n'), 8, line)).toBe(true);
	expect(line).toEqual(createSyscallLine());
});

test('asleep outside a call is -1 with the instruction that faulted', () => {
	expect(parse('-1 0x7ffd36c452f8 0x7faa60e7a2ad\n')).toMatchObject({
		state: 'blocked',
		number: -1,
		stackPointer: 0x7ffd36c452f8,
		programCounter: 0x7faa60e7a2ad,
	});
});

test('a zombie has exited, and a thread of the kernel is not reading descriptor 0', () => {
	expect(parse('-1 0x0 0x0\n')?.state).toBe('exited');
	expect(parse('0 0x0 0x0 0x0 0x0 0x0 0x0 0x0 0x0\n')?.state).toBe('kernel');
	expect(parse('0 0x0 0x0 0x0 0x0 0x0 0x0 0x7ffd36c452f8 0x7faa60e7a2ad\n')?.state).toBe('blocked');
});

test('sign-extended and oversized arguments keep their low 32 bits', () => {
	const line = parse(
		'202 0x1 0x80 0xffffffff8000693c 0xffffffffffffffff 0xdeadbeef00000080 0x7fffffff 0x1 0x1\n',
	);

	expect(line!.a2 >>> 0).toBe(0x8000693c);
	expect(line!.a3 | 0).toBe(-1);
	expect(line!.a4 >>> 0).toBe(0x80);
	expect(line!.a5).toBe(0x7fffffff);
});

test('bytes behind the given length are not read', () => {
	const bytes = Buffer.from('35 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8\n9 0x1');

	expect(parseSyscall(bytes, 36, createSyscallLine())).toBe(true);
});

test.each([
	'',
	'\n',
	'202',
	'202\n',
	'202 0x1 0x2\n',
	'202 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x\n',
	'202 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8',
	'202 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8 0x9\n',
	'202 1 2 3 4 5 6 7 8\n',
	'-1 0x1 0x12345678123456789\n',
	'run',
	'garbage 0x1\n',
])('%j is refused, not guessed at', text => {
	expect(parse(text)).toBeUndefined();
});
