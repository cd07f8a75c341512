import process from 'node:process';

/** Time in which the stop must have reached us; the shell's `fg` ends it, however long we slept. */
const settleMilliseconds = 50;

/**
Stops the whole job, as Ctrl+Z does outside raw mode: a parent such as npm must stop
with us, or the shell would wait for it forever. Resolves after the shell's `fg`.
*/
export const suspendJob = async (): Promise<void> => {
	process.kill(0, 'SIGTSTP');
	await new Promise(resolve => {
		setTimeout(resolve, settleMilliseconds);
	});
};
