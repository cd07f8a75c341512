import type {Snapshot} from '../model/snapshot.js';

/**
Share of all CPUs' time that nobody but ctop used, 100 = all of it; undefined where it wasn't counted. What it used itself counts as
idle: nobody else wanted that CPU, and in its first second it may be the busiest program of a machine.
*/
export const idlePercentButForUs = ({
	host,
	system,
	sampling,
}: Pick<Snapshot, 'host' | 'system' | 'sampling'>): number | undefined =>
	system.cpu && Math.min(100, system.cpu.idlePercent + (sampling.ownCpuPercent ?? 0) / host.cpus);

/** CPUs that were busy, on average: 1 = one of them all the time; undefined where it wasn't counted. */
export const busyCpus = ({host, system}: Pick<Snapshot, 'host' | 'system'>): number | undefined =>
	system.cpu && (1 - system.cpu.idlePercent / 100) * host.cpus;
