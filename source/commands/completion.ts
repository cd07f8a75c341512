import {rules} from '../findings/rules.js';
import {bashCompletion} from './completion-bash.js';
import {fishCompletion} from './completion-fish.js';
import {zshCompletion} from './completion-zsh.js';
import {writeOutput} from './output.js';
import {parseWord} from './parse-values.js';
import {type Shell, shells} from './shells.js';
import {exitCode, UsageError} from './usage-error.js';

const scripts: Readonly<Record<Shell, (ruleNames: readonly string[]) => string>> = {
	bash: bashCompletion,
	zsh: zshCompletion,
	fish: fishCompletion,
};

/** `ctop completion SHELL`: a script for the shell to read. Returns the exit code. */
export const runCompletion = ([shell, ...rest]: readonly string[]): number => {
	if (shell === undefined || rest.length > 0) {
		throw new UsageError(`completion needs one shell: ${shells.join(', ')}`);
	}

	const write = scripts[parseWord('completion', shell, shells)];
	writeOutput(write(rules.map(({name}) => name)));
	return exitCode.fine;
};
