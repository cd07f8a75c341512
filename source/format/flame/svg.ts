import type {FlameGraph} from '../../model/flame-graph.js';
import {printable} from '../printable.js';
import {type FlameNode, flameTree} from './tree.js';

export type FlameSvgOptions = {
	title: string;
	/** What stands below the title. */
	subtitle: string;
	/** The script that draws it: see source/browser/flame-page.js. */
	script: string;
};

const escapes: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
};

const xmlText = (text: string): string =>
	printable(text).replaceAll(/[&<>"]/g, character => escapes[character]!);

/** A script's text as XML takes it: a CDATA section that nothing inside can end. */
const cdata = (text: string): string => `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;

/** Names as data: printable, and without anything that a document could take for a tag. */
const withPrintableNames = ({name, children, ...rest}: FlameNode): FlameNode => ({
	...rest,
	name: printable(name),
	children: children.map(withPrintableNames),
});

const legend: readonly (readonly [kind: string, colour: string])[] = [
	['application', '#e8875b'],
	['interpreter', '#8fb7e0'],
	['GIL', '#a8325e'],
	['lock', '#d64550'],
	['wait', '#9ec48f'],
	['library', '#c9b27c'],
	['kernel', '#b08fc7'],
	['thread', '#c8c8c8'],
];

const style = `
svg { background: #fff; }
#head { font: 13px sans-serif; color: #222; }
#head h1 { font-size: 16px; margin: 4px 0; }
#head .kind { display: inline-block; padding: 0 6px; margin-right: 4px; border-radius: 3px; color: #000; }
.d3-flame-graph rect { stroke: #eee; fill-opacity: 0.9; }
.d3-flame-graph rect:hover { stroke: #474747; stroke-width: 0.5; cursor: pointer; }
.d3-flame-graph-label { pointer-events: none; white-space: nowrap; text-overflow: ellipsis; overflow: hidden; font: 12px sans-serif; line-height: 1.5; margin: 0 4px; color: #000; }
.d3-flame-graph .fade { opacity: 0.6 !important; }
`;

/**
A flame graph as one SVG file that needs nothing else: opened in a browser a click zooms, and there is a field to search in. Where
scripts don't run, it says so.
*/
export const formatFlameSvg = (
	graph: FlameGraph,
	{title, subtitle, script}: FlameSvgOptions,
): string => {
	const tree = withPrintableNames(flameTree(graph));
	const kinds = legend
		.map(([kind, colour]) => `<span class="kind" style="background:${colour}">${kind}</span>`)
		.join('');
	return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="600">
<title>${xmlText(title)}</title>
<style>${style}</style>
<foreignObject x="10" y="0" width="98%" height="100"><div xmlns="http://www.w3.org/1999/xhtml" id="head">
<h1>${xmlText(title)}</h1>
<div>${xmlText(subtitle)}; a click zooms. ${kinds}</div>
<div><input id="search" placeholder="search (a regular expression)" size="40"/> <button id="reset">reset</button> <span id="found"></span> <span id="details">Open this file in a browser that may run its script.</span></div>
</div></foreignObject>
<g id="chart" transform="translate(10 100)"></g>
<script id="data" type="application/json">${cdata(JSON.stringify({total: tree.value, tree}))}</script>
<script>${cdata(script)}</script>
</svg>
`;
};
