import type {RoleClues, TellRoles} from '../role-clues.js';

/**
What a thread of Go's (an M) does for the runtime, by the call that it sleeps in. A goroutine that waits for a mutex or a channel is
put aside, and its thread runs another or sleeps as idle: nothing of that can be seen here.
*/
const roleOf = ({wait}: RoleClues): string | undefined => {
	switch (wait?.kind) {
		case 'epoll':
			return 'network poller';
		case 'sleep':
			return 'sysmon: watches the others';
		case 'futex':
		case 'lock':
			// Of all that sleep at a futex only the runtime's monitor has a time limit (notetsleep in proc.go).
			return wait.timed === true ? 'sysmon: watches the others' : 'idle M: no goroutine to run';
		case 'running':
			return 'runs goroutines or the collector';
		case undefined:
		case 'stopped':
		case 'exited':
			return undefined;
		default:
			return 'in a system call of a goroutine';
	}
};

export const goRoles: TellRoles = threads => threads.map(roleOf);
