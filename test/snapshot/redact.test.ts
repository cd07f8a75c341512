import {expect, test} from 'vitest';
import type {Snapshot} from '../../source/model/snapshot.js';
import {createRedactor} from '../../source/snapshot/redact.js';
import {makeIncident} from '../helpers/incident.js';
import {makeFinding, makeHost, makeProcess, makeSnapshot, makeThread} from '../helpers/snapshot.js';

const whoAndWhere = (): Snapshot =>
	makeSnapshot({
		host: makeHost({name: 'pay-db-3'}),
		processes: [
			makeProcess({
				pid: 10,
				name: 'java',
				user: 'alice',
				cgroup: '/system.slice/acme-shop.service',
				commandLine: ['/opt/acme/bin/java', '-jar', '/srv/acme/shop.jar', '--tenant=acme', '8'],
				threads: [
					makeThread({
						tid: 10,
						wait: {kind: 'socket', target: 'socket 10.1.2.3:5432 -> 10.9.8.7:1234'},
					}),
					makeThread({tid: 11, wait: {kind: 'disk', target: '/srv/acme/data/orders.db'}}),
				],
			}),
			makeProcess({pid: 11, user: 'root', cgroup: '/', commandLine: null}),
		],
		findings: [
			makeFinding({
				pid: 10,
				title: 'java of alice on pay-db-3: 8 threads fight for /srv/acme/shop.jar',
				evidence: [{what: 'waiters', value: 8, unit: 'threads', source: '/proc/10/task/*/syscall'}],
				fixes: [
					{what: 'restart --tenant=acme', why: 'mail dba@acme.example', command: 'jstack 10'},
				],
			}),
		],
		note: 'acme is slow',
	});

test('nothing of who and where is left but the note, which a person wrote', () => {
	const {note, ...rest} = createRedactor().redact(whoAndWhere());
	expect(JSON.stringify(rest)).not.toMatch(
		/acme|alice|pay-db|10\.1\.2\.3|10\.9\.8\.7|orders|4b6c0a53/,
	);
	expect(note).toBe('acme is slow');
	expect(rest.privacy).toEqual({secrets: 'masked', identities: 'replaced'});
});

test('what a diagnosis needs is left: program, numbers, calls, sources', () => {
	const redacted = createRedactor().redact(whoAndWhere());
	const [java, other] = redacted.processes;
	expect(java?.commandLine?.[0]).toBe('java');
	expect(java?.commandLine).toHaveLength(5);
	expect(java?.threads.map(({tid}) => tid)).toEqual([10, 11]);
	expect(java?.threads[0]?.wait?.kind).toBe('socket');
	expect(other?.commandLine).toBe(null);
	expect(other?.cgroup).toBe('/');
	expect(redacted.findings[0]?.evidence[0]?.source).toBe('/proc/10/task/*/syscall');
	expect(redacted.findings[0]?.title).toMatch(/^java of user-\w{8} on host-\w{8}: 8 threads fight/);
	expect(redacted.host.kernel).toBe('6.18.0');
	expect(redacted.system).toEqual(whoAndWhere().system);
});

test('the same text has the same token, in another file of the same boot too, and another one after a reboot', () => {
	const first = createRedactor().redact(whoAndWhere());
	const second = createRedactor().redact(whoAndWhere());
	expect(second.processes[0]?.commandLine).toEqual(first.processes[0]?.commandLine);
	expect(second.host.name).toBe(first.host.name);
	const host = makeHost({name: 'pay-db-3', bootId: 'another boot'});
	expect(createRedactor().redact({...whoAndWhere(), host}).host.name).not.toBe(first.host.name);
});

test('without a boot id nobody can try names: the tokens of two files differ', () => {
	const {bootId: _, ...host} = makeHost();
	const snapshot = {...whoAndWhere(), host};
	expect(createRedactor().redact(snapshot).host.name).not.toBe(
		createRedactor().redact(snapshot).host.name,
	);
});

test('a process that did not change stays the same object, and redacting twice changes nothing', () => {
	const redactor = createRedactor();
	const snapshot = makeIncident();
	const redacted = redactor.redact(snapshot);
	expect(redactor.redact(snapshot).processes[5]).toBe(redacted.processes[5]);
	expect(redactor.redact(redacted)).toBe(redacted);
});

test('source files of Python frames are replaced, wherever they stand; functions, lines and its own library stay', () => {
	const frame = 'Producer._poll (acme/producer.py:312)';
	const redacted = createRedactor().redact(
		makeSnapshot({
			processes: [
				makeProcess({
					pid: 10,
					threads: [
						makeThread({
							tid: 10,
							runtimeStack: [
								'Condition.wait (python3.11/threading.py:331)',
								frame,
								'f (<string>:1)',
							],
						}),
					],
				}),
			],
			findings: [
				makeFinding({pid: 10, title: `3 threads wake for nothing in ${frame}: 60 switches`}),
			],
		}),
	);
	expect(JSON.stringify(redacted)).not.toContain('acme');
	const stack = redacted.processes[0]?.threads[0]?.runtimeStack;
	expect(stack?.[0]).toBe('Condition.wait (python3.11/threading.py:331)');
	expect(stack?.[1]).toMatch(/^Producer\._poll \(path-\w{8}:312\)$/);
	expect(stack?.[2]).toBe('f (<string>:1)');
	expect(redacted.findings[0]?.title).toBe(
		`3 threads wake for nothing in ${stack?.[1]}: 60 switches`,
	);
});

test('packages of Java frames are replaced, wherever they stand; classes, lines and its own library stay', () => {
	const frames = [
		'jdk.internal.misc.Unsafe.park (Unsafe.java)',
		'java.util.concurrent.locks.ReentrantLock$Sync.lock (ReentrantLock.java:153)',
		'com.acme.shop.Orders$Book.<init> (Orders.java:79)',
		'com.acme.shop.Orders$$Lambda.run ()',
		'Trouble.take (Trouble.java:86)',
	];
	const redacted = createRedactor().redact(
		makeSnapshot({
			processes: [makeProcess({pid: 10, threads: [makeThread({tid: 10, runtimeStack: frames})]})],
			findings: [makeFinding({pid: 10, title: `8 threads in ${frames[2]}`})],
		}),
	);
	expect(JSON.stringify(redacted)).not.toContain('acme');
	const stack = redacted.processes[0]?.threads[0]?.runtimeStack;
	expect(stack?.filter((_, index) => index < 2 || index === 4)).toEqual([
		frames[0],
		frames[1],
		frames[4],
	]);
	expect(stack?.[2]).toMatch(/^package-\w{8}\.Orders\$Book\.<init> \(Orders\.java:79\)$/);
	expect(stack?.[3]).toBe(`${stack?.[2]?.split('.')[0]}.Orders$$Lambda.run ()`);
	expect(redacted.findings[0]?.title).toBe(`8 threads in ${stack?.[2]}`);
});
