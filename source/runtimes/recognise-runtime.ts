import type {Runtime} from '../model/process.js';
import {isKnown, type Reading} from '../model/reading.js';
import {fileNameOf, findProgram} from './command-words.js';

/** What is known of a process before anything inside it was read. */
export type RuntimeClues = {
	/** Target of /proc/PID/exe. */
	exe: Reading<string>;
	/** Paths of the files that /proc/PID/maps names, in any order. */
	mappedFiles: Reading<readonly string[]>;
	commandLine: Reading<readonly string[]>;
	/** /proc/PID/comm: cut to 15 characters. */
	name: string;
};

type Pattern = {
	runtime: string;
	/** File name of the interpreter; the first group is the version. */
	program: RegExp;
	/** Full path of a file that only this runtime maps; the first group is the version. */
	mapped: readonly RegExp[];
};

// A `t` behind the version is a free-threaded build, which has no GIL: it stays part of the version.
const patterns: readonly Pattern[] = [
	{
		runtime: 'pypy',
		program: /^pypy(\d(?:\.\d+)?)?(?:-c)?$/,
		mapped: [/\/libpypy(\d\.\d+)?-c\.so/],
	},
	{
		runtime: 'cpython',
		program: /^python(\d(?:\.\d+)?t?)?(?:-dbg|d|m|dm)?$/,
		mapped: [
			/\/libpython(\d\.\d+t?)[dmu]*\.so/,
			// A static build maps no library of its own, yet its extension modules carry the version.
			/\/python(\d\.\d+t?)\/(?:lib-dynload|site-packages|dist-packages)\//,
		],
	},
	{
		runtime: 'jvm',
		program: /^java$/,
		mapped: [
			/\/(?:java|jdk|jre|temurin|zulu|corretto|graalvm)[a-z-]*(?:1\.)?(\d+)[^/]*\/.*libjvm\.so/,
			/\/libjvm\.so/,
		],
	},
	{
		runtime: 'ruby',
		program: /^ruby(\d\.\d+)?$/,
		mapped: [/\/libruby(?:-|\.so\.)?(\d\.\d+)/, /\/libruby[^/]*\.so/],
	},
	{
		runtime: 'dotnet',
		program: /^dotnet$/,
		mapped: [/\/Microsoft\.NETCore\.App\/(\d+\.\d+)[^/]*\/libcoreclr\.so/, /\/libcoreclr\.so/],
	},
	{
		runtime: 'beam',
		program: /^beam(?:\.smp|\.emu)?$/,
		mapped: [/\/erts-(\d+\.\d+)[^/]*\/bin\/beam/],
	},
	{
		runtime: 'php',
		program: /^php(?:-fpm|-cgi)?(\d+\.\d+)?$/,
		mapped: [/\/libphp(\d+\.\d+)?\.so/],
	},
	{runtime: 'node', program: /^(?:node|nodejs)(\d+)?$/, mapped: [/\/node\/v(\d+\.\d+\.\d+)\//]},
];

// Titles that a service sets over its command line hide the interpreter (setproctitle, `$0 =`).
const titledServices: readonly [RegExp, string][] = [
	[/^gunicorn: (?:master|worker|arbiter)/, 'cpython'],
	[/^\[celeryd: /, 'cpython'],
	[/^puma(?: \d|: cluster worker)/, 'ruby'],
	[/^(?:unicorn(?:_rails)? (?:master|worker)|sidekiq \d)/, 'ruby'],
	[/^php-fpm: (?:master|pool)/, 'php'],
];

const withoutDeleted = (path: string): string => path.replace(/ \(deleted\)$/, '');

const byProgram = (path: string): {pattern: Pattern; version?: string} | undefined => {
	const fileName = fileNameOf(withoutDeleted(path));
	for (const pattern of patterns) {
		const match = pattern.program.exec(fileName);
		if (match) {
			return {pattern, version: match[1]};
		}
	}

	return undefined;
};

/** Version where a file's path tells it, an empty text where a file of the runtime is mapped but doesn't. */
const mappedVersion = (pattern: Pattern, files: readonly string[]): string | undefined => {
	let found: string | undefined;
	for (const mapped of pattern.mapped) {
		for (const file of files) {
			const match = mapped.exec(file);
			if (match?.[1]) {
				return match[1];
			}

			found ??= match ? '' : undefined;
		}
	}

	return found;
};

const describe = (name: string, version: string | undefined, source: string): Runtime =>
	version ? {name, version, source} : {name, source};

const fromCommandLine = (commandLine: readonly string[], name: string): Runtime | undefined => {
	const title = commandLine[0] ?? '';
	const titled = titledServices.find(([pattern]) => pattern.test(title));
	if (titled) {
		return describe(titled[1], undefined, 'commandLine');
	}

	const program = byProgram(findProgram(commandLine).interpreter ?? title) ?? byProgram(name);
	return program && describe(program.pattern.runtime, program.version, 'commandLine');
};

/**
The language runtime that a process runs in, or nothing when it's none of those known here.

The executable decides which one it is (a Python program may map libjvm.so, and the
other way round), the mapped files tell the version, and a program that embeds a
runtime is known by its library alone. The command line, which a process may rewrite,
counts only where the kernel refused one of the other two or nobody collected it.
*/
export const recogniseRuntime = ({
	exe,
	mappedFiles,
	commandLine,
	name,
}: RuntimeClues): Runtime | undefined => {
	const files = isKnown(mappedFiles) ? mappedFiles.map(withoutDeleted) : [];
	const program = isKnown(exe) ? byProgram(exe) : undefined;
	if (program) {
		const {pattern, version} = program;
		const fromMaps = mappedVersion(pattern, files);
		return fromMaps
			? describe(pattern.runtime, fromMaps, 'maps')
			: describe(pattern.runtime, version, 'exe');
	}

	for (const pattern of patterns) {
		// A library in the address space proves a runtime; one of node's paths doesn't, any program may read there.
		const version = pattern.runtime === 'node' ? undefined : mappedVersion(pattern, files);
		if (version !== undefined) {
			return describe(pattern.runtime, version, 'maps');
		}
	}

	if (isKnown(exe) && isKnown(mappedFiles)) {
		return undefined;
	}

	return isKnown(commandLine) && commandLine.length > 0
		? fromCommandLine(commandLine, name)
		: undefined;
};
