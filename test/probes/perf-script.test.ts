import {expect, test} from 'vitest';
import {createPerfScriptParser, parsePerfScript} from '../../source/probes/perf-script.js';

/** As perf 6.1 printed it, of a C program and of Python. */
const output = `loop 30759   622.793164: 
	            118d inner (/srv/app/loop)
	            11c4 outer (/srv/app/loop)
	           2724a __libc_start_call_main (/usr/lib/x86_64-linux-gnu/libc.so.6)

worker thread 1 30761   622.845046: 
	ffffffff81a02c41 futex_wait_queue ([kernel.kallsyms])
	ffffffffc0123456 nf_hook ([nf_tables])
	          1d4a2f _PyEval_EvalFrameDefault (/usr/bin/python3.11)
	    7f1e5c3a1234 [unknown] ([unknown])

`;

test('a sample has its thread, its time and its frames, innermost first', () => {
	const [first, second] = parsePerfScript(output);
	expect(first).toEqual({
		name: 'loop',
		tid: 30_759,
		seconds: 622.793164,
		frames: [
			{name: 'inner', file: 'loop', isKernel: false},
			{name: 'outer', file: 'loop', isKernel: false},
			{name: '__libc_start_call_main', file: 'libc.so.6', isKernel: false},
		],
	});
	expect(second?.name).toBe('worker thread 1');
	expect(second?.frames.map(({isKernel}) => isKernel)).toEqual([true, true, false, false]);
});

test('the text may come in pieces of any size', () => {
	const samples: unknown[] = [];
	const parser = createPerfScriptParser(sample => samples.push(sample));
	for (const character of output) {
		parser.push(character);
	}

	parser.end();
	expect(samples).toEqual(parsePerfScript(output));
});

test('functions of C++ with blanks and brackets are one frame', () => {
	const [sample] = parsePerfScript(
		'app 1 2.5: \n\t 1 std::function<int (char)>::operator()(char) const (/opt/bin/app)\n\n',
	);
	expect(sample?.frames).toEqual([
		{name: 'std::function<int (char)>::operator()(char) const', file: 'app', isKernel: false},
	]);
});

test('what is no sample is passed over', () => {
	expect(parsePerfScript('# captured on ...\nWARNING: no symbols\n\n')).toEqual([]);
	expect(parsePerfScript('')).toEqual([]);
});
