import os from 'node:os';
import process from 'node:process';

export type Machine = {
	readonly cpu: string;
	readonly cpus: number;
	readonly memoryBytes: number;
	readonly kernel: string;
	readonly user: string;
	readonly loadAverage: number;
};

/** What figures of this run depend on. To be read before any load is started. */
export const describeMachine = (): Machine => ({
	cpu: os.cpus()[0]?.model.trim() || 'unknown',
	cpus: os.cpus().length,
	memoryBytes: os.totalmem(),
	kernel: `${os.type()} ${os.release()} ${os.machine()}`,
	user: process.getuid?.() === 0 ? 'root' : 'an ordinary user',
	loadAverage: os.loadavg()[0] ?? 0,
});
