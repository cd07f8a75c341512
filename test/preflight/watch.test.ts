import {expect, it} from 'vitest';
import {watchPreflight} from '../../source/preflight/watch.js';

const known = [{pid: 1, tid: 1, name: 'init', waitChannel: 'rpc_wait'}];

/** All checks of one look at this machine by one who knows which threads are in uninterruptible sleep. */
const checksOnce = async () => {
	for await (const {checks} of watchPreflight({
		procRoot: '/proc',
		forSeconds: 1,
		wantsHardware: () => false,
		knownSleepers: () => known,
	})) {
		return checks;
	}

	return [];
};

it('counts the threads in disk wait that the caller knows, and finds what processes hold open', async () => {
	const checks = await checksOnce();
	const load = checks.find(({id}) => id === 'load');
	expect(load?.details.join('\n')).toMatch(/1\/1 +init +in rpc_wait/);
	const limits = checks.find(({id}) => id === 'limits');
	expect(limits?.measurements.length).toBeGreaterThan(0);
});
