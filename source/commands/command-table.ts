import {shells} from './shells.js';

/** What follows a command. */
export type Operands = 'none' | 'files' | 'rules' | readonly string[];

export type CommandEntry = {
	/** Empty: the live screen. */
	name: string;
	/** What follows it, as help shows it. */
	usage: string;
	help: string;
	operands: Operands;
};

/** All commands: help and completion are made of this one table. */
export const commandTable: readonly CommandEntry[] = [
	{name: '', usage: '[options]', help: 'live screen', operands: 'none'},
	{name: '', usage: '-b [-n N]', help: 'text frames, for pipes and cron', operands: 'none'},
	{
		name: 'snapshot',
		usage: '[-o FILE|-]',
		help: 'watch for a while, then one Snapshot as JSON',
		operands: 'none',
	},
	{
		name: 'record',
		usage: '[-o FILE]',
		help: 'one compact record a tick, until --for is over or a signal ends it',
		operands: 'none',
	},
	{
		name: 'replay',
		usage: 'FILE',
		help: 'open a saved Snapshot or a recording in the live screen',
		operands: 'files',
	},
	{
		name: 'diff',
		usage: 'BEFORE AFTER',
		help: 'what changed between two of them: findings, services, factors',
		operands: 'files',
	},
	{
		name: 'report',
		usage: 'FILE',
		help: 'one for a ticket: Markdown of at most 4 kB, or HTML',
		operands: 'files',
	},
	{
		name: 'preflight',
		usage: '',
		help: 'disks, inodes, sockets, memory, load and limits in one look',
		operands: 'none',
	},
	{
		name: 'doctor',
		usage: '',
		help: 'what ctop can read and show here, and what is lost without the rest',
		operands: 'none',
	},
	{
		name: 'probe',
		usage: 'PID',
		help: 'one close look at a process: system calls, stacks, locks, flame graphs',
		operands: 'none',
	},
	{
		name: 'explain',
		usage: '[RULE]',
		help: 'what a finding means, how ctop knows, how to fix it',
		operands: 'rules',
	},
	{name: 'schema', usage: '', help: 'JSON Schema of a Snapshot', operands: ['snapshot']},
	{
		name: 'completion',
		usage: 'SHELL',
		help: `completes commands and options in ${shells.join(', ')}`,
		operands: shells,
	},
];

export const commandNames: readonly string[] = commandTable
	.map(({name}) => name)
	.filter(name => name !== '');
