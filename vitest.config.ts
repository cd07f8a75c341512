import {defineConfig} from 'vitest/config';
import {closingLine} from './test/helpers/closing-line.js';

export default defineConfig({
	test: {
		include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
		// Tests that watch real programs share two cores with them: one file at a time keeps them from disturbing each other.
		fileParallelism: false,
		reporters: ['default', closingLine],
		// What they watch is real: another program of the machine may take the CPU from one of them for seconds.
		retry: 2,
		testTimeout: 60_000,
		hookTimeout: 60_000,
	},
});
