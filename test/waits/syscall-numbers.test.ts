import {spawnSync} from 'node:child_process';
import {expect, test} from 'vitest';
import {isKnownArchitecture, syscallName} from '../../source/waits/syscall-numbers.js';

/** What the kernel's own headers on this machine call each number; empty where there are none or no compiler. */
const headerNumbers = (source: string): readonly (readonly [number, string])[] => {
	const {stdout, status} = spawnSync('cc', ['-E', '-dM', '-'], {input: source, encoding: 'utf8'});

	if (status !== 0) {
		return [];
	}

	const definitions = new Map(
		[...stdout.matchAll(/^#define (__NR\w+) (\w+)$/gm)].map(match => [match[1]!, match[2]!]),
	);
	const resolve = (value: string): string =>
		definitions.has(value) ? resolve(definitions.get(value)!) : value;

	return [...definitions]
		.filter(([name]) => name.startsWith('__NR_'))
		.map(([name, value]) => [Number(resolve(value)), name.slice('__NR_'.length)] as const)
		.filter(([, name]) => name !== 'syscalls' && name !== 'arch_specific_syscall');
};

// What the kernel's arch/arm64/include/uapi/asm/unistd.h sets.
const arm64Source = `#define __ARCH_WANT_RENAMEAT
#define __ARCH_WANT_NEW_STAT
#define __ARCH_WANT_SET_GET_RLIMIT
#define __ARCH_WANT_SYS_CLONE3
#define __ARCH_WANT_MEMFD_SECRET
#define __BITS_PER_LONG 64
#include <asm-generic/unistd.h>
`;

const x64Header = process.arch === 'x64' ? headerNumbers('#include <asm/unistd_64.h>\n') : [];
const arm64Header = headerNumbers(arm64Source);

test.skipIf(x64Header.length === 0)(
	'the numbers of x86-64 are those of the kernel’s header',
	() => {
		expect(x64Header.length).toBeGreaterThan(300);
		expect(x64Header.map(([number]) => [number, syscallName('x64', number)])).toEqual(x64Header);
	},
);

test.skipIf(arm64Header.length === 0)(
	'the numbers of arm64 are those of the kernel’s header',
	() => {
		expect(arm64Header.length).toBeGreaterThan(280);
		expect(arm64Header.map(([number]) => [number, syscallName('arm64', number)])).toEqual(
			arm64Header,
		);
	},
);

test('calls newer than most headers have the same number everywhere', () => {
	for (const architecture of ['x64', 'arm64', 'x86_64', 'aarch64']) {
		expect(syscallName(architecture, 441)).toBe('epoll_pwait2');
		expect(syscallName(architecture, 449)).toBe('futex_waitv');
		expect(syscallName(architecture, 455)).toBe('futex_wait');
		expect(syscallName(architecture, 456)).toBe('futex_requeue');
		expect(syscallName(architecture, 469)).toBe('file_setattr');
	}
});

test('the same call has another number on the other architecture', () => {
	expect(syscallName('x64', 202)).toBe('futex');
	expect(syscallName('arm64', 98)).toBe('futex');
	expect(syscallName('x64', 219)).toBe('restart_syscall');
	expect(syscallName('arm64', 128)).toBe('restart_syscall');
});

test('numbers that nobody uses have no name', () => {
	for (const number of [-1, 340, 423, 9999, 2 ** 31, Number.NaN]) {
		expect(syscallName('x64', number)).toBeUndefined();
	}

	expect(syscallName('arm64', 244)).toBeUndefined();
	expect(syscallName('riscv64', 98)).toBeUndefined();
	expect(isKnownArchitecture('riscv64')).toBe(false);
});
