import {createHmac, randomBytes} from 'node:crypto';
import type {Process} from '../model/process.js';
import type {Snapshot} from '../model/snapshot.js';

/** Replaces what says who and where by tokens. */
export type Redactor = {
	/** Text for text the same token in all Snapshots of one boot, so that redacted files can still be compared. */
	redact: (snapshot: Snapshot) => Snapshot;
};

const tokenLength = 8;

/** Last part of a path. */
const fileNameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Kernel's own files say nothing about who owns the machine. */
const path = /(?<![\w/.*])(?!\/(?:proc|sys)\/)(?:~|\.{0,2})\/[\w.@%+:,~*-]+(?:\/[\w.@%+:,~*-]*)*/g;
/** Source file of a Python frame, `_poll (pykafka/producer.py:312)`, but for those of Python's own library. */
const sourceFile = /(?<=\()(?!python\d[\w.]*\/)[^()<>]+\.pyx?(?=(?::\d+)?\))/g;
/** Package of the class in a Java frame, `com.acme.shop.Orders.take (Orders.java:79)`, but for those of Java's own library. */
const javaPackage =
	/(?<![\w$.])(?!(?:java|javax|jdk|sun|com\.sun|kotlin|kotlinx|scala|clojure|groovy)\.)(?:[a-z_]\w*\.)+(?=[A-Z][\w$]*\.[\w$<>]+ \((?:[\w$]+\.(?:java|kt|scala|groovy)(?::\d+)?)?\))/g;
const address =
	/\b(?!0\.0\.0\.0|127\.0\.0\.1)\d{1,3}(?:\.\d{1,3}){3}\b|\[?\b(?:[\da-f]{1,4}:){2,7}[\da-f]{1,4}\b\]?/gi;
const mail = /\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b/g;

/** Arguments that are worth looking for in the words of findings: not `worker` or `40`, which stand everywhere. */
const isTelling = (argument: string): boolean =>
	argument.length >= 4 && !/^-{0,2}[a-z-]{1,12}$/.test(argument) && !/^[\d.]+$/.test(argument);

const wholeText = /[\w.@-]/;

/** Replaces a text where it stands by itself, not as a part of a longer word. */
const replaceWhole = (text: string, wanted: string, token: string): string => {
	let result = '';
	let from = 0;
	for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, from)) {
		const end = at + wanted.length;
		const isWhole = !wholeText.test(text[at - 1] ?? '') && !wholeText.test(text[end] ?? '');
		result += text.slice(from, at) + (isWhole ? token : wanted);
		from = end;
	}

	return result + text.slice(from);
};

/** Keys whose texts are words of ctop or of the kernel, or numbers written as text: they say nothing about who. */
const keptKeys: ReadonlySet<string> = new Set([
	'schemaVersion',
	'kind',
	'tool',
	'takenAt',
	'startTime',
	'since',
	'at',
	'lastSeen',
	'state',
	'stateFlags',
	'kernel',
	'architecture',
	'rule',
	'severity',
	'confidence',
	'call',
	'waitChannel',
	'futexAddress',
	'futexOperation',
	'id',
	'lockId',
	'note',
	'privacy',
]);

type Context = {
	token: (kind: string, text: string) => string;
	/** Names and arguments of this Snapshot, the longest first, with their tokens. */
	known: readonly (readonly [string, string])[];
};

const scrubText = (text: string, {token, known}: Context): string => {
	let scrubbed = text;
	for (const [wanted, replacement] of known) {
		if (scrubbed.includes(wanted)) {
			scrubbed = replaceWhole(scrubbed, wanted, replacement);
		}
	}

	return scrubbed
		.replaceAll(mail, found => token('mail', found))
		.replaceAll(path, found => token('path', found))
		.replaceAll(sourceFile, found => token('path', found))
		.replaceAll(javaPackage, found => `${token('package', found)}.`)
		.replaceAll(address, found => token('address', found));
};

