import {mkdirSync} from 'node:fs';
import path from 'node:path';
import {formatFolded} from '../format/flame/folded.js';
import {formatSpeedscope} from '../format/flame/speedscope.js';
import {formatFlameSvg} from '../format/flame/svg.js';
import {probeReport} from '../format/probe/probe-report.js';
import {stackLines} from '../format/probe/stack-lines.js';
import {timelineLines} from '../format/probe/timeline-lines.js';
import type {FlameGraph} from '../model/flame-graph.js';
import type {Probe} from '../model/probe.js';
import type {Snapshot} from '../model/snapshot.js';
import {snapshotToText} from '../snapshot/snapshot-text.js';
import {writeNewFile} from '../snapshot/write-snapshot.js';
import {readFlameScript} from './flame-script.js';
import {toolVersion} from './tool-version.js';
import {UsageError} from './usage-error.js';

const ownerOnlyFolder = 0o700;
/** A file has no edge that a line must end at. */
const widestLine = 400;

/** Makes a new directory, for its owner only; throws UsageError when there is one of that name or it can't be made. */
export const makeProbeDirectory = (directory: string): void => {
	try {
		mkdirSync(directory, {mode: ownerOnlyFolder});
	} catch (error) {
		const {code, message} = error as NodeJS.ErrnoException;
		throw new UsageError(code === 'EEXIST' ? `${directory} exists; not overwritten` : message);
	}
};

const graphFiles = (
	name: string,
	title: string,
	subtitle: string,
	graph: FlameGraph,
): readonly (readonly [string, string])[] => [
	[`${name}.svg`, formatFlameSvg(graph, {title, subtitle, script: readFlameScript()})],
	[`${name}.folded`, formatFolded(graph)],
	[
		`${name}.speedscope.json`,
		formatSpeedscope(graph, {name: title, exporter: `ctop ${toolVersion}`}),
	],
];

/** All files of a probe by their names: for a ticket, and for the tools that read them. */
export const probeFiles = (
	probe: Probe,
	snapshot: Snapshot,
): readonly (readonly [name: string, text: string])[] => {
	const {pid, name, onCpu} = probe;
	const how = `${probe.seconds.toFixed(1)} s from ${probe.startedAt} on, ${probe.sampling.threads} threads`;
	const lines = [...stackLines(probe, widestLine), ...timelineLines(probe, widestLine)];
	return [
		['report.md', probeReport(probe, snapshot)],
		['snapshot.json', snapshotToText(snapshot)],
		[
			'syscalls.json',
			`${JSON.stringify(
				{
					pid,
					seconds: probe.seconds,
					sampled: probe.calls,
					...(probe.exactCalls && {exact: probe.exactCalls}),
				},
				undefined,
				'\t',
			)}\n`,
		],
		['stacks.txt', `${lines.map(({text}) => text.trimEnd()).join('\n')}\n`],
		...graphFiles('wait', `${name} (${pid}): where threads waited`, how, probe.offCpu),
		...(onCpu
			? graphFiles(
					'cpu',
					`${name} (${pid}): on a CPU`,
					`${how}, ${onCpu.source === 'perf' ? 'by perf' : 'without perf'}`,
					onCpu.graph,
				)
			: []),
	];
};

/** Writes them; returns their paths. */
export const writeProbeFiles = (
	directory: string,
	probe: Probe,
	snapshot: Snapshot,
): readonly string[] =>
	probeFiles(probe, snapshot).map(([name, text]) => {
		const file = path.join(directory, name);
		writeNewFile(file, text);
		return file;
	});
