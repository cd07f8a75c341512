import {describe, expect, test} from 'vitest';
import {type RuntimeClues, recogniseRuntime} from '../../source/runtimes/recognise-runtime.js';

const clues = (overrides: Partial<RuntimeClues>): RuntimeClues => ({
	exe: undefined,
	mappedFiles: undefined,
	commandLine: undefined,
	name: 'program',
	...overrides,
});

describe('recogniseRuntime', () => {
	test('a shared build of CPython is known by its library', () => {
		expect(
			recogniseRuntime(
				clues({
					exe: '/opt/python/bin/python3.11',
					mappedFiles: ['/usr/lib/libc.so.6', '/opt/python/lib/libpython3.11.so.1.0'],
				}),
			),
		).toEqual({name: 'cpython', version: '3.11', source: 'maps'});
	});

	test('a static build of CPython is known by its executable', () => {
		expect(
			recogniseRuntime(clues({exe: '/usr/bin/python3.11', mappedFiles: ['/usr/lib/libc.so.6']})),
		).toEqual({name: 'cpython', version: '3.11', source: 'exe'});
	});

	test('extension modules tell the version of an executable that hides it', () => {
		expect(
			recogniseRuntime(
				clues({
					exe: '/app/bin/python',
					mappedFiles: ['/app/lib/python3.9/lib-dynload/_json.cpython-39-x86_64-linux-gnu.so'],
				}),
			),
		).toEqual({name: 'cpython', version: '3.9', source: 'maps'});
	});

	test('Python 2.7, PyPy, Java, Ruby and Node are told apart', () => {
		expect(recogniseRuntime(clues({exe: '/usr/bin/python2.7', mappedFiles: []}))).toEqual({
			name: 'cpython',
			version: '2.7',
			source: 'exe',
		});
		expect(
			recogniseRuntime(
				clues({exe: '/usr/bin/pypy3', mappedFiles: ['/usr/lib/pypy3/libpypy3.9-c.so']}),
			),
		).toEqual({name: 'pypy', version: '3.9', source: 'maps'});
		expect(
			recogniseRuntime(
				clues({
					exe: '/usr/lib/jvm/java-17-openjdk-amd64/bin/java',
					mappedFiles: ['/usr/lib/jvm/java-17-openjdk-amd64/lib/server/libjvm.so'],
				}),
			),
		).toEqual({name: 'jvm', version: '17', source: 'maps'});
		expect(
			recogniseRuntime(
				clues({exe: '/usr/bin/ruby3.1', mappedFiles: ['/lib/libruby-3.1.so.3.1.2']}),
			),
		).toEqual({name: 'ruby', version: '3.1', source: 'maps'});
		expect(recogniseRuntime(clues({exe: '/usr/bin/node', mappedFiles: []}))).toEqual({
			name: 'node',
			source: 'exe',
		});
	});

	test('.NET, the BEAM and PHP are told apart', () => {
		const told = (exe: string, ...mappedFiles: string[]) =>
			recogniseRuntime(clues({exe, mappedFiles}));
		expect(
			told('/usr/bin/dotnet', '/usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.4/libcoreclr.so'),
		).toEqual({name: 'dotnet', version: '8.0', source: 'maps'});
		// A program that brings its own runtime along.
		expect(told('/app/shop', '/app/libcoreclr.so')).toEqual({name: 'dotnet', source: 'maps'});
		expect(
			told('/usr/lib/erlang/erts-13.1.5/bin/beam.smp', '/usr/lib/erlang/erts-13.1.5/bin/beam.smp'),
		).toEqual({name: 'beam', version: '13.1', source: 'maps'});
		expect(told('/usr/sbin/php-fpm8.2')).toEqual({name: 'php', version: '8.2', source: 'exe'});
		expect(told('/usr/sbin/apache2', '/usr/lib/apache2/modules/libphp8.2.so')).toEqual({
			name: 'php',
			version: '8.2',
			source: 'maps',
		});
	});

	test('the folder of a JDK tells its version, also the old way of counting', () => {
		const version = (folder: string) =>
			recogniseRuntime(
				clues({exe: `${folder}/bin/java`, mappedFiles: [`${folder}/lib/server/libjvm.so`]}),
			)?.version;
		expect(version('/usr/lib/jvm/temurin-25-jdk-amd64')).toBe('25');
		expect(version('/opt/jdk-21.0.2+13')).toBe('21');
		expect(version('/opt/jdk1.8.0_292')).toBe('8');
		expect(version('/opt/graalvm-ce-java17-22.3.0')).toBe('17');
		expect(version('/app/runtime')).toBeUndefined();
	});

	test('a build without a GIL keeps its t', () => {
		expect(
			recogniseRuntime(
				clues({exe: '/opt/bin/python3.13t', mappedFiles: ['/opt/lib/libpython3.13t.so.1.0']}),
			)?.version,
		).toBe('3.13t');
	});

	test('a program that embeds Python is a Python process', () => {
		expect(
			recogniseRuntime(
				clues({exe: '/usr/bin/uwsgi', mappedFiles: ['/usr/lib/libpython3.12.so.1.0']}),
			),
		).toEqual({name: 'cpython', version: '3.12', source: 'maps'});
	});

	test('a Python program that loads the JVM stays a Python program', () => {
		expect(
			recogniseRuntime(
				clues({exe: '/usr/bin/python3.12', mappedFiles: ['/usr/lib/jvm/java-17-x/lib/libjvm.so']}),
			)?.name,
		).toBe('cpython');
	});

	test('an executable that was replaced by an upgrade is still known', () => {
		expect(
			recogniseRuntime(clues({exe: '/usr/bin/python3.11 (deleted)', mappedFiles: []}))?.version,
		).toBe('3.11');
	});

	test('with exe and maps refused, the command line is what there is', () => {
		const refused = {exe: null, mappedFiles: null};
		expect(
			recogniseRuntime(clues({...refused, commandLine: ['/usr/bin/python3.11', 'app.py']})),
		).toEqual({name: 'cpython', version: '3.11', source: 'commandLine'});
		expect(
			recogniseRuntime(clues({...refused, commandLine: ['gunicorn: worker [shop]', '']})),
		).toEqual({name: 'cpython', source: 'commandLine'});
		expect(
			recogniseRuntime(clues({...refused, commandLine: ['/opt/run'], name: 'python3'}))?.name,
		).toBe('cpython');
	});

	test('a command line that lies counts for nothing when exe and maps could be read', () => {
		expect(
			recogniseRuntime(
				clues({
					exe: '/bin/bash',
					mappedFiles: ['/usr/lib/libc.so.6'],
					commandLine: ['python3', 'app.py'],
				}),
			),
		).toBeUndefined();
	});

	test('what only sounds like a runtime is none', () => {
		for (const exe of [
			'/usr/bin/pythonista',
			'/usr/bin/javac',
			'/usr/bin/node_exporter',
			'',
			'/',
		]) {
			expect(recogniseRuntime(clues({exe, mappedFiles: []}))).toBeUndefined();
		}
	});

	test("a file in Node's folder makes no Node process", () => {
		const mappedFiles = ['/opt/node/v20.1.0/lib/addon.node'];
		expect(recogniseRuntime(clues({exe: '/usr/bin/tool', mappedFiles}))).toBeUndefined();
		expect(recogniseRuntime(clues({exe: '/opt/node/v20.1.0/bin/node', mappedFiles}))?.version).toBe(
			'20.1.0',
		);
	});

	test('nothing known, refused or empty gives no runtime', () => {
		expect(recogniseRuntime(clues({}))).toBeUndefined();
		expect(
			recogniseRuntime(clues({exe: null, mappedFiles: null, commandLine: null})),
		).toBeUndefined();
		expect(recogniseRuntime(clues({commandLine: []}))).toBeUndefined();
	});
});
