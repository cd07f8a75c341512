import {readdirSync, readlinkSync, statSync} from 'node:fs';
import path from 'node:path';
import type {Runtime, Service} from '../model/process.js';
import {isKnown, type Reading} from '../model/reading.js';
import {type Mapping, parseMaps} from '../procfs/maps.js';
import {readText} from '../procfs/read-text.js';
import {refusedOrGone} from '../procfs/refused-or-gone.js';
import {readGoVersion, readGoVersionOfFile} from '../runtimes/go/read-version.js';
import {hintFor} from '../runtimes/hints.js';
import {recogniseRuntime} from '../runtimes/recognise-runtime.js';
import {recogniseService} from '../runtimes/services/recognise-service.js';
import {isSpawnedByPython, placeInFamily} from '../runtimes/services/service-family.js';
import type {ProcessEntry} from '../sampler/task-entry.js';
import type {Target} from '../targets/target.js';

/** Recognises what language runtime and what service each process is. */
export type RuntimeObserver = {
	/** Looks at processes that are new or run another program than before; by their ids. */
	update(processes: ReadonlyMap<number, ProcessEntry>): void;
};

type Recognised = {
	generation: number;
	/** In sweeps of the process. */
	at: number;
	runtime: Runtime | undefined;
	service: Service | undefined;
};

// Maps of a big process take a while: the rest of the processes follows in the next ticks.
const millisecondsPerUpdate = 20;

/** Some programs load a runtime after they have begun, as uWSGI does: young ones that have none are looked at again, at these sweeps. */
const sweepsOfLaterLooks = [2, 6, 20];

/** What Python programs have mapped that run an event loop; others may have an epoll queue for a moment. */
const eventLoopModules = /\/(?:_asyncio\.|uvloop\/|gevent\/)/;

const readLink = (file: string): Reading<string> => {
	try {
		return readlinkSync(file);
	} catch (error) {
		return refusedOrGone(error);
	}
};

/** The same text as long as a path names the same file; undefined when it names none that may be looked at. */
const identityOf = (file: string): string | undefined => {
	try {
		const {dev, ino, mtimeMs} = statSync(file);
		return `${dev}:${ino}:${mtimeMs}`;
	} catch {
		return undefined;
	}
};

