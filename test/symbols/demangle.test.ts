import {expect, test} from 'vitest';
import {demangle} from '../../source/symbols/demangle.js';

// Each as c++filt -p prints it, with the spaces between closing brackets left out.
test.each([
	['main', 'main'],
	['_ZN3appL12static_cacheE', 'app::static_cache'],
	['_ZN3app4workEii', 'app::work'],
	['_ZNSt5mutex4lockEv', 'std::mutex::lock'],
	['_ZN7AccountC2ERKS_', 'Account::Account'],
	['_ZN4shop7AccountD0Ev', 'shop::Account::~Account'],
	['_ZThn16_N4shop9InventoryD1Ev', 'non-virtual thunk to shop::Inventory::~Inventory'],
	['_ZTv0_n24_N4shop9InventoryD0Ev', 'virtual thunk to shop::Inventory::~Inventory'],
	['_ZTVN4shop9InventoryE', 'vtable for shop::Inventory'],
	['_ZNKSt6vectorIiSaIiEE4sizeEv', 'std::vector<int, std::allocator<int>>::size'],
	['_ZN12_GLOBAL__N_14pollEv', '(anonymous namespace)::poll'],
	['_ZNSt3mapISsiE5clearEv', 'std::map<std::string, int>::clear'],
	['_ZN1aplERKS_S1_', 'a::operator+'],
	['_ZGVZN3app6configEvE8instance', 'guard variable for app::config::instance'],
	['_ZZ4mainENKUlvE_clEv', 'main::{lambda()#1}::operator()'],
	['_ZZ4mainENKUliPcE0_clEiS_', 'main::{lambda(int, char*)#2}::operator()'],
	['_ZN1a1bILi3ELb1EE1cEv', 'a::b<3, true>::c'],
	['_ZN3app4workEii.cold', 'app::work.cold'],
])('%s is %s', (symbol, name) => {
	expect(demangle(symbol)).toBe(name);
});

test.each([
	['_ZN3std2io5Write9write_all17h0123456789abcdefE', 'std::io::Write::write_all'],
	[
		'_ZN69_$LT$std..sync..mutex..Mutex$LT$T$GT$$u20$as$u20$core..fmt..Debug$GT$3fmt17h0123456789abcdefE',
		'<std::sync::mutex::Mutex<T> as core::fmt::Debug>::fmt',
	],
	[
		'_RNvMNtNtNtNtCsjrHSEGnQ3l9_3std3sys4sync5mutex5futexNtB2_5Mutex14lock_contended',
		'std::sys::sync::mutex::futex::Mutex::lock_contended',
	],
	['_RNvNtNtCsjrHSEGnQ3l9_3std6thread9functions5sleep', 'std::thread::functions::sleep'],
	[
		'_RINvMNtCsgEmfK2I1SDS_4core3stre18trim_start_matchesReECsgY6Mt91CT9J_14rustc_demangle',
		'str::trim_start_matches',
	],
	['_RNCNvCs4fqI2P2rA04_3app4main0', 'app::main::{closure}'],
	[
		'_RNvXs_Cs4fqI2P2rA04_3appNtB4_4PoolNtNtNtCs1_4core3ops4drop4Drop4drop',
		'<app::Pool as core::ops::drop::Drop>::drop',
	],
])('of Rust %s is %s', (symbol, name) => {
	expect(demangle(symbol)).toBe(name);
});

test.each([
	'_Z',
	'_ZN',
	'_ZN3ap',
	'_ZNSt',
	'_ZN99999999999999999999aE',
	'_ZS_',
	'_ZN1aIXadL_Z1bEEE1cEv',
	`_Z${'P'.repeat(5000)}i`,
	'_ZNT_1aE',
])('what can’t be read stays as it is: %s', symbol => {
	expect(demangle(symbol)).toBe(symbol);
});
