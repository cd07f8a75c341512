import path from 'node:path';
import type {DoctorCheck} from '../../model/doctor.js';
import type {Reading} from '../../model/reading.js';
import {readText} from '../../procfs/read-text.js';

const yama = 'kernel.yama.ptrace_scope';
const perf = 'kernel.perf_event_paranoid';

/** Yama's setting, see Documentation/admin-guide/LSM/Yama.rst. */
export const judgeYama = (value: Reading<number>, mayTrace: boolean): DoctorCheck => {
	const gives = 'what threads of own processes wait for, who holds their locks';
	if (value === undefined) {
		return {what: yama, state: 'ok', found: 'not there: nothing is forbidden', gives};
	}

	if (value === null) {
		return {what: yama, state: 'refused', found: 'the kernel refuses it', gives};
	}

	const found = String(value);
	if (value === 0 || (mayTrace && value < 3)) {
		return {what: yama, state: 'ok', found, gives};
	}

	return {
		what: yama,
		state: 'partly',
		found,
		gives,
		lost:
			value === 3
				? 'nobody, not even root, may look into processes until the machine restarts'
				: value === 2
					? 'only with CAP_SYS_PTRACE: run as root'
					: "memory of own processes that ctop didn't start: run as root",
	};
};

/** Who may use perf(1), which some findings name as the next step; see Documentation/admin-guide/sysctl/kernel.rst. */
export const judgePerf = (value: Reading<number>, isRoot: boolean): DoctorCheck => {
	const gives = 'perf(1), the next step that some findings name';
	if (value === undefined || value === null) {
		const [state, found] =
			value === null
				? (['refused', 'the kernel refuses it'] as const)
				: (['missing', 'not there: this kernel has no perf events'] as const);
		return {what: perf, state, found, gives, lost: 'nothing that ctop itself reads'};
	}

	const found = String(value);
	return isRoot || value <= 1
		? {what: perf, state: 'ok', found, gives}
		: {
				what: perf,
				state: 'partly',
				found,
				gives,
				lost: 'perf(1) needs root; ctop itself does without',
			};
};

/** The option of the mount at a /proc that hides other users' processes, see proc(5); by the text of mountinfo. */
export const judgeHidden = (
	mountinfo: string,
	procRoot: string,
	mayTrace: boolean,
): DoctorCheck => {
	const gives = "other users' processes in the tree";
	const options = mountinfo
		.split('\n')
		.filter(line => line.split(' ')[4] === procRoot)
		.at(-1);
	const value = /\bhidepid=(\w+)/.exec(options ?? '')?.[1] ?? '0';
	const found = `hidepid=${value}`;
	return mayTrace || value === '0' || value === 'off'
		? {what: `mount of ${procRoot}`, state: 'ok', found, gives}
		: {
				what: `mount of ${procRoot}`,
				state: 'refused',
				found,
				gives,
				lost: "other users' processes altogether: run as root, or in the group of the mount's gid=",
			};
};

/** Descriptors that may be open: ctop holds one or two a thread, which makes reading three times cheaper. */
export const judgeOpenFiles = (limits: string): DoctorCheck => {
	const value = /^Max open files\s+(\S+)/m.exec(limits)?.[1] ?? 'unknown';
	const gives = 'files of threads held open, which makes each reading three times cheaper';
	const few = 4096;
	return Number(value) < few
		? {
				what: 'limit of open files',
				state: 'partly',
				found: value,
				gives,
				lost: `above ${Math.floor(Number(value) / 2)} threads or so ctop costs more; ulimit -n raises it`,
			}
		: {what: 'limit of open files', state: 'ok', found: value, gives};
};

const numberIn = (reading: Reading<string>): Reading<number> => {
	if (reading === null || reading === undefined) {
		return reading;
	}

	const value = Number.parseInt(reading, 10);
	return Number.isNaN(value) ? undefined : value;
};

/** Settings that decide what the kernel tells. */
export const checkSettings = (
	procRoot: string,
	{mayTrace, isRoot}: {mayTrace: boolean; isRoot: boolean},
): readonly DoctorCheck[] => {
	const read = (name: string): Reading<string> => readText(path.join(procRoot, name));
	return [
		judgeYama(numberIn(read('sys/kernel/yama/ptrace_scope')), mayTrace),
		judgeHidden(read('self/mountinfo') ?? '', procRoot, mayTrace),
		judgePerf(numberIn(read('sys/kernel/perf_event_paranoid')), isRoot),
		judgeOpenFiles(read('self/limits') ?? ''),
	];
};
