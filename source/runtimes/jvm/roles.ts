import type {TellRoles} from '../role-clues.js';

/**
What HotSpot has its own threads for, by the names that it gives them (the kernel keeps 15 characters). Garbage collectors' threads:
Serial, Parallel, G1, Shenandoah, Z and CMS.
*/
const roles: readonly (readonly [pattern: RegExp, role: string])[] = [
	[
		/^(?:GC Thread#|GC task thread#|ParGC|G1 |Gang worker|Concurrent Mark|CMS |Shenandoah|ZWorker|ZDirector|ZDriver|ZStat|ZUncommitter|ZUnmapper|XWorker|XDriver)/,
		'garbage collector',
	],
	[/^C1 Compiler/, 'compiler (C1, quick)'],
	[/^C2 Compiler/, 'compiler (C2, optimizing)'],
	[/^(?:JVMCI|Graal) ?Compiler/, 'compiler (Graal)'],
	[/^Sweeper thread/, 'compiler: frees old code'],
	[/^VM Thread$/, 'VM thread: safepoints and collections'],
	[/^VM Periodic Tas/, 'timer of the JVM'],
	[/^Signal Dispatch/, 'signals'],
	[/^Reference Handl/, 'reference handler'],
	[/^Finalizer$/, 'finalizer'],
	[/^Common-Cleaner$/, 'cleaner'],
	[/^(?:Service Thread|Notification Th)/, 'service thread of the JVM'],
	[/^Monitor Deflati/, 'frees monitors'],
	[/^Attach Listener/, 'serves jcmd and jstack'],
	[/^JFR /, 'flight recorder'],
	[/^StringDedup/, 'string deduplication'],
];

/** What the JVM has a thread for, by its name; undefined for the program's own. */
export const jvmThreadRole = (name: string): string | undefined =>
	roles.find(([pattern]) => pattern.test(name))?.[1];

export const jvmRoles: TellRoles = threads => threads.map(({name}) => jvmThreadRole(name));
