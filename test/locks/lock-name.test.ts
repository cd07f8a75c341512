import {expect, test} from 'vitest';
import {isBareAddress, kindBySymbol, lockName} from '../../source/locks/lock-name.js';

test('a variable is called by its program and its symbol', () => {
	const place = {address: 0x5000, file: 'mariadbd', fileAddress: 0x1000};
	expect(lockName({...place, symbol: {name: 'LOCK_open', offset: 0}})).toBe('mariadbd!LOCK_open');
	expect(lockName({...place, symbol: {name: 'app::cache', offset: 40}})).toBe(
		'mariadbd!app::cache+0x28',
	);
	expect(lockName(place)).toBe('mariadbd+0x1000');
});

test('memory without symbols is called by its region', () => {
	expect(lockName({address: 0x11ef0, region: '[heap]', regionStart: 0x10000})).toBe(
		'[heap]+0x1ef0',
	);
	expect(lockName({address: 0x11ef0, region: 'anonymous', regionStart: 0x10000})).toBe(
		'anonymous 0x11ef0',
	);
	expect(lockName({address: 0x11ef0})).toBe('0x11ef0');
});

test('some symbols tell what kind of lock it is', () => {
	expect(kindBySymbol('_rtld_global')).toBe('loader');
	expect(kindBySymbol('main_arena')).toBe('arena');
	expect(kindBySymbol('_IO_stdfile_1_lock')).toBe('stdio');
	expect(kindBySymbol('my_rtld_global')).toBeUndefined();
});

test.each([
	['[heap]+0x11ef0', true],
	['anonymous 0x7f8db39d3a00', true],
	['0x7f8db39d3a00', true],
	['mariadbd!LOCK_open', false],
	['hidden!member+0x28', false],
	['libc.so.6+0x1d5a10', false],
	['member at +56 of shop::Inventory', false],
])('whether %s is no more than an address', (name, isBare) => {
	expect(isBareAddress(name)).toBe(isBare);
});
