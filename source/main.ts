import process from 'node:process';
import {complain, isClosedPipe} from './commands/output.js';
import {parseCli} from './commands/parse-cli.js';
import {run} from './commands/run.js';
import {exitCode, UsageError} from './commands/usage-error.js';
import {UnreadableSnapshot} from './snapshot/unreadable-snapshot.js';

// Node.js would open its debugger on this signal; here it is nothing.
process.on('SIGUSR1', () => {});

// Without a reader there is nothing left to do, as for any program in a pipe.
process.stdout.on('error', error => {
	process.exit(isClosedPipe(error) ? exitCode.fine : exitCode.error);
});

/** One line for a person instead of the program's own text. */
const fail = (error: unknown): void => {
	complain(error instanceof Error ? error.message : String(error));
};

/** A file that can't be read as far as it goes is as wrong as a flag that isn't known, however late that shows. */
const codeOf = (error: unknown): number =>
	error instanceof UsageError || error instanceof UnreadableSnapshot
		? exitCode.usage
		: exitCode.error;

// The screen gives the terminal back when the program ends: what went wrong is said after that.
process.on('uncaughtException', error => {
	process.once('exit', () => fail(error));
	process.exit(codeOf(error));
});

try {
	process.exitCode = await run(parseCli(process.argv.slice(2)));
} catch (error) {
	if (isClosedPipe(error)) {
		process.exitCode = exitCode.fine;
	} else {
		fail(error);
		process.exitCode = codeOf(error);
	}
}
