/** A frame of a runtime's stack, `_poll (pykafka/producer.py:312)`, in its parts. */
export type RuntimeFrame = {
	/** `_poll`. */
	name: string;
	/** `pykafka/producer.py:312`; an empty text where the runtime doesn't know. */
	place: string;
};

const frameText = /^(.*?) \((.*)\)$/s;
const line = /:\d+$/;

/** What the JDK and the languages on it bring along. */
const javaLibrary = /^(?:java|javax|jdk|sun|com\.sun|kotlin|kotlinx|scala|clojure|groovy)\./;

/** Paths of Python's own library begin so, once they are shortened: `python3.11/threading.py`. */
const pythonLibrary = /^python\d+(?:\.\d+)?t?(?:\.zip)?\/|^<frozen /;

/** What stands below everything that a thread of Python's own library runs. */
const threadStart = /^python\d+(?:\.\d+)?t?(?:\.zip)?\/threading\.py(?::|$)/;

export const parseFrame = (text: string): RuntimeFrame => {
	const [, name = text, place = ''] = frameText.exec(text) ?? [];

	return {name, place};
};

/** The same without the line: two threads in one function are in one place. */
export const frameFunction = (text: string): string => {
	const {name, place} = parseFrame(text);

	return `${name} (${place.replace(line, '')})`;
};

const isLibrary = ({name, place}: RuntimeFrame): boolean =>
	pythonLibrary.test(place) || javaLibrary.test(name);

/**
The innermost frame of a stack that isn't of the language's own library: the line that has the thread wait, or compute. A thread that runs
nothing else, as those of an idle pool, is told by what it was started for. Undefined when there's no stack.
*/
export const applicationFrame = (stack: Iterable<string> | undefined): string | undefined => {
	const passed: string[] = [];

	for (const text of stack ?? []) {
		if (!isLibrary(parseFrame(text))) {
			return text;
		}

		passed.push(text);
	}

	return passed.findLast(text => !threadStart.test(parseFrame(text).place)) ?? passed[0];
};

const known = new WeakMap<readonly string[], string | undefined>();

/** The same of a stack that is kept: it's looked at for every row of the screen, and found once. */
export const knownApplicationFrame = (stack: readonly string[] | undefined): string | undefined => {
	if (stack === undefined) {
		return undefined;
	}

	if (!known.has(stack)) {
		known.set(stack, applicationFrame(stack));
	}

	return known.get(stack);
};
