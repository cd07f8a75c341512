import {accessSync, constants, statSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import type {DoctorCheck} from '../../model/doctor.js';
import {isAsciiLocale, wantsColour} from '../colours.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** The part of a terminal that decides what can be shown. */
export type Terminal = {isTTY: boolean; columns?: number; rows?: number};

/** From here on the findings stand beside the table; see the layouts of the screen. */
const columnsForPanel = 110;

const terminalCheck = (
	environment: Environment,
	output: Terminal,
	input: Terminal,
): DoctorCheck => {
	const what = 'terminal';
	const gives = 'the live screen';
	const term = environment['TERM'] ?? 'unset';
	if (!output.isTTY || term === 'dumb') {
		const found = output.isTTY ? 'TERM=dumb' : 'standard output is not one';
		return {
			what,
			state: 'missing',
			found,
			gives,
			lost: 'the screen: one text frame, as with -b -n 1',
		};
	}

	const {columns = 0, rows = 0} = output;
	const found = `${columns}x${rows}, TERM=${term}`;
	if (!input.isTTY) {
		return {what, state: 'partly', found, gives, lost: 'keys: standard input is no terminal'};
	}

	return columns < columnsForPanel
		? {
				what,
				state: 'partly',
				found,
				gives,
				lost: `findings stand under the table; beside it from ${columnsForPanel} columns on`,
			}
		: {what, state: 'ok', found, gives};
};

const colourCheck = (environment: Environment): DoctorCheck => {
	const what = 'colours';
	const gives = 'severities by colour too; their words are always there';
	if (wantsColour('auto', environment)) {
		return {what, state: 'ok', found: '16 colours', gives};
	}

	const because = ['NO_COLOR', 'FORCE_COLOR', 'TERM'].find(name => environment[name]) ?? '';
	const found = `off, by ${because}=${environment[because]}`;
	return {what, state: 'missing', found, gives, lost: 'colours; --color always turns them on'};
};

const charactersCheck = (environment: Environment): DoctorCheck => {
	const what = 'characters';
	const gives = 'names and signs beyond ASCII';
	const name = ['LC_ALL', 'LC_CTYPE', 'LANG'].find(each => environment[each]);
	const found = name === undefined ? 'no locale is set' : `${name}=${environment[name]}`;
	return isAsciiLocale(environment)
		? {what, state: 'missing', found, gives, lost: 'they are replaced; LC_ALL=C.UTF-8 keeps them'}
		: {what, state: 'ok', found, gives};
};

/** What the screen can be like. */
export const checkTerminal = (
	environment: Environment,
	output: Terminal,
	input: Terminal,
): readonly DoctorCheck[] => [
	terminalCheck(environment, output, input),
	colourCheck(environment),
	charactersCheck(environment),
];

/** Programs that ctop starts itself, and those that findings name as the next step. */
const programs: readonly {name: string; gives: string; without: string}[] = [
	{
		name: 'ss',
		gives: 'how long listen queues may grow, for preflight',
		without: 'the limits of listen queues',
	},
	{
		name: 'chrt',
		gives: 'priority for ctop itself where it gets no CPU, as root',
		without: 'ctop has gaps on a machine so overloaded',
	},
	...[
		['perf', 'where CPU time goes'],
		['strace', 'system calls of one process; it slows the process down'],
		['gdb', 'stacks of a process that is stuck; it stops the process'],
		['py-spy', 'Python stacks'],
		['rbspy', 'Ruby stacks'],
		['jcmd', 'Java stacks and locks'],
	].map(([name, gives]) => ({
		name: name!,
		gives: `next step: ${gives}`,
		without: 'nothing that ctop itself reads',
	})),
];

const findProgram = (name: string, searchPath: string): string | undefined =>
	searchPath
		.split(path.delimiter)
		.filter(directory => directory !== '')
		.map(directory => path.join(directory, name))
		.find(file => {
			try {
				accessSync(file, constants.X_OK);
				return statSync(file).isFile();
			} catch {
				return false;
			}
		});

/** Which programs beside ctop are there; none is started. */
export const checkPrograms = (environment: Environment): readonly DoctorCheck[] =>
	programs.map(({name, gives, without}) => {
		const file = findProgram(name, environment['PATH'] ?? '');
		return file === undefined
			? {what: name, state: 'missing', found: 'not in PATH', gives, lost: without}
			: {what: name, state: 'ok', found: file, gives};
	});

/** Where files of `s`, `snapshot` and `record` go. */
export const checkDirectory = (): DoctorCheck => {
	const what = 'current directory';
	const gives = 'the place of files that are given no name';
	const directory = process.cwd();
	try {
		accessSync(directory, constants.W_OK);
		return {what, state: 'ok', found: directory, gives};
	} catch {
		const lost = `it can't be written: a saved Snapshot goes to ${os.tmpdir()}`;
		return {what, state: 'refused', found: directory, gives, lost};
	}
};
