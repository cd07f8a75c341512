import type {Process} from '../model/process.js';
import type {Snapshot} from '../model/snapshot.js';
import {isSecretName} from './secret-name.js';

/** What stands in the place of a secret. */
export const secretMark = '***';

/** Options that mean a password to one program and something else to others. `attached`: in one word, as `-pSECRET`. */
const ownOptions: readonly {programs: RegExp; option: string; attached: boolean}[] = [
	{programs: /^(?:mysql|mariadb)\w*(?:-\w+)?$/, option: '-p', attached: true},
	{programs: /^sshpass$/, option: '-p', attached: true},
	{programs: /^sshpass$/, option: '-p', attached: false},
	{programs: /^redis-cli$/, option: '-a', attached: false},
	{programs: /^ldap\w+$/, option: '-w', attached: false},
	{
		programs: /^(?:mongo|mongosh|mongodump|mongorestore|mongoexport)$/,
		option: '-p',
		attached: false,
	},
	{programs: /^(?:bcp|sqlcmd|isql)$/, option: '-P', attached: false},
	{programs: /^openssl$/, option: '-k', attached: false},
];

/** Options whose value is `name:secret`: curl(1) `-u`, and `name%secret`: smbclient(1) `-U`. */
const pairOptions: readonly {programs: RegExp; options: readonly string[]; separator: string}[] = [
	{
		programs: /^(?:curl|http|https|httpie)$/,
		options: ['-u', '--user', '-U', '--proxy-user', '-a', '--auth'],
		separator: ':',
	},
	{programs: /^(?:smbclient|rpcclient|net)$/, options: ['-U', '--user'], separator: '%'},
];

/** Secrets that are known by their form alone: keys of clouds, vaults and code hosts, JSON Web Tokens, private keys. */
const knownForms =
	/\b(?:AKIA|ASIA)[A-Z\d]{16}\b|\bgh[opsur]_[A-Za-z\d]{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{20,}|\bxox[abeprs]-[\w-]{10,}|\bsk-[\w-]{20,}|\bAIza[\w-]{30,}|\bhv[sbr]\.[\w-]{20,}|\bs\.[A-Za-z\d]{24}\b|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*|-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*PRIVATE KEY-----)?/g;

