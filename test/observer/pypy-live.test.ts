import {type ChildProcess, spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {fileURLToPath} from 'node:url';
import {afterEach, expect, test} from 'vitest';
import {createFindingsEngine} from '../../source/findings/engine.js';
import {rules} from '../../source/findings/rules.js';
import type {Finding} from '../../source/model/finding.js';
import type {Snapshot} from '../../source/model/snapshot.js';
import {processIn, type Watched, watchTarget} from './watched.js';

const program = fileURLToPath(new URL('../zoo/gil-threads.py', import.meta.url));
const hasPypy = spawnSync('pypy3', ['--version']).status === 0;

let child: ChildProcess | undefined;
let watched: Watched | undefined;

afterEach(async () => {
	watched?.close();
	watched = undefined;
	if (child) {
		const ended = once(child, 'exit');
		child.stdin?.end();
		await ended;
	}

	child = undefined;
});

test.skipIf(!hasPypy)(
	'threads of PyPy that compute fight for its GIL, and none is told to hold it',
	async () => {
		child = spawn('pypy3', [program, '4'], {stdio: ['pipe', 'ignore', 'ignore']});
		const {pid} = child;
		watched = watchTarget();
		watched.setFocus([pid!]);
		const engine = createFindingsEngine(rules);
		const history: Snapshot[] = [];
		let findings: readonly Finding[] = [];
		const snapshot = await watched.tickUntil(each => {
			history.push(each);
			findings = engine
				.evaluate(history.slice(-60))
				.findings.filter(({pids}) => pids.includes(pid!));
			for (let look = 0; look < 10; look++) {
				watched!.look();
			}

			return findings.some(({rule}) => rule === 'gil-thrash');
		}, 100);
		expect(findings.find(({rule}) => rule === 'gil-thrash')).toMatchObject({confidence: 'certain'});
		expect(findings.map(({rule}) => rule)).not.toContain('lock-contention');
		const {runtime, locks} = processIn(snapshot, pid!)!;
		expect(runtime).toMatchObject({name: 'pypy', gil: {region: expect.stringMatching(/^libpypy/)}});
		expect(runtime?.gil).not.toHaveProperty('holderTid');
		expect(locks?.find(({kind}) => kind === 'gil')).not.toHaveProperty('holderTid');
	},
);
