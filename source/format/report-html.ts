import type {Finding} from '../model/finding.js';
import type {Column} from '../model/history.js';
import type {ServiceTotals} from '../model/service-totals.js';
import type {Snapshot} from '../model/snapshot.js';
import {formatFinding} from './finding.js';
import {formatPlainNumber} from './number.js';
import {printable} from './printable.js';
import {countFindings} from './severity.js';

const entities: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
};

/** Text that HTML takes for nothing but text, in an element or an attribute. */
export const htmlText = (text: string): string =>
	printable(text).replaceAll(/[&<>"']/g, character => entities[character]!);

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
pre{white-space:pre-wrap;background:#f4f4f4;padding:.75rem;border-left:.3rem solid #888}
pre.critical{border-color:#c00}pre.warning{border-color:#c80}pre.notice{border-color:#08a}
table{border-collapse:collapse}td,th{padding:.15rem .8rem;text-align:right;border-bottom:1px solid #ddd}
td:first-child,th:first-child{text-align:left}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}pre{background:#242424}td,th{border-color:#444}}`;

const proseColumns = 100;

const findingHtml = (finding: Finding, index: number, takenAt: string): string => {
	const lines = formatFinding(finding, proseColumns, {number: index + 1, takenAt, detail: 'full'});
	return `<pre class="${htmlText(finding.severity)}">${lines.map(({text}) => htmlText(text)).join('\n')}</pre>`;
};

const [chartWidth, chartHeight] = [600, 80];

/** A line over time; where nothing was measured it is broken. */
const chart = (values: Column): string => {
	const largest = Math.max(1, ...values.map(value => value ?? 0));
	const step = chartWidth / Math.max(1, values.length - 1);
	let path = '';
	let isDrawing = false;
	for (const [index, value] of values.entries()) {
		if (value !== null) {
			const [x, y] = [index * step, chartHeight - (value / largest) * chartHeight];
			path += `${isDrawing ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`;
		}

		isDrawing = value !== null;
	}

	return `<svg viewBox="0 0 ${chartWidth} ${chartHeight}" width="${chartWidth}" role="img" aria-label="from 0 to ${formatPlainNumber(largest)} a second"><path d="${path}" fill="none" stroke="currentColor" stroke-width="1.5"/></svg>`;
};

const historyHtml = ({history}: Snapshot): string => {
	const switches = history?.system.contextSwitchesPerSecond;
	return history === undefined || switches === undefined
		? ''
		: `<h2>Switches of the machine in the ${Math.round(history.secondsBefore[0] ?? 0)} seconds before</h2>
${chart(switches)}
<p>up to ${formatPlainNumber(Math.max(0, ...switches.map(value => value ?? 0)))} a second</p>
${history.endedFindings.map(({title, lastSeen}) => `<p>over since ${htmlText(lastSeen)}: ${htmlText(title)}</p>`).join('\n')}`;
};

const mostServices = 40;

const servicesHtml = (services: readonly ServiceTotals[]): string => {
	const busiest = [...services]
		.sort((one, other) => (other.switchesPerSecond ?? 0) - (one.switchesPerSecond ?? 0))
		.slice(0, mostServices);
	const head = ['service', 'processes', 'threads', 'cswch/s', 'nvcswch/s', 'CPU%', 'WAIT%'];
	const rows = busiest.map(service =>
		[
			service.name,
			String(service.processes),
			String(service.threads),
			...[
				service.voluntarySwitchesPerSecond,
				service.involuntarySwitchesPerSecond,
				service.cpuPercent,
				service.runQueueWaitPercent,
			].map(value => (value === undefined ? '-' : formatPlainNumber(value))),
		]
			.map(cell => `<td>${htmlText(cell)}</td>`)
			.join(''),
	);
	return `<table><tr>${head.map(title => `<th>${title}</th>`).join('')}</tr>
${rows.map(row => `<tr>${row}</tr>`).join('\n')}</table>`;
};

/** A Snapshot as one page of HTML that needs nothing else: no script, no style or picture from elsewhere. */
export const formatReportHtml = (
	snapshot: Snapshot,
	services: readonly ServiceTotals[],
): string => {
	const {host, takenAt, system, findings, notSeen, note} = snapshot;
	const title = `ctop: ${htmlText(host.name)}, ${htmlText(takenAt)}`;
	return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title><style>${style}</style></head><body>
<h1>${title}</h1>
${note === undefined ? '' : `<blockquote>${htmlText(note)}</blockquote>`}
<p><strong>${countFindings(findings)}</strong>. ${host.cpus} CPUs, load ${system.loadAverage.map(load => load.toFixed(2)).join(' ')}, ${system.runnable} runnable, Linux ${htmlText(host.kernel)}.</p>
${findings.map((finding, index) => findingHtml(finding, index, takenAt)).join('\n')}
${notSeen.map(each => `<p>Not seen: ${htmlText(each)}</p>`).join('\n')}
${historyHtml(snapshot)}
<h2>Services</h2>
${servicesHtml(services)}
</body></html>
`;
};
