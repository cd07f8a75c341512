import {expect, test} from 'vitest';
import {parseFilter} from '../../source/format/filter.js';
import {makeProcess, makeThread} from '../helpers/snapshot.js';

const server = makeProcess({
	pid: 2100,
	name: 'python3',
	commandLine: ['python3', 'gunicorn', '-w', '4'],
	user: 'www',
	userId: 33,
	threads: [
		makeThread({tid: 2100, name: 'python3', waitChannel: 'ep_poll'}),
		makeThread({
			tid: 2101,
			name: 'worker-1',
			state: 'D',
			voluntarySwitchesPerSecond: 900,
			involuntarySwitchesPerSecond: 200,
			waitChannel: 'futex_do_wait',
		}),
	],
});
const shell = makeProcess({pid: 21, name: 'bash', commandLine: ['-bash'], user: 'ann'});

const matching = (text: string): number[] => {
	const filter = parseFilter(text);
	if (filter.matches === undefined) {
		throw new Error(filter.error);
	}

	return [server, shell].filter(process => filter.matches(process)).map(({pid}) => pid);
};

test.each([
	['gunicorn', [2100]],
	['BASH', [21]],
	['21', [2100, 21]],
	['pid:21', [21]],
	['pid:21,2100', [2100, 21]],
	['user:www', [2100]],
	['user:33', [2100]],
	['!user:www', [21]],
	['python !gunicorn', []],
	['/^-?b.sh$/', [21]],
	['/gunicorn -w \\d/', [2100]],
	['!/bash/', [2100]],
	['state:D', [2100]],
	['wchan:futex', [2100]],
	['csw>1000', [2100]],
	['csw>1.2k', []],
	['cswch>=900', [2100]],
	['thr=1', [21]],
	['', [2100, 21]],
])('%s matches %j', (text, pids) => {
	expect(matching(text)).toEqual(pids);
});

test('a thread is matched by its own state, its process by any of its threads', () => {
	const {matches} = parseFilter('state:D');
	expect(server.threads.map(thread => matches?.(server, thread))).toEqual([false, true]);
});

test('a rate that is not known matches no comparison', () => {
	const unknown = makeProcess({voluntarySwitchesPerSecond: null});
	expect(parseFilter('cswch<10').matches?.(unknown)).toBe(false);
});

test.each(['/[/', '/(?/', 'csw>many', 'pid:abc', '!csw>'])('%s is an error in words', text => {
	const {matches, error} = parseFilter(text);
	expect(matches).toBeUndefined();
	expect(error).toContain('not a');
});

test('a name with a colon or a sign that is no field is an ordinary word', () => {
	expect(matching('http://x')).toEqual([]);
	expect(matching('constructor:1')).toEqual([]);
	expect(matching('constructor>1')).toEqual([]);
});
