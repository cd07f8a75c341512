/** What a key does; `effect` ones reach beyond the screen. */
export type Command =
	| 'up'
	| 'down'
	| 'page-up'
	| 'page-down'
	| 'first'
	| 'last'
	| 'sort-switches'
	| 'sort-voluntary'
	| 'sort-involuntary'
	| 'sort-wait'
	| 'sort-cpu'
	| 'sort-pid'
	| 'invert'
	| 'tree'
	| 'threads'
	| 'kernel-threads'
	| 'fold'
	| 'unfold'
	| 'open'
	| 'timeline'
	| 'fold-all'
	| 'filter'
	| 'follow'
	| 'freeze'
	| 'step-back'
	| 'step-on'
	| 'ten-back'
	| 'ten-on'
	| 'next-finding'
	| 'slower'
	| 'faster'
	| 'baseline'
	| 'no-baseline'
	| 'save'
	| 'save-with-note'
	| 'save-redacted'
	| 'findings'
	| 'finding'
	| 'switch-focus'
	| 'interval'
	| 'preflight'
	| 'probe'
	| 'help'
	| 'back'
	| 'repaint'
	| 'suspend'
	| 'quit';

export type KeyGroup = 'move' | 'sort' | 'tree' | 'look' | 'findings' | 'time' | 'session';

export type KeyBinding = {
	/** Names as `keyNames` gives them. */
	keys: readonly string[];
	/** The keys as help shows them. */
	label: string;
	command: Command;
	/** Missing where the line of the key before says both. */
	help?: string;
	group: KeyGroup;
	/** Place in the footer, where there is room; the lowest number stays longest. */
	footer?: {label: string; text: string; priority: number};
};

