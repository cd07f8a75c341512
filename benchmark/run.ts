/**
ctop against htop, top, pidstat, atop and a C program that makes the same reads, under the same load in the same run.
Prints the report and writes it to benchmark/results.md.
*/
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {bundle} from './bundle.ts';
import {compile, findNodes, versionOf} from './executables.ts';
import {timeFirstFrames} from './first-frame.ts';
import {type Load, startLoad, type Workload} from './load.ts';
import {describeMachine} from './machine.ts';
import {type Options, parseOptions, usage} from './options.ts';
import {type FoundPeers, findPeers, type Peer} from './peers.ts';
import {formatReport} from './report.ts';
import {runRounds} from './rounds.ts';
import {endAllSessions} from './session.ts';
import {growthOf, type SoakMinute, soak} from './soak.ts';
import {median} from './statistics.ts';
import {
	describeWorkload,
	judgeFirstFrame,
	judgeGrowth,
	judgeResults,
	type Result,
} from './targets.ts';

const here = import.meta.dirname;
const resultsFile = path.join(here, 'results.md');

const say = (line: string): void => {
	process.stderr.write(`${line}\n`);
};

const messageOf = (error: unknown): string =>
	error instanceof Error ? error.message : String(error);

/** Runs under a load, which ends however that ends. Undefined when the load can't be started. */
const underLoad = async <T>(
	program: string,
	workload: Workload,
	run: () => Promise<T>,
): Promise<T | undefined> => {
	let load: Load;
	try {
		load = await startLoad(program, workload);
	} catch (error) {
		say(`${describeWorkload(workload)}: ${messageOf(error)}`);
		return undefined;
	}

	try {
		return await run();
	} finally {
		await load.stop();
	}
};

const measureWorkloads = async (peers: readonly Peer[], load: string, options: Options) => {
	const results: Result[] = [];
	const failedWorkloads: string[] = [];
	for (const threads of options.threads) {
		for (const activePercent of options.activePercents) {
			const workload = {threads, activePercent};
			try {
				results.push(await runRounds(peers, workload, load, options, say));
			} catch (error) {
				failedWorkloads.push(`${describeWorkload(workload)}: ${messageOf(error)}`);
				say(failedWorkloads.at(-1) ?? '');
			}
		}
	}

	return {results, failedWorkloads};
};

const fullScreenNames = ['htop', 'top', 'ctop', 'ctop-system-node'];

const measureFirstFrames = async (peers: readonly Peer[], starts: number) => {
	const times = new Map<string, readonly number[]>();
	for (const peer of peers) {
		times.set(peer.name, await timeFirstFrames(peer, starts));
		say(`first frame: ${peer.name} ${median(times.get(peer.name) ?? [])?.toFixed(0)} ms`);
	}

	return times;
};

const measureSoak = async (ctop: Peer, minutes: number): Promise<readonly SoakMinute[]> =>
	soak(ctop, minutes, ({minute, rssBytes}) => {
		say(`minute ${minute}: ${(rssBytes / 1e6).toFixed(1)} MB`);
	});

const selectPeers = (found: FoundPeers, names: Options['peers']): readonly Peer[] => {
	const unknown = names?.find(name => !found.peers.some(peer => peer.name === name));
	if (unknown !== undefined) {
		const known = found.peers.map(({name}) => name).join(', ');
		throw new RangeError(`--peers ${unknown}: not here; there are ${known}`);
	}

	return found.peers.filter(({name}) => names?.includes(name) ?? true);
};

const run = async (options: Options, directory: string): Promise<void> => {
	const machine = describeMachine();
	const nodes = findNodes();
	const load = compile(path.join(here, 'load.c'), directory);
	const found = findPeers({
		directory,
		nodes,
		ctop: path.join(here, '../bin/ctop.js'),
		reader: compile(path.join(here, 'reader.c'), directory),
		sampler: await bundle(path.join(here, 'sampler.ts'), directory),
	});
	const peers = selectPeers(found, options.peers);
	for (const name of found.missing) {
		say(`${name} is not installed; left out`);
	}

	if (options.transcripts !== undefined) {
		mkdirSync(options.transcripts, {recursive: true});
	}

	const {results, failedWorkloads} = await measureWorkloads(peers, load, options);
	const fullScreen = peers.filter(({name}) => fullScreenNames.includes(name));
	const frameWorkload = {threads: Math.min(...options.threads), activePercent: 1};
	const firstFrames =
		(options.firstFrames > 0 && fullScreen.length > 0
			? await underLoad(load, frameWorkload, async () =>
					measureFirstFrames(fullScreen, options.firstFrames),
				)
			: undefined) ?? new Map<string, readonly number[]>();
	const ctop = peers.find(({name}) => name === 'ctop');
	const soakWorkload = {threads: Math.max(...options.threads), activePercent: 1};
	const minutes =
		(options.soakMinutes > 0 && ctop !== undefined
			? await underLoad(load, soakWorkload, async () => measureSoak(ctop, options.soakMinutes))
			: undefined) ?? [];

	const report = formatReport({
		takenAt: new Date(),
		machine,
		versions: {
			...found.versions,
			node: nodes.map(({version}) => version).join(' and '),
			cc: versionOf('cc', '--version') ?? 'unknown',
		},
		missing: found.missing,
		options,
		titles: new Map(peers.map(({name, title}) => [name, title])),
		results,
		failedWorkloads,
		firstFrames,
		soak: minutes,
		judgements: [
			...judgeResults(results),
			...(firstFrames.has('ctop')
				? [judgeFirstFrame(median(firstFrames.get('ctop') ?? []), frameWorkload)]
				: []),
			...(minutes.length > 0 ? [judgeGrowth(growthOf(minutes), soakWorkload)] : []),
		],
	});
	process.stdout.write(`${report}\n`);
	if (options.output !== undefined) {
		writeFileSync(options.output, `${report}\n`);
		say(`written to ${options.output}`);
	}
};

const main = async (): Promise<void> => {
	const options = parseOptions(process.argv.slice(2), resultsFile);
	if (options === undefined) {
		process.stdout.write(usage);
		return;
	}

	const directory = mkdtempSync(path.join(os.tmpdir(), 'ctop-benchmark-'));
	const cleanUp = () => {
		endAllSessions();
		rmSync(directory, {recursive: true, force: true});
	};
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
		process.once(signal, () => {
			cleanUp();
			process.exit(1);
		});
	}

	try {
		await run(options, directory);
	} finally {
		cleanUp();
	}
};

try {
	await main();
} catch (error) {
	// parseArgs of node:util throws TypeErrors with such codes; RangeErrors are thrown about values of options.
	const misused =
		error instanceof RangeError ||
		(error instanceof TypeError &&
			'code' in error &&
			String(error.code).startsWith('ERR_PARSE_ARGS'));
	const details = error instanceof Error ? error.stack : String(error);
	say(`benchmark: ${misused ? `${messageOf(error)}\n\n${usage}` : details}`);
	process.exitCode = misused ? 2 : 1;
}
