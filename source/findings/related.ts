import type {Process} from '../model/process.js';

export const areParentAndChild = (one: Process, other: Process): boolean =>
	one.parentPid === other.pid || other.parentPid === one.pid;

/** Whether two processes are children of one parent under one name, as the workers of a service are. */
export const areSiblings = (one: Process, other: Process): boolean =>
	one.parentPid === other.parentPid && one.name === other.name;

/** Whether two processes are parent and child, or children of one parent: who is may have inherited the ends of one pipe. */
export const isRelated = (one: Process, other: Process): boolean =>
	areParentAndChild(one, other) || (one.parentPid === other.parentPid && one.parentPid > 1);
