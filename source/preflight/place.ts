import {existsSync} from 'node:fs';
import {dirname, join} from 'node:path';

/** Where the kernel's files of a machine are. */
export type Place = {
	procRoot: string;
	sysRoot: string;
	/** Whether it's the machine that ctop itself runs on, seen as its processes see it. */
	own: boolean;
	/** /proc/PID of the process whose mounts, network and cgroup are meant: ctop's own, or init's of another /proc. */
	viewpoint: string;
	/** What to put before a path of that process; an empty text for our own. */
	rootPrefix: string;
};

/**
The place that a /proc belongs to. Another one (a host's, mounted in a container, or a recorded tree) is seen from its pid 1,
since `self` there would be ctop's own namespaces, or nothing.
*/
export const findPlace = (procRoot: string): Place => {
	const own = procRoot === '/proc';
	const viewpoint = join(procRoot, own ? 'self' : '1');
	const beside = join(dirname(procRoot), 'sys');
	return {
		procRoot,
		own,
		// A recorded tree without one must not be completed with this machine's.
		sysRoot: own || !existsSync(beside) ? (own ? '/sys' : join(procRoot, 'no-sys')) : beside,
		viewpoint,
		rootPrefix: own ? '' : join(viewpoint, 'root'),
	};
};
