import {goRoles} from './go/roles.js';
import {jvmRoles} from './jvm/roles.js';
import {nodeRoles} from './node/roles.js';
import type {TellRoles} from './role-clues.js';
import {rubyRoles} from './ruby/roles.js';

/** How the roles of one runtime's threads are told. */
export type RuntimeRoles = {
	tell: TellRoles;
	/** Whether it is what a thread does at the moment: where nothing tells, it's not what it was before. */
	changes: boolean;
};

const roles: Readonly<Record<string, RuntimeRoles>> = {
	jvm: {tell: jvmRoles, changes: false},
	node: {tell: nodeRoles, changes: false},
	ruby: {tell: rubyRoles, changes: true},
	go: {tell: goRoles, changes: true},
};

/** How the roles of a runtime's threads are told; undefined for runtimes that have none. */
export const rolesOf = (runtime: string): RuntimeRoles | undefined => roles[runtime];