/** Every text below, wherever it stands: also what a later version adds is scrubbed. */
const scrub = (value: unknown, context: Context): unknown => {
	if (typeof value === 'string') {
		return scrubText(value, context);
	}

	if (Array.isArray(value)) {
		return value.map(item => scrub(item, context));
	}

	if (typeof value !== 'object' || value === null) {
		return value;
	}

	return Object.fromEntries(
		Object.entries(value).map(([key, item]) => [
			key,
			keptKeys.has(key) ? item : scrub(item, context),
		]),
	);
};

/** The program's own name stays: findings are about programs. */
const redactWord = (word: string, index: number, process: Process, context: Context): string => {
	const program = fileNameOf(word);
	const isProgram =
		index === 0 && process.name !== '' && program.startsWith(process.name.slice(0, 15));
	return isProgram ? program : context.token('argument', word);
};

const redactProcess = (process: Process, context: Context): Process => {
	const {commandLine, user, cgroup, threads, ...rest} = process;
	const scrubbed = scrub({...rest, threads}, context) as Process;
	return {
		...scrubbed,
		...(commandLine !== undefined && {
			commandLine:
				commandLine === null
					? null
					: commandLine.map((word, index) => redactWord(word, index, process, context)),
		}),
		...(user !== undefined && {user: context.token('user', user)}),
		...(cgroup !== undefined && {
			cgroup: cgroup === null || cgroup === '/' ? cgroup : context.token('cgroup', cgroup),
		}),
	};
};

const knownTexts = (
	{host, processes}: Snapshot,
	token: Context['token'],
): readonly (readonly [string, string])[] => {
	const known = new Map<string, string>([[host.name, token('host', host.name)]]);
	for (const {user, cgroup, commandLine} of processes) {
		if (user !== undefined && user !== 'root') {
			known.set(user, token('user', user));
		}

		if (cgroup && cgroup !== '/') {
			known.set(cgroup, token('cgroup', cgroup));
		}

		for (const argument of commandLine?.slice(1) ?? []) {
			if (isTelling(argument)) {
				known.set(argument, token('argument', argument));
			}
		}
	}

	known.delete('');
	return [...known].sort(([one], [other]) => other.length - one.length);
};

/**
Makes a redactor. Its tokens are keyed with the boot's id, a random number that isn't in the result: nobody can find the name behind
a token by trying names. Without a boot id the key is a random one of its own.
*/
export const createRedactor = (): Redactor => {
	const randomKey = randomBytes(16).toString('hex');
	let key: string | undefined;
	const tokens = new Map<string, string>();
	const redacted = new WeakMap<Process, Process>();

	const token = (kind: string, text: string): string => {
		const known = tokens.get(`${kind} ${text}`);
		if (known !== undefined) {
			return known;
		}

		const digest = createHmac('sha256', key ?? randomKey)
			.update(text)
			.digest('hex');
		const made = `${kind}-${digest.slice(0, tokenLength)}`;
		tokens.set(`${kind} ${text}`, made);
		return made;
	};

	return {
		redact(snapshot) {
			if (snapshot.privacy?.identities === 'replaced') {
				return snapshot;
			}

			key ??= snapshot.host.bootId ?? randomKey;
			const context: Context = {token, known: knownTexts(snapshot, token)};
			const processes = snapshot.processes.map(process => {
				const known = redacted.get(process) ?? redactProcess(process, context);
				redacted.set(process, known);
				return known;
			});
			const {processes: _, host, ...rest} = snapshot;
			const {bootId, name, ...kept} = host;
			return {
				...(scrub(rest, context) as Omit<Snapshot, 'processes' | 'host'>),
				privacy: {secrets: 'masked', identities: 'replaced'},
				host: {
					...kept,
					name: token('host', name),
					...(bootId !== undefined && {bootId: token('boot', bootId)}),
				},
				processes,
			};
		},
	};
};
