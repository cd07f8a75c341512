import type {Doctor, DoctorCheck} from '../model/doctor.js';
import {printable} from './printable.js';
import {displayWidth} from './text-width.js';
import {wrapWords} from './wrap.js';

const stateWidth = 8;
const leastTextWidth = 20;

const pad = (text: string, width: number): string =>
	text + ' '.repeat(Math.max(0, width - displayWidth(text)));

const checkLines = (check: DoctorCheck, nameWidth: number, width: number): readonly string[] => {
	const {what, state, found, gives, lost} = check;
	const start = `  ${pad(state, stateWidth)} ${pad(printable(what), nameWidth)}  `;
	const textWidth = Math.max(leastTextWidth, width - displayWidth(start));
	const texts = [`${gives} (${found})`, ...(lost === undefined ? [] : [`lost: ${lost}`])];
	return texts
		.flatMap(text => wrapWords(printable(text), textWidth))
		.map((line, index) => (index === 0 ? start : ' '.repeat(displayWidth(start))) + line);
};

/** Sections of checks as text for a terminal of a width; what is lost stands under what it is lost for. */
export const formatDoctor = ({tool, host, user, sections}: Doctor, width: number): string => {
	const checks = sections.flatMap(section => section.checks);
	const nameWidth = Math.max(...checks.map(({what}) => displayWidth(printable(what))));
	const counts = (['ok', 'partly', 'refused', 'missing'] as const)
		.map(state => `${checks.filter(check => check.state === state).length} ${state}`)
		.join(', ');
	const head = `${tool.name} ${tool.version} on ${host.name}, Linux ${host.kernel} ${host.architecture}, ${tool.runtime}, as ${user}: ${counts}`;
	const lines = sections.flatMap(({title, checks: own}) => [
		'',
		title,
		...own.flatMap(check => checkLines(check, nameWidth, width)),
	]);
	return `${[...wrapWords(printable(head), width), ...lines].join('\n')}\n`;
};
