import {render} from 'ink-testing-library';
import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {defaultViewOptions} from '../../source/format/view-options.js';
import type {Snapshot} from '../../source/model/snapshot.js';
import {App} from '../../source/ui/app.js';
import {makeTheme} from '../../source/ui/theme.js';
import type {Outside} from '../../source/ui/use-effects.js';
import {makeIncident} from '../helpers/incident.js';

let lines: readonly string[] = [];
let send: (snapshot: Snapshot) => void = () => {};
let stops = 0;
let screen: ReturnType<typeof render>;

const outside: Outside = {
	source: {
		kind: 'live',
		subscribe(listener) {
			send = listener;
			return () => {
				stops++;
			};
		},
	},
	noteSnapshot() {},
	save: async () => '/tmp/ctop-web-07.json',
	painter: {
		draw(drawn) {
			lines = drawn;
		},
		forget() {},
	},
};

const shows = async (text: string) => {
	await vi.waitFor(() => expect(lines.join('\n')).toContain(text), 10_000);
};

beforeEach(() => {
	lines = [];
	stops = 0;
	screen = render(
		<App outside={outside} theme={makeTheme(false, true)} initialView={defaultViewOptions} />,
	);
});

afterEach(() => screen.unmount());

test('Ink hands the keys on, and leaves the drawing to the painter', async () => {
	await shows('watching');
	send(makeIncident());
	await shows('LIVE');
	screen.stdin.write('?');
	await shows('this help');
	screen.stdin.write('\u{1B}');
	await shows('LIVE');
	screen.stdin.write('P');
	await shows('sort CPU');
	expect(screen.lastFrame() ?? '').toBe('');
});

test('a key that writes a file says where it is', async () => {
	send(makeIncident());
	await shows('LIVE');
	screen.stdin.write('s');
	await shows('/tmp/ctop-web-07.json');
});

test('once it is gone it asks for no more Snapshots', async () => {
	await shows('watching');
	screen.unmount();
	await vi.waitFor(() => expect(stops).toBe(1));
});
