import {afterEach, describe, expect, test} from 'vitest';
import {probeProcess} from '../../source/probes/probe.js';
import {thisMachine} from '../../source/targets/local-target.js';
import {type JavaProgram, javas, startJava} from '../helpers/java.js';

let program: JavaProgram | undefined;

afterEach(async () => {
	await program?.stop();
	program = undefined;
});

test.skipIf(javas.length > 0)('probes of Java: no Java 17 or later with a compiler here', () => {
	expect(javas).toEqual([]);
});

describe.each(javas)('Java $version', ({java}) => {
	test('stacks of threads that wait have their Java frames, and the graph of waits has them too', async () => {
		program = await startJava(java, [], ['hold']);
		const {stacks, offCpu} = await probeProcess({
			target: thisMachine,
			pid: program.pid,
			seconds: 1.5,
		});
		const taking = stacks.filter(({runtimeStack}) =>
			runtimeStack?.[0]?.startsWith('Trouble.take (Trouble.java:'),
		);
		expect(taking.length).toBeGreaterThan(0);
		const names = offCpu.frames.map(({name}) => name);
		expect(names.some(name => name.startsWith('Trouble.take (Trouble.java:'))).toBe(true);
		expect(names.some(name => name.startsWith('Trouble.rest (Trouble.java:'))).toBe(true);
	});
});
