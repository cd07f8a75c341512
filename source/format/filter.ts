import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import {processCommand} from './command.js';
import {fieldTerm} from './filter-fields.js';

/** Whether a thread of a process, or the process as a whole, is meant. */
export type Matcher = (process: Process, thread?: Thread) => boolean;

export type Filter = {matches: Matcher; error?: undefined} | {matches?: undefined; error: string};

/** Words of a filter; a regular expression may hold spaces. */
const splitTerms = (text: string): string[] => text.match(/!?\/(?:\\.|[^\\/])*\/?\S*|\S+/g) ?? [];

const textsOf = (process: Process, thread?: Thread): string[] =>
	thread === undefined
		? [processCommand(process), process.name, String(process.pid)]
		: [processCommand(process), process.name, String(process.pid), thread.name, String(thread.tid)];

const wordTerm = (word: string): Matcher => {
	const wanted = word.toLowerCase();
	return (process, thread) =>
		textsOf(process, thread).some(text => text.toLowerCase().includes(wanted));
};

const regexTerm = (term: string): Matcher | string => {
	const source = term.length > 1 && term.endsWith('/') ? term.slice(1, -1) : term.slice(1);
	try {
		const regex = new RegExp(source, 'iu');
		return (process, thread) => textsOf(process, thread).some(text => regex.test(text));
	} catch {
		return `not a regular expression: ${term}`;
	}
};

const parseTerm = (term: string): Matcher | string => {
	if (term.startsWith('!') && term.length > 1) {
		const inner = parseTerm(term.slice(1));
		return typeof inner === 'string' ? inner : (process, thread) => !inner(process, thread);
	}

	if (term.startsWith('/') && term.length > 1) {
		return regexTerm(term);
	}

	return fieldTerm(term) ?? wordTerm(term);
};

/**
A filter from what a person typed: words that must all hold, each a part of the
command, of the name, or of the pid; `!word`, `/regex/`, `user:`, `pid:`, `state:D`,
`wchan:futex`, `csw>1000`. What can't be understood is an error in words.
*/
export const parseFilter = (text: string): Filter => {
	const terms = splitTerms(text.trim()).map(term => parseTerm(term));
	const error = terms.find(term => typeof term === 'string');
	if (error !== undefined) {
		return {error};
	}

	const matchers = terms.filter(term => typeof term !== 'string');
	return {matches: (process, thread) => matchers.every(matcher => matcher(process, thread))};
};
