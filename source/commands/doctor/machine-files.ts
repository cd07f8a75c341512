import path from 'node:path';
import type {DoctorCheck} from '../../model/doctor.js';
import type {Reading} from '../../model/reading.js';
import {readText} from '../../procfs/read-text.js';
import type {Target} from '../../targets/target.js';

type MachineFile = {name: string; gives: string; without: string};

const machineFiles: readonly MachineFile[] = [
	{name: 'stat', gives: 'switches of the machine, how its CPUs are used', without: 'the header'},
	{name: 'loadavg', gives: 'load averages, threads', without: 'load in the header'},
	{
		name: 'pressure/cpu',
		gives: 'pressure (PSI): share of time that tasks stood still',
		without: 'psi in the header; the kernel needs CONFIG_PSI, and psi=1 where it is off at boot',
	},
	{name: 'meminfo', gives: 'memory', without: 'memory, the finding memory-stall'},
	{name: 'vmstat', gives: 'swapping and paging', without: 'the finding memory-stall'},
	{name: 'locks', gives: 'locks on files and who waits for them', without: 'locks on files'},
	{
		name: 'self/mountinfo',
		gives: 'mounts, for preflight',
		without: 'disks and inodes of preflight',
	},
	{name: 'net/tcp', gives: 'sockets, for preflight', without: 'sockets of preflight'},
];

const check = (
	what: string,
	reading: Reading<string>,
	{gives, without}: Pick<MachineFile, 'gives' | 'without'>,
): DoctorCheck => {
	if (reading === null) {
		return {what, state: 'refused', found: 'the kernel refuses it', gives, lost: without};
	}

	return reading === undefined
		? {what, state: 'missing', found: 'not there', gives, lost: without}
		: {what, state: 'ok', found: 'read', gives};
};

/** Version 2 has its controllers in one tree, version 1 a tree for each; see cgroups(7). */
const checkCgroups = (cgroupRoot: string): DoctorCheck => {
	const version2 = readText(path.join(cgroupRoot, 'cgroup.controllers'));
	const version1 = readText(path.join(cgroupRoot, 'cpu/cgroup.procs'));
	const found = check(cgroupRoot, version2 ?? version1, {
		gives: 'CPU quotas of cgroups and how often they stop a process',
		without: 'the finding throttled',
	});
	return found.state === 'ok'
		? {...found, found: version2 === undefined || version2 === null ? 'version 1' : 'version 2'}
		: found;
};

/** Files of the machine as a whole, and its cgroups. */
export const checkMachineFiles = ({procRoot, cgroupRoot}: Target): readonly DoctorCheck[] => [
	...machineFiles.map(file =>
		check(`/proc/${file.name}`, readText(path.join(procRoot, file.name)), file),
	),
	...(cgroupRoot === undefined ? [] : [checkCgroups(cgroupRoot)]),
];
