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
	['_ZN4nodeoRERNS_13SnapshotFlagsES0_', 'node::operator|='],
	['_ZN4PoolnaEm', 'Pool::operator new[]'],
	['_ZZ4workiENKUlRKT_E_clIiEEDaS1_', 'work::{lambda(auto:1 const&)#1}::operator()<int>'],
	[
		'_ZNKSt13basic_istreamIwSt11char_traitsIwEE6sentrycvbEv',
		'std::basic_istream<wchar_t, std::char_traits<wchar_t>>::sentry::operator bool',
	],
	[
		'_ZNSt12__shared_ptrIiLN9__gnu_cxx12_Lock_policyE2EE5resetEv',
		'std::__shared_ptr<int, (__gnu_cxx::_Lock_policy)2>::reset',
	],
	['_ZN1a1bILj3ELm4ELln5EE1cEv', 'a::b<3u, 4ul, -5l>::c'],
	[
		'_ZN4node10StreamBase8JSMethodIXadL_ZNS0_10ReadStopJSERKN2v820FunctionCallbackInfoINS2_5ValueEEEEEEEvS7_',
		'node::StreamBase::JSMethod<&node::StreamBase::ReadStopJS>',
	],
	[
		'_ZN4node4wasi4WASI12WasiFunctionIPFjRS1_NS0_10WasmMemoryEjEE11SetFunctionEv',
		'node::wasi::WASI::WasiFunction<unsigned int (*)(node::wasi::WASI&, node::wasi::WasmMemory, unsigned int)>::SetFunction',
	],
	[
		'_ZN1a1bIM4CartKFviEM4CartFvvEM4CartiE1cEv',
		'a::b<void (Cart::*)(int) const, void (Cart::*)(), int Cart::*>::c',
	],
	[
		'_ZN5tpool11thread_pool22m_worker_init_callbackMUlvE_4_FUNEv',
		'tpool::thread_pool::m_worker_init_callback::{lambda()#1}::_FUN',
	],
	[
		'_ZStlsIwSt11char_traitsIwEERSt13basic_ostreamIT_T0_ES6_PKS3_',
		'std::operator<< <wchar_t, std::char_traits<wchar_t>>',
	],
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
		'_RNCNCNvNtNtCsjrHSEGnQ3l9_3std3sys9backtrace10__print_fmts_00B9_',
		'std::sys::backtrace::_print_fmt::{closure}::{closure}',
	],
	[
		'_RNvXs1g_NtCsgEmfK2I1SDS_4core3fmtRDNtB6_5DebugEL_Bx_3fmtB8_',
		'<&dyn core::fmt::Debug as core::fmt::Debug>::fmt',
	],
	[
		'_RNvMs3_NtCslNYArtu3iFV_5alloc7raw_vecINtB5_6RawVecTOhFUKCBN_EuENtNtCsjrHSEGnQ3l9_3std5alloc6SystemE8grow_oneB13_',
		'alloc::raw_vec::RawVec::grow_one',
	],
	[
		'_RNSNvYNCNCNvNtNtCsjrHSEGnQ3l9_3std3sys9backtrace10__print_fmts_00INtNtNtCsgEmfK2I1SDS_4core3ops8function6FnOnceTRNtNtNtBe_12backtrace_rs9symbolize6SymbolEE9call_once6vtableBe_',
		'<std::sys::backtrace::_print_fmt::{closure}::{closure} as core::ops::function::FnOnce>::call_once::{shim:vtable}',
	],
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
	'_ZN1aIXsZT_EE1cEv',
	`_Z${'P'.repeat(5000)}i`,
	'_ZNT_1aE',
])('what can’t be read stays as it is: %s', symbol => {
	expect(demangle(symbol)).toBe(symbol);
});
