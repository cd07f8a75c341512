import process from 'node:process';
import type {Reporter, TestModule} from 'vitest/node';

/** Ends a test run with one line that sums it up in the same words whatever the runner. */
export const closingLine: Reporter = {
	onTestRunEnd(modules: readonly TestModule[]) {
		const count = {passed: 0, failed: 0, skipped: 0};
		for (const module of modules) {
			for (const test of module.children.allTests()) {
				const {state} = test.result();
				if (state !== 'pending') {
					count[state]++;
				}
			}

			count.failed += module.errors().length;
		}

		process.stdout.write(
			`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`,
		);
	},
};