/** `scheme://name:secret@host`, see RFC 3986, 3.2.1. */
const urlSecret = /\b([a-z][a-z\d+.-]*:\/\/[^\s/?#:@'"]*):([^\s/?#'"]+)@/gi;
/** `https://token@host`: no user's name is as long. */
const urlToken = /\b(https?:\/\/)[^\s/?#:@'"]{16,}@/gi;
const header =
	/\b(authorization|proxy-authorization|x-api-key|x-auth-token|cookie)(\s*:\s*)[^'"]+/gi;
const scheme = /\b(bearer|basic)\s+(?!\*)[\w+/=.~-]{8,}/gi;
/** `name=value`, `"name": "value"`, also many in one argument, as in a connection string or a query. */
const setting = /([\w.-]+)(["']?\s*=\s*|["']\s*:\s*)("[^"]*"|'[^']*'|[^\s;,&"'}]+)/g;

const maskText = (text: string): string =>
	text
		.replaceAll(urlSecret, `$1:${secretMark}@`)
		.replaceAll(urlToken, `$1${secretMark}@`)
		.replaceAll(header, `$1$2${secretMark}`)
		.replaceAll(scheme, `$1 ${secretMark}`)
		.replaceAll(setting, (whole, name: string, between: string) =>
			isSecretName(name) ? `${name}${between}${secretMark}` : whole,
		)
		.replaceAll(knownForms, secretMark);

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

const looksLikeOption = (word: string): boolean => /^--?[a-z]/i.test(word);

/** Whether the word after this one is a secret. */
const announcesSecret = (word: string, program: string): boolean =>
	(/^--?[\w.-]+$/.test(word) && isSecretName(word)) ||
	ownOptions.some(
		({programs, option, attached}) => !attached && word === option && programs.test(program),
	);

const maskAttached = (word: string, program: string): string | undefined => {
	const own = ownOptions.find(
		({programs, option, attached}) =>
			attached && word.startsWith(option) && word.length > option.length && programs.test(program),
	);
	return own && own.option + secretMark;
};

/** Where the value of an option begins that stands in one word with it, as in `-uNAME:SECRET` and `--user=NAME:SECRET`; 0 where none does. */
const valueStart = (word: string, options: readonly string[]): number => {
	const option = options.find(each =>
		each.startsWith('--') ? word.startsWith(`${each}=`) : word.startsWith(each),
	);
	return option === undefined ? 0 : option.length;
};

const maskPair = (word: string, before: string, program: string): string | undefined => {
	const own = pairOptions.find(({programs}) => programs.test(program));
	if (own === undefined) {
		return undefined;
	}

	const start = valueStart(word, own.options);
	const index = start > 0 || own.options.includes(before) ? word.indexOf(own.separator, start) : -1;
	return index === -1 ? undefined : word.slice(0, index + 1) + secretMark;
};

const shellWord = /(?:[^\s'"]|'[^']*'|"[^"]*")+/g;

/** A word that holds a whole command, as behind `sh -c`, or a title that a program gave itself. */
const maskInside = (word: string): string => {
	const text = maskText(word);
	if (!/\s/.test(text)) {
		return text;
	}

	const inner = text.match(shellWord) ?? [];
	if (inner.length === 1 && inner[0] === text) {
		// One quoted word: there is nothing further inside.
		return text;
	}

	const masked = maskWords(inner);
	let index = 0;
	return masked === inner ? text : text.replaceAll(shellWord, () => masked[index++]!);
};

const maskWord = (words: readonly string[], index: number, program: string): string => {
	const word = words[index]!;
	const before = words[index - 1] ?? '';
	if (index > 0 && announcesSecret(before, program) && !looksLikeOption(word)) {
		return word === '' ? word : secretMark;
	}

	return maskAttached(word, program) ?? maskPair(word, before, program) ?? maskInside(word);
};

/** Words of one command; the program that the options belong to is the last one named before them, as behind sudo(8) or env(1). */
const maskWords = (words: readonly string[]): readonly string[] => {
	let program = nameOf(words[0] ?? '');
	let changed = false;
	const masked = words.map((word, index) => {
		const result = maskWord(words, index, program);
		changed ||= result !== word;
		if (
			ownOptions.some(({programs}) => programs.test(nameOf(word))) ||
			pairOptions.some(({programs}) => programs.test(nameOf(word)))
		) {
			program = nameOf(word);
		}

		return result;
	});
	return changed ? masked : words;
};

const maskedLines = new WeakMap<readonly string[], readonly string[]>();

/**
A command line with `***` in the place of what is likely a secret: `--password=…`, `--token …`, `DB_PASSWORD=…`, `-p…` of mysql(1),
credentials in URLs and headers, keys of a known form. The same array when there was none; doing it twice changes nothing.
*/
export const maskCommandLine = (words: readonly string[]): readonly string[] => {
	let masked = maskedLines.get(words);
	if (masked === undefined) {
		masked = maskWords(words);
		maskedLines.set(words, masked);
	}

	return masked;
};

const maskedProcesses = new WeakMap<Process, Process>();

const maskProcess = (process: Process): Process => {
	const {commandLine} = process;
	if (!commandLine || commandLine.length === 0) {
		return process;
	}

	let masked = maskedProcesses.get(process);
	if (masked === undefined) {
		const words = maskCommandLine(commandLine);
		masked = words === commandLine ? process : {...process, commandLine: words};
		maskedProcesses.set(process, masked);
	}

	return masked;
};

/** The Snapshot without secrets in command lines; it says so. Processes that had none stay the same objects. */
export const maskSecrets = (snapshot: Snapshot): Snapshot => ({
	...snapshot,
	privacy: {identities: 'kept', ...snapshot.privacy, secrets: 'masked'},
	processes: snapshot.processes.map(maskProcess),
});
