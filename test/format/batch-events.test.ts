import {expect, test} from 'vitest';
import {csvHead, formatCsv, formatNdjson} from '../../source/format/batch-events.js';
import {makeIncident} from '../helpers/incident.js';
import {makeFinding, makeProcess, makeSnapshot} from '../helpers/snapshot.js';

/** Cells by RFC 4180. */
const parseCsv = (text: string): string[][] =>
	text
		.split(/\r\n(?=(?:[^"]*"[^"]*")*[^"]*$)/)
		.filter(Boolean)
		.map(row =>
			[...row.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
				([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? '',
			),
		);

test('CSV has a row for each process, as many cells as the head, and hostile names stay in their cell', () => {
	const hostile = makeProcess({pid: 7, name: 'a,"b"\r\nc', commandLine: ['=cmd|calc', 'x,y']});
	const rows = parseCsv(
		formatCsv({...makeIncident(), processes: [hostile, makeProcess({pid: 8})]}),
	);
	expect(rows.map(row => row.length)).toEqual([csvHead.length, csvHead.length]);
	expect(rows[0]?.[3]).toBe('a,"b"\r\nc');
	expect(rows[0]?.at(-1)).toBe("'=cmd|calc x,y");
});

test('in CSV zero, refused and absent are three things', () => {
	const {cpuPercent: _, ...process} = makeProcess({
		pid: 7,
		voluntarySwitchesPerSecond: 0,
		involuntarySwitchesPerSecond: null,
		commandLine: null,
	});
	const [row] = parseCsv(formatCsv(makeSnapshot({processes: [process]})));
	const cells = Object.fromEntries(csvHead.map((title, index) => [title, row![index]]));
	expect(cells).toMatchObject({
		voluntarySwitchesPerSecond: '0',
		involuntarySwitchesPerSecond: '?',
		cpuPercent: '',
		commandLine: '?',
	});
});

const parse = (text: string) =>
	text
		.trimEnd()
		.split('\n')
		.map(line => JSON.parse(line) as Record<string, unknown>);

test('NDJSON has an object per tick, and one for each finding that opens or closes', () => {
	const [one, other] = [makeFinding({rule: 'gil-thrash'}), makeFinding({rule: 'idle-polling'})];
	const first = parse(formatNdjson(makeSnapshot({findings: [one]}), []));
	expect(first.map(({kind, event, rule}) => [kind, event, rule])).toEqual([
		['ctop.tick', undefined, undefined],
		['ctop.finding', 'open', 'gil-thrash'],
	]);
	const second = parse(formatNdjson(makeSnapshot({findings: [other]}), [one]));
	expect(second.slice(1).map(({event, rule}) => [event, rule])).toEqual([
		['open', 'idle-polling'],
		['close', 'gil-thrash'],
	]);
	expect(parse(formatNdjson(makeSnapshot({findings: [one]}), [one]))).toHaveLength(1);
});

test('in NDJSON refused is null and absent is not there', () => {
	const {cpuPercent: _, ...process} = makeProcess({pid: 7, voluntarySwitchesPerSecond: null});
	const [tick] = parse(formatNdjson(makeSnapshot({processes: [process]}), []));
	const [written] = tick!['processes'] as Record<string, unknown>[];
	expect(written).toHaveProperty('voluntarySwitchesPerSecond', null);
	expect(written).not.toHaveProperty('cpuPercent');
});
