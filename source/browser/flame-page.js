/**
Runs in a browser, inside the SVG file of a flame graph: draws the graph that stands in the file, with zoom by clicks and a search.
Built by scripts/build.js into one script that needs no network.
*/
import flamegraph from 'd3-flame-graph';
import {select} from 'd3-selection';

/** By kind of frame; see `FrameKind` in source/model/flame-graph.ts. */
const colours = {
	application: '#e8875b',
	interpreter: '#8fb7e0',
	gil: '#a8325e',
	lock: '#d64550',
	library: '#c9b27c',
	kernel: '#b08fc7',
	wait: '#9ec48f',
	thread: '#c8c8c8',
	root: '#dddddd',
};

const element = id => document.getElementById(id);
const {tree, total} = JSON.parse(element('data').textContent);
const room = () => Math.max(300, document.documentElement.clientWidth - 20);

const percent = milliseconds => `${((milliseconds / total) * 100).toFixed(2)}%`;
const seconds = milliseconds => `${(milliseconds / 1000).toFixed(3)} s`;

const chart = flamegraph()
	.width(room())
	.cellHeight(18)
	.minFrameSize(1)
	.transitionDuration(150)
	.sort((a, b) => (a.data.name < b.data.name ? -1 : 1))
	.setLabelHandler(
		({data}) => `${data.name} (${data.kind}): ${seconds(data.value)}, ${percent(data.value)}`,
	)
	.setColorMapper(({data, highlight}) => (highlight ? '#e600e6' : colours[data.kind]))
	.setSearchHandler((results, sum) => {
		element('found').textContent =
			results.length === 0 ? 'nothing found' : `${results.length} frames, ${percent(sum)}`;
	});
chart.setDetailsElement(element('details'));

select('#chart').datum(tree).call(chart);

const setHeight = () => {
	const svg = document.querySelector('#chart .d3-flame-graph');
	const height = Number(svg?.getAttribute('height') ?? 0) + 110;
	document.documentElement.setAttribute('height', String(height));
};

setHeight();

element('search').addEventListener('input', ({target}) => {
	if (target.value === '') {
		chart.clear();
		element('found').textContent = '';
	} else {
		chart.search(target.value);
	}
});
element('reset').addEventListener('click', () => {
	element('search').value = '';
	element('found').textContent = '';
	chart.clear();
	chart.resetZoom();
});
