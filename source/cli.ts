import process from 'node:process';
import {loadFirst, watchOwnPriority} from './observer/own-priority.js';

/** What watches the machine; the screen and `-b` have no word of their own. A probe keeps to its budget like any other program. */
const watching: ReadonlySet<string> = new Set(['record', 'snapshot']);
const [first = '-'] = process.argv.slice(2);

// On a machine that is short of CPUs loading the rest of the program alone takes a second.
if (first.startsWith('-') || watching.has(first)) {
	loadFirst();
	watchOwnPriority().measure();
}

await import('./main.js');
