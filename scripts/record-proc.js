/**
Records a live /proc as a tree of files that `ctop --proc DIR` reads: those that ctop reads, and no others.

    node scripts/record-proc.js OUTPUT_DIR [--redact] [--pids 1,2,…] [--twice SECONDS]

With `--redact` names, command lines, paths, users and groups are invented; numbers stay. With `--twice` the state at two moments
goes to OUTPUT_DIR/t0 and OUTPUT_DIR/t1. Files that the kernel refuses are left out.
*/
import {
	mkdirSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {setTimeout as sleep} from 'node:timers/promises';
import {parseArgs} from 'node:util';
import {createRedactor} from './redact-proc.js';

const machineFiles = [
	'loadavg',
	'stat',
	'uptime',
	'meminfo',
	'vmstat',
	'net/snmp',
	'pressure/cpu',
	'pressure/io',
	'pressure/memory',
	'sys/kernel/hostname',
	'sys/kernel/osrelease',
	'sys/kernel/random/boot_id',
];
const processFiles = ['stat', 'status', 'cmdline', 'cgroup', 'maps'];
const threadFiles = ['stat', 'status', 'schedstat', 'syscall', 'wchan'];

/** Bytes as characters of the same number: names need not be UTF-8. Undefined when refused, not there, or gone. */
const read = file => {
	try {
		return readFileSync(file, 'latin1');
	} catch {
		return undefined;
	}
};

const list = folder => {
	try {
		return readdirSync(folder).filter(name => /^\d+$/.test(name));
	} catch {
		return [];
	}
};

const write = (file, text) => {
	mkdirSync(path.dirname(file), {recursive: true});
	writeFileSync(file, text, 'latin1');
};

/** Names of the users that processes of the tree have, as /etc/passwd of its first process. */
const recordUsers = (output, userIds, redact) => {
	const lines = (read('/etc/passwd') ?? '').split('\n');
	const kept = lines.filter(line => userIds.has(line.split(':')[2]));
	const bare = kept.map(line => line.replace(/^([^:]*):[^:]*:(\d+):(\d+):.*$/, '$1:x:$2:$3:::'));
	write(path.join(output, '1/root/etc/passwd'), redact('passwd', `${bare.join('\n')}\n`));
};

const record = (output, pids, redact) => {
	const copy = (from, to) => {
		const text = read(path.join('/proc', from));
		if (text !== undefined) {
			// In /proc/PID/stat and in /proc/stat there are different things.
			const isMachine = machineFiles.includes(from) && path.dirname(from) === '.';
			write(path.join(output, to), isMachine ? text : redact(path.basename(from), text));
		}

		return text;
	};

	const userIds = new Set();
	for (const file of machineFiles) {
		copy(file, file);
	}

	write(path.join(output, 'sys/kernel/arch'), read('/proc/sys/kernel/arch') ?? `${os.machine()}\n`);
	for (const pid of pids ?? list('/proc')) {
		for (const file of processFiles) {
			const text = copy(`${pid}/${file}`, `${pid}/${file}`);
			userIds.add(/^Uid:\t\d+\t(\d+)/m.exec(text ?? '')?.[1]);
		}

		try {
			const program = readlinkSync(`/proc/${pid}/exe`);
			symlinkSync(redact('exe', program), path.join(output, pid, 'exe'));
		} catch {
			// A kernel thread has none; that of another user is refused.
		}

		for (const tid of list(`/proc/${pid}/task`)) {
			for (const file of threadFiles) {
				copy(`${pid}/task/${tid}/${file}`, `${pid}/task/${tid}/${file}`);
			}
		}
	}

	recordUsers(output, userIds, redact);
};

const {values, positionals} = parseArgs({
	allowPositionals: true,
	options: {redact: {type: 'boolean'}, pids: {type: 'string'}, twice: {type: 'string'}},
});
const [output] = positionals;
if (output === undefined || positionals.length > 1) {
	process.stderr.write(
		'usage: record-proc.js OUTPUT_DIR [--redact] [--pids 1,2,…] [--twice SECONDS]\n',
	);
	process.exit(2);
}

const redact = values.redact ? createRedactor() : (_name, text) => text;
const pids = values.pids?.split(',');
if (values.twice === undefined) {
	record(output, pids, redact);
} else {
	record(path.join(output, 't0'), pids, redact);
	await sleep(Number(values.twice) * 1000);
	record(path.join(output, 't1'), pids, redact);
}
