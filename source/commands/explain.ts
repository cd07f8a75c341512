import {rules} from '../findings/rules.js';
import {writeOutput} from './output.js';
import {exitCode, UsageError} from './usage-error.js';

const list = (): string => {
	const width = Math.max(...rules.map(({name}) => name.length));
	const lines = rules.map(({name, summary}) => `  ${name.padEnd(width)}  ${summary}`);
	return `${lines.join('\n')}\n`;
};

/** `ctop explain [RULE]`: the list of diagnoses, or the page of one. Returns the exit code. */
export const runExplain = ([name, ...rest]: readonly string[]): number => {
	if (name === undefined) {
		writeOutput(list());
		return exitCode.fine;
	}

	const rule = rules.find(each => each.name === name);
	if (!rule || rest.length > 0) {
		throw new UsageError(`no diagnosis '${rest[0] ?? name}'; ctop explain lists them`);
	}

	writeOutput(`${rule.explanation.trim()}\n`);
	return exitCode.fine;
};
