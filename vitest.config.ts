import {defineConfig} from 'vitest/config';
import {closingLine} from './test/helpers/closing-line.js';

export default defineConfig({
	test: {
		include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
		// Tests that watch real programs share two cores with them: one file at a time keeps them from disturbing each other.
		fileParallelism: false,
		reporters: ['default', closingLine],
		testTimeout: 60_000,
		hookTimeout: 60_000,
	},
});