export const createRuntimeObserver = (target: Target): RuntimeObserver => {
	const recognised = new WeakMap<ProcessEntry, Recognised>();

	/** Read anew and not kept: only few processes are asked later what is mapped where. */
	const mappingsOf = (process: ProcessEntry): Reading<readonly Mapping[]> => {
		const text = readText(path.join(target.procRoot, String(process.pid), 'maps'));
		return isKnown(text) ? parseMaps(text).filter(({inode}) => inode !== 0) : text;
	};

	/** By device and inode: many processes run few programs. */
	const goPrograms = new Map<string, Runtime | undefined>();

	const knownGo = (
		key: string,
		source: string,
		read: () => string | undefined,
	): Runtime | undefined => {
		if (!goPrograms.has(key)) {
			const version = read();
			goPrograms.set(
				key,
				version === undefined ? undefined : {name: 'go', ...(version !== '' && {version}), source},
			);
		}

		return goPrograms.get(key);
	};

	/** A program made by Go maps nothing that tells; its own data does. */
	const findGo = (
		{pid}: ProcessEntry,
		mappings: readonly Mapping[],
		exe: string,
	): Runtime | undefined => {
		const own = mappings.filter(mapping => mapping.path === exe);
		const [first] = own;
		if (!first) {
			return undefined;
		}

		return knownGo(`${first.device}:${first.inode}:${exe}`, 'exe', () =>
			readGoVersion(path.join(target.procRoot, String(pid), 'exe'), own),
		);
	};

	/**
	Another user's process: only its command line tells which file it runs, and that one may be readable for all. Not of a process
	elsewhere or in another file system, whose path names another file here: then it names a program of Go by chance only.
	*/
	const findGoByCommandLine = ({commandLine}: ProcessEntry): Runtime | undefined => {
		const program = isKnown(commandLine) ? commandLine[0] : undefined;
		const file = target.ownKernel && program?.startsWith('/') ? identityOf(program) : undefined;
		return file === undefined
			? undefined
			: knownGo(file, 'commandLine', () => readGoVersionOfFile(program!));
	};

	/** Whether one of its descriptors is an epoll queue; see epoll(7). */
	const hasEpoll = ({pid}: ProcessEntry): boolean => {
		const folder = path.join(target.procRoot, String(pid), 'fd');
		try {
			return readdirSync(folder).some(
				fd => readLink(path.join(folder, fd)) === 'anon_inode:[eventpoll]',
			);
		} catch {
			return false;
		}
	};

	const recognise = (process: ProcessEntry): Recognised => {
		const {commandLine, name, generation, sweeps} = process;
		const exe = readLink(path.join(target.procRoot, String(process.pid), 'exe'));
		const mappings = mappingsOf(process);
		const files = isKnown(mappings) ? [...new Set(mappings.map(({path: file}) => file))] : mappings;
		const runtime =
			recogniseRuntime({exe, commandLine, name, mappedFiles: files}) ??
			(isKnown(exe) && isKnown(mappings) ? findGo(process, mappings, exe) : undefined) ??
			(exe === null ? findGoByCommandLine(process) : undefined);
		const hint = runtime && hintFor(runtime.name, process.pid);
		const loops = isKnown(files) && files.some(file => eventLoopModules.test(file));
		return {
			generation,
			at: sweeps,
			runtime: runtime && {
				...runtime,
				...(runtime.name === 'cpython' && loops && hasEpoll(process) && {eventLoop: 'epoll'}),
				...(hint !== undefined && {hint}),
			},
			service: recogniseService({commandLine, name}),
		};
	};

	/** A process that wasn't looked at since it began to run its program, or may have loaded a runtime meanwhile. */
	const isDue = (process: ProcessEntry): boolean => {
		const last = recognised.get(process);
		return (
			!process.kernelThread &&
			(last?.generation !== process.generation ||
				(last.runtime === undefined &&
					sweepsOfLaterLooks.some(sweeps => last.at < sweeps && process.sweeps >= sweeps)))
		);
	};

	/** Whether something new was recognised. */
	const recogniseNew = (processes: Iterable<ProcessEntry>): boolean => {
		const began = performance.now();
		let isNew = false;
		for (const process of processes) {
			if (!isDue(process)) {
				continue;
			}

			if (performance.now() - began > millisecondsPerUpdate) {
				break;
			}

			const result = recognise(process);
			recognised.set(process, result);
			process.runtime = result.runtime;
			process.service = result.service;
			process.dirty ||= result.runtime !== undefined || result.service !== undefined;
			isNew ||= result.service !== undefined || isSpawnedByPython(process.commandLine);
		}

		return isNew;
	};

	/** Masters and workers, where their own command lines don't tell which is which. */
	const placeInFamilies = (processes: ReadonlyMap<number, ProcessEntry>): void => {
		const ownOf = (pid: number): Service | undefined => {
			const process = processes.get(pid);
			return process && recognised.get(process)?.service;
		};
		const all = [...processes.values()];
		const isWorkerOfParent = ({pid, parentPid, commandLine}: ProcessEntry): boolean => {
			const parent = ownOf(parentPid);
			const own = ownOf(pid);
			return (
				parent !== undefined && (own ? own.name === parent.name : isSpawnedByPython(commandLine))
			);
		};
		const withWorkers = new Set(all.filter(isWorkerOfParent).map(({parentPid}) => parentPid));
		const placed = new Map<number, Service | undefined>();
		const place = (pid: number): Service | undefined => {
			const process = processes.get(pid);
			const own = ownOf(pid);
			if (!process || !(own || isSpawnedByPython(process.commandLine)) || placed.has(pid)) {
				return placed.get(pid);
			}

			// A process that is its own ancestor is none of a real /proc.
			placed.set(pid, own);
			const {commandLine, parentPid} = process;
			const parent = place(parentPid);
			const service = placeInFamily({own, commandLine, parent, hasWorkers: withWorkers.has(pid)});
			placed.set(pid, service);
			return service;
		};
		for (const process of all) {
			const service = place(process.pid);
			if (service !== undefined) {
				process.service = service;
				process.dirty = true;
			}
		}
	};

	return {
		update(processes) {
			if (recogniseNew(processes.values())) {
				placeInFamilies(processes);
			}
		},
	};
};