/** All keys of the screen: what they do, the footer and the help are made of this one table. */
export const keymap: readonly KeyBinding[] = [
	{keys: ['up', 'k'], label: 'Up k Down j', command: 'up', help: 'up, down', group: 'move'},
	{keys: ['down', 'j'], label: 'Down j', command: 'down', group: 'move'},
	{
		keys: ['page-up', 'ctrl+b'],
		label: 'PgUp Ctrl+B',
		command: 'page-up',
		help: 'page up',
		group: 'move',
	},
	{
		keys: ['page-down', 'ctrl+f'],
		label: 'PgDn Ctrl+F',
		command: 'page-down',
		help: 'page down',
		group: 'move',
	},
	{
		keys: ['home', 'g'],
		label: 'Home g End G',
		command: 'first',
		help: 'first, last row',
		group: 'move',
	},
	{keys: ['end', 'G'], label: 'End G', command: 'last', group: 'move'},
	{
		keys: ['c'],
		label: 'c',
		command: 'sort-switches',
		help: 'all switches',
		group: 'sort',
		footer: {label: 'c v n w P N', text: 'sort', priority: 6},
	},
	{keys: ['v'], label: 'v', command: 'sort-voluntary', help: 'voluntary switches', group: 'sort'},
	{
		keys: ['n'],
		label: 'n',
		command: 'sort-involuntary',
		help: 'involuntary switches',
		group: 'sort',
	},
	{keys: ['w'], label: 'w', command: 'sort-wait', help: 'waiting for a CPU', group: 'sort'},
	{keys: ['P'], label: 'P', command: 'sort-cpu', help: 'CPU', group: 'sort'},
	{keys: ['N'], label: 'N', command: 'sort-pid', help: 'pid', group: 'sort'},
	{keys: ['I'], label: 'I', command: 'invert', help: 'invert the order', group: 'sort'},
	{
		keys: ['t'],
		label: 't',
		command: 'tree',
		help: 'tree or flat list',
		group: 'tree',
		footer: {label: 't', text: 'tree', priority: 8},
	},
	{
		keys: ['left', '-'],
		label: 'Left -',
		command: 'fold',
		help: 'fold',
		group: 'tree',
	},
	{keys: ['right', '+'], label: 'Right +', command: 'unfold', help: 'unfold', group: 'tree'},
	{
		keys: ['enter'],
		label: 'Enter T',
		command: 'open',
		help: 'detail; its timeline',
		group: 'tree',
		footer: {label: 'Enter', text: 'detail', priority: 7},
	},
	{keys: ['T'], label: 'T', command: 'timeline', group: 'tree'},
	{keys: ['*'], label: '*', command: 'fold-all', help: 'unfold or fold all', group: 'tree'},
	{
		keys: ['H'],
		label: 'H',
		command: 'threads',
		help: 'threads: fought, all, none',
		group: 'tree',
		footer: {label: 'H', text: 'threads', priority: 8},
	},
	{
		keys: ['K'],
		label: 'K',
		command: 'kernel-threads',
		help: 'kernel threads',
		group: 'tree',
	},
	{
		keys: ['/'],
		label: '/',
		command: 'filter',
		help: 'filter the table',
		group: 'look',
		footer: {label: '/', text: 'filter', priority: 5},
	},
	{keys: ['F'], label: 'F', command: 'follow', help: 'follow this row', group: 'look'},
	{
		keys: ['e'],
		label: 'e',
		command: 'findings',
		help: 'findings explained',
		group: 'findings',
		footer: {label: 'e', text: 'explain', priority: 4},
	},
	{
		keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9'],
		label: '1-9',
		command: 'finding',
		help: 'finding of that number',
		group: 'findings',
	},
	{
		keys: ['tab', 'shift+tab'],
		label: 'Tab',
		command: 'switch-focus',
		help: 'table or findings',
		group: 'findings',
	},
	{
		keys: ['p'],
		label: 'p i',
		command: 'preflight',
		help: 'disks, sockets...; a probe',
		group: 'findings',
		footer: {label: 'p', text: 'preflight', priority: 10},
	},
	{
		keys: ['i'],
		label: 'i',
		command: 'probe',
		group: 'findings',
		footer: {label: 'i', text: 'probe', priority: 9},
	},
	{
		keys: ['space'],
		label: 'Space',
		command: 'freeze',
		help: 'freeze; play a recording',
		group: 'time',
		footer: {label: 'Space', text: 'freeze', priority: 1},
	},
	{
		keys: ['s'],
		label: 's',
		command: 'save',
		help: 'save it as JSON',
		group: 'time',
		footer: {label: 's', text: 'save', priority: 2},
	},
	{
		keys: ['S'],
		label: 'S R',
		command: 'save-with-note',
		help: 'save with a note; nameless',
		group: 'time',
	},
	{keys: ['R'], label: 'R', command: 'save-redacted', group: 'time'},
	{
		keys: ['['],
		label: '[ ] { }',
		command: 'step-back',
		help: 'one back, on; ten',
		group: 'time',
		footer: {label: '[ ]', text: 'step', priority: 8},
	},
	{keys: [']'], label: ']', command: 'step-on', group: 'time'},
	{keys: ['{'], label: '{', command: 'ten-back', group: 'time'},
	{keys: ['}'], label: '}', command: 'ten-on', group: 'time'},
	{
		keys: ['f'],
		label: 'f',
		command: 'next-finding',
		help: 'to the next finding',
		group: 'time',
	},
	{
		keys: ['<'],
		label: '< >',
		command: 'slower',
		help: 'play slower, faster',
		group: 'time',
	},
	{keys: ['>'], label: '>', command: 'faster', group: 'time'},
	{
		keys: ['b'],
		label: 'b B',
		command: 'baseline',
		help: 'compare rates with now; stop',
		group: 'time',
		footer: {label: 'b', text: 'baseline', priority: 11},
	},
	{keys: ['B'], label: 'B', command: 'no-baseline', group: 'time'},
	{keys: ['d'], label: 'd', command: 'interval', help: 'interval in seconds', group: 'time'},
	{
		keys: ['?'],
		label: '?',
		command: 'help',
		help: 'this help',
		group: 'session',
		footer: {label: '?', text: 'help', priority: 0},
	},
	{keys: ['escape'], label: 'Esc', command: 'back', help: 'back', group: 'session'},
	{
		keys: ['ctrl+l'],
		label: 'Ctrl+L',
		command: 'repaint',
		help: 'draw anew',
		group: 'session',
	},
	{keys: ['ctrl+z'], label: 'Ctrl+Z', command: 'suspend', help: 'suspend', group: 'session'},
	{
		keys: ['q'],
		label: 'q Ctrl+C',
		command: 'quit',
		help: 'quit',
		group: 'session',
		footer: {label: 'q', text: 'quit', priority: 3},
	},
];

const commandsByKey = new Map(
	keymap.flatMap(({keys, command}) => keys.map(key => [key, command] as const)),
);

/** What a key does; undefined when it does nothing. */
export const commandOf = (key: string): Command | undefined => commandsByKey.get(key);
