import type {Fix} from '../model/finding.js';
import type {FullDescriptorTable} from '../model/kernel-work.js';
import type {Process} from '../model/process.js';
import type {CallSpin} from './spin-calls.js';

/** Leaves room for as many connections as there are now, and more. */
const limitFactor = 4;

const waitInTheCall: Fix = {
	what: 'Let the thread wait in the call: a time limit that is not zero, or a descriptor that blocks',
	why: 'the kernel wakes it within microseconds when there is something, and until then it costs nothing',
	command: 'poll(fds, count, -1)  # epoll_wait(epoll, events, count, -1)',
};

const endOfInput: Fix = {
	what: 'Take a read of 0 bytes for the end: close the descriptor, or remove it from the event loop',
	why: 'at the end of a file, and of a connection that the other side closed, a descriptor is ready for ever',
	command: 'epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL)',
};

const noInterest: Fix = {
	what: 'Watch a socket for being writable only while there is something left to send; take that away when the queue is empty',
	why: 'a connection that has room takes data at any time, so that each wait comes back at once',
	command:
		'epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &only_input)  # Java: key.interestOpsAnd(~SelectionKey.OP_WRITE); asyncio: loop.remove_writer(fd)',
};

const closeAtEnd: Fix = {
	what: 'Close the socket when a read gives 0 bytes, and take it out of what is watched; the same at an error',
	why: 'the other side has closed: the socket stays readable for ever, and brings nothing any more',
	command: 'if (recv(fd, block, size, 0) == 0) close(fd);',
};

const removeFromLoop: Fix = {
	what: 'Take out of the event loop what has hung up or failed (EPOLLHUP, EPOLLERR), and close it',
	why: 'both are told of any descriptor that is watched, asked for or not, and again at each wait',
	command: 'if (event.events & (EPOLLHUP | EPOLLERR)) close(event.data.fd);',
};

const edgeTriggered: Fix = {
	what: 'Or watch for changes only: edge-triggered, and each time read or write until EAGAIN',
	why: 'the kernel then tells once what a socket is, not as long as it is so',
	command: 'event.events |= EPOLLET',
};

const boundedSpin: Fix = {
	what: 'If it must spin for a short answer: a bounded number of rounds, then wait',
	why: 'that pays only while the answer takes a few microseconds, and takes a whole CPU from all others',
};

const pythonWait: Fix = {
	what: 'In Python: wait for an event instead of time.sleep(0), select with a time limit of 0 or get_nowait',
	why: 'up to 3.10 sleep(0) is a select that comes back at once',
	command: 'item = queue.get()  # or event.wait()',
};

const tableFixes = ({openFilesLimit}: FullDescriptorTable, pid: number): readonly Fix[] => {
	const limit = openFilesLimit * limitFactor;
	return [
		{
			what: `Raise the limit of open files, ${openFilesLimit} now`,
			why: 'a connection that waits keeps the listening socket ready, and accept fails with EMFILE again and again',
			command: `LimitNOFILE=${limit}  # of the systemd service; in a shell before it starts: ulimit -n ${limit}`,
		},
		{
			what: 'Close what is not used any more: see what it has open, and give connections that say nothing a time limit',
			why: 'a leak fills any limit in the end',
			command: `ls -l /proc/${pid}/fd`,
		},
		{
			what: 'In the program: at EMFILE stop listening until a descriptor is free, or keep a spare one to accept and close with',
			why: 'the loop then sleeps, and clients are told at once instead of hanging in the backlog',
			command:
				'close(spare); close(accept(listener, NULL, NULL)); spare = open("/dev/null", O_RDONLY);',
		},
	];
};

const isPython = ({runtime}: Process): boolean => runtime?.name === 'cpython';

/** Most useful first. */
export const fixesOfCallSpin = ({cause, process, fullTable, ready}: CallSpin): readonly Fix[] => {
	if (fullTable) {
		return tableFixes(fullTable, process.pid);
	}

	if (ready) {
		return [
			ready.reason === 'writable' ? noInterest : closeAtEnd,
			...(ready.epollFd === undefined ? [] : [edgeTriggered]),
		];
	}

	if (cause === 'event-loop') {
		return [removeFromLoop, edgeTriggered, waitInTheCall];
	}

	return cause === 'empty-calls'
		? [waitInTheCall, endOfInput, boundedSpin]
		: [...(isPython(process) ? [pythonWait] : []), waitInTheCall, boundedSpin];
};
