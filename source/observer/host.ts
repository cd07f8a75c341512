import {existsSync} from 'node:fs';
import os from 'node:os';
import {isKnown} from '../model/reading.js';
import type {Host} from '../model/system.js';
import {parseCgroup} from '../procfs/cgroup.js';
import {readText} from '../procfs/read-text.js';
import {countCpuList} from '../procfs/status.js';
import {createCgroupQuotas} from '../sampler/cgroup-quota.js';
import type {Target} from '../targets/target.js';

const containerInCgroup = /\b(docker|kubepods|libpod|lxc|containerd|crio)\b/;

/** Files that container engines leave in a container, and what they stand for. */
const containerFiles = [
	['/.dockerenv', 'docker'],
	['/run/.containerenv', 'podman'],
] as const;

/** What kind of container this program runs in; undefined when there is no sign of one. */
const containerKind = (procRoot: string): string | undefined => {
	const marked = containerFiles.find(([file]) => existsSync(file))?.[1];
	const bySystemd = readText('/run/systemd/container')?.trim();
	const byCgroup = containerInCgroup.exec(readText(`${procRoot}/self/cgroup`) ?? '')?.[1];
	return marked ?? (bySystemd || undefined) ?? byCgroup;
};

/** Describes the machine whose /proc is read. */
export const describeHost = (target: Target, cpus: number): Host => {
	const {procRoot, ownKernel} = target;
	const kernelFile = (name: string): string | undefined => {
		const text = readText(`${procRoot}/sys/kernel/${name}`);
		return isKnown(text) && text.trim() !== '' ? text.trim() : undefined;
	};

	const ownStatus = ownKernel ? readText(`${procRoot}/self/status`) : undefined;
	const allowed = /^Cpus_allowed_list:\s*(\S+)/m.exec(ownStatus ?? '')?.[1];
	const ownCgroup = ownKernel ? readText(`${procRoot}/self/cgroup`) : undefined;
	const cgroup = ownCgroup ? parseCgroup(ownCgroup)?.path : undefined;
	const quota = cgroup && createCgroupQuotas(target).quotaOf(process.pid, cgroup);
	const container = ownKernel ? containerKind(procRoot) : undefined;
	const bootId = kernelFile('random/boot_id');
	return {
		name: kernelFile('hostname') ?? (ownKernel ? os.hostname() : 'unknown'),
		...(bootId !== undefined && {bootId}),
		kernel: kernelFile('osrelease') ?? (ownKernel ? os.release() : 'unknown'),
		// Since Linux 6.1; a recorded tree may come from another machine.
		architecture: kernelFile('arch') ?? os.machine(),
		cpus,
		cpusAllowed: allowed === undefined ? cpus : Math.min(cpus, countCpuList(allowed)),
		...(quota && {cpuQuotaPercent: quota}),
		...(container !== undefined && {container}),
	};
};
