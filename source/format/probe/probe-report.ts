import type {Probe} from '../../model/probe.js';
import type {Snapshot} from '../../model/snapshot.js';
import type {FindingLine} from '../finding.js';
import {markdownText} from '../markdown.js';
import {callLines} from './call-lines.js';
import {cpuLines, lockLines, summaryLines} from './probe-lines.js';
import {stackLines} from './stack-lines.js';
import {timelineLines} from './timeline-lines.js';

const width = 110;
const stacksInReport = 60;

/** Lines as they are, in a block of code; a fence inside can't end it. */
const block = (lines: readonly FindingLine[]): string[] =>
	lines.length === 0
		? []
		: ['```text', ...lines.map(({text}) => text.trimEnd().replaceAll('```', "'''")), '```', ''];

/** A probe as Markdown for a ticket, with the findings about its process. */
export const probeReport = (probe: Probe, {host, findings}: Snapshot): string => {
	const {pid, name, startedAt} = probe;
	const own = findings.filter(({pids}) => pids.includes(pid));
	const stacks = stackLines(probe, width);
	return [
		`# ctop probe: ${markdownText(name)} (pid ${pid}) on ${markdownText(host.name)}, ${startedAt}`,
		'',
		...own.map(
			({severity, title, rule}) => `- **${severity}** ${markdownText(title)} (\`${rule}\`)`,
		),
		...(own.length > 0 ? [''] : []),
		...block(summaryLines(probe, width)),
		...block(callLines(probe, width)),
		...block(lockLines(probe, width)),
		...block(cpuLines(probe, width)),
		...block(timelineLines(probe, width)),
		...block(stacks.slice(0, stacksInReport)),
		...(stacks.length > stacksInReport ? ['The rest is in stacks.txt.', ''] : []),
		'Open snapshot.json with `ctop replay snapshot.json`, the .speedscope.json files on speedscope.app or with the speedscope package.',
		'',
	].join('\n');
};
