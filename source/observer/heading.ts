import process from 'node:process';
import {type Gap, type Snapshot, schemaVersion} from '../model/snapshot.js';
import type {Host} from '../model/system.js';
import type {MachineSample} from '../sampler/machine.js';
import type {Sampler} from '../sampler/sampler.js';
import type {Target} from '../targets/target.js';
import {describeAccess, type Rights} from './access.js';
import {describeHost} from './host.js';

/** What every Snapshot tells about itself, whatever was read for it. */
export type Heading = {
	self(
		machine: MachineSample,
	): Pick<Snapshot, 'schemaVersion' | 'kind' | 'tool' | 'host' | 'takenAt'>;
	sampling(
		gaps: readonly Gap[],
	): Omit<
		Snapshot['sampling'],
		'waitLooks' | 'threadsRead' | 'sweepMilliseconds' | 'lateMilliseconds'
	>;
};

export type HeadingParts = {
	target: Target;
	toolVersion: string;
	sampler: Sampler;
	rights: Rights;
};

export const createHeading = ({target, toolVersion, sampler, rights}: HeadingParts): Heading => {
	let host: Host | undefined;
	return {
		self(machine) {
			host ??= describeHost(target, machine.stat?.cpus ?? 1);
			return {
				schemaVersion,
				kind: 'ctop.snapshot',
				tool: {name: 'ctop', version: toolVersion},
				host,
				takenAt: new Date().toISOString(),
			};
		},
		sampling: gaps => ({
			...describeAccess(sampler.table.processes.values(), process.pid, rights),
			gaps,
			descriptorsHeld: sampler.budget.used,
			descriptorLimit: sampler.budget.limit,
			threadsWithoutDescriptor: sampler.table.threads.size - sampler.files.threadsHeld,
			ownPid: process.pid,
		}),
	};
};
