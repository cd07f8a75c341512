import process from 'node:process';
import {complain, isClosedPipe} from './commands/output.js';
import {parseCli} from './commands/parse-cli.js';
import {run} from './commands/run.js';
import {exitCode, UsageError} from './commands/usage-error.js';

// Node.js would open its debugger on this signal; here it is nothing.
process.on('SIGUSR1', () => {});

// Without a reader there is nothing left to do, as for any program in a pipe.
process.stdout.on('error', error => {
	process.exit(isClosedPipe(error) ? exitCode.fine : exitCode.error);
});

try {
	process.exitCode = await run(parseCli(process.argv.slice(2)));
} catch (error) {
	if (error instanceof UsageError) {
		complain(error.message);
		process.exitCode = exitCode.usage;
	} else if (isClosedPipe(error)) {
		process.exitCode = exitCode.fine;
	} else {
		complain(error instanceof Error ? error.message : String(error));
		process.exitCode = exitCode.error;
	}
}
