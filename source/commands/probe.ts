import process from 'node:process';
import {printable} from '../format/printable.js';
import {probeText} from '../format/probe/probe-lines.js';
import {phaseText, probeAnnouncement, progressBar} from '../format/probe/progress.js';
import {wrapWords} from '../format/wrap.js';
import type {Probe} from '../model/probe.js';
import type {Snapshot} from '../model/snapshot.js';
import {probeProcess} from '../probes/probe.js';
import {describeSubject, ProbeRefusal} from '../probes/subject.js';
import {findTool, knowsTools} from '../probes/tools.js';
import {snapshotToText} from '../snapshot/snapshot-text.js';
import type {LookFormat} from './format-names.js';
import {complain, writeOutput} from './output.js';
import {makeProbeDirectory, writeProbeFiles} from './probe-files.js';
import {exitCode} from './usage-error.js';
import {startWatch, type Watch, type WatchOptions} from './watch.js';

export type ProbeCommandOptions = WatchOptions & {
	pid: number;
	seconds: number;
	format: LookFormat;
	/** Counts system calls with strace too, which slows the program down. */
	strace: boolean;
	colour: boolean;
	/** A new directory for all that was found. */
	outputDirectory?: string;
};

const millisecondsBetweenBars = 100;
const margin = ' '.repeat('ctop: '.length);

/** Says on a terminal how far it is; elsewhere nothing. */
const createProgress = (seconds: number) => {
	const isShown = process.stderr.isTTY;
	let shownAt = 0;
	let shownWhat = '';
	return {
		show(share: number, what: string) {
			const now = performance.now();
			if (isShown && (what !== shownWhat || now - shownAt > millisecondsBetweenBars)) {
				shownAt = now;
				shownWhat = what;
				process.stderr.write(`\r${progressBar(share, seconds)} ${phaseText(what)}\u{1B}[K`);
			}
		},
		end() {
			if (isShown) {
				process.stderr.write('\r\u{1B}[K');
			}
		},
	};
};

/** What is known of the whole machine when the probe is over, as the process's surroundings. */
const newestOf = async (watch: Watch): Promise<Snapshot> =>
	new Promise(resolve => {
		const stop = watch.subscribe(snapshot => {
			// At once when there is one; the listener is there for the first.
			setImmediate(() => stop());
			resolve(snapshot);
		});
	});

/** In lines of a terminal, all as far in as the first one is behind the program's name. */
const wrapped = (text: string, columns: number): string =>
	wrapWords(text, Math.max(20, columns - margin.length)).join(`\n${margin}`);

/** Says what it is going to do. */
const announce = ({target, pid, seconds, strace}: ProbeCommandOptions): void => {
	const {name, threadCount} = describeSubject(target, pid);
	for (const line of probeAnnouncement({
		pid,
		name,
		threads: threadCount,
		seconds,
		perf: knowsTools(target) && findTool('perf') !== undefined,
		strace: strace && knowsTools(target) && findTool('strace') !== undefined,
	})) {
		complain(process.stderr.isTTY ? wrapped(line, process.stderr.columns) : line);
	}
};

const write = (probe: Probe, snapshot: Snapshot, options: ProbeCommandOptions): void => {
	const {outputDirectory, format} = options;
	if (outputDirectory !== undefined) {
		const files = writeProbeFiles(outputDirectory, probe, snapshot);
		complain(`wrote ${files.length} files to ${outputDirectory}`);
	}

	writeOutput(
		format === 'json'
			? snapshotToText(snapshot)
			: probeText(probe, process.stdout.isTTY ? process.stdout.columns : 160),
	);
};

/** `ctop probe PID`: one close look at a process. Resolves with the exit code. */
export const runProbe = async (options: ProbeCommandOptions): Promise<number> => {
	const {target, pid, seconds, strace, outputDirectory} = options;
	const interrupt = new AbortController();
	const onInterrupt = () => interrupt.abort();
	let watch: Watch | undefined;
	const progress = createProgress(seconds);
	try {
		announce(options);
		if (outputDirectory !== undefined) {
			makeProbeDirectory(outputDirectory);
		}

		watch = startWatch({
			...options,
			// What sweeps take meanwhile is better spent on looks.
			intervalSeconds: Math.max(options.intervalSeconds, seconds),
			selection: {pids: [pid]},
		});
		watch.setFocus([pid]);
		process.once('SIGINT', onInterrupt);
		// What it reads of each thread needn't be read once more.
		await newestOf(watch);
		const probe = await probeProcess({
			target,
			pid,
			watched: watch.threads,
			seconds,
			strace,
			onProgress: progress.show,
			signal: interrupt.signal,
		});
		progress.end();
		const snapshot = {...(await newestOf(watch)), probes: [probe]};
		write(probe, snapshot, options);
		return exitCode.fine;
	} catch (error) {
		progress.end();
		if (error instanceof ProbeRefusal) {
			complain(printable(error.message));
			return error.reason === 'gone' ? exitCode.pidsGone : exitCode.error;
		}

		throw error;
	} finally {
		process.removeListener('SIGINT', onInterrupt);
		watch?.stop();
	}
};
