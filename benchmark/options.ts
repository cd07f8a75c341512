import {parseArgs} from 'node:util';

export type Options = {
	readonly threads: readonly number[];
	readonly activePercents: readonly number[];
	readonly rounds: number;
	readonly seconds: number;
	readonly warmUpSeconds: number;
	readonly firstFrames: number;
	readonly soakMinutes: number;
	/** Only these, by name; all of them when undefined. */
	readonly peers: readonly string[] | undefined;
	/** Where the report goes; printed only when undefined. */
	readonly output: string | undefined;
	/** A directory for what each tool wrote to its terminal. */
	readonly transcripts: string | undefined;
};

export const usage = `Usage: npm run bench -- [options]

  --threads 2000,10000   threads of the load
  --active 1,10,100      percent of them that wake twice a second
  --rounds 3             how often each tool is measured; the median counts
  --seconds 15           length of one measurement
  --warm-up 5            seconds before it that do not count
  --first-frames 9       starts that are timed for the first frame; 0 leaves them out
  --soak 0               minutes for which memory is watched
  --peers htop,pidstat   only these; for ctop alone also observer, sampler, reader
  --output FILE          instead of benchmark/results.md
  --transcripts DIR      keep what each tool wrote
  --quick                one round of 5 s at 2,000 threads, 1 % active; writes no file unless --output says so
`;

const numbersOf = (name: string, text: string, minimum: number): readonly number[] => {
	const numbers = text.split(',').map(Number);
	if (numbers.some(number => !Number.isFinite(number) || number < minimum)) {
		throw new RangeError(`--${name} ${text}: numbers of at least ${minimum}, separated by commas`);
	}

	return numbers;
};

const numberOf = (name: string, text: string, minimum: number): number => {
	const [number, ...others] = numbersOf(name, text, minimum);
	if (number === undefined || others.length > 0) {
		throw new RangeError(`--${name} ${text}: one number`);
	}

	return number;
};

/**
The options of a run. Throws a TypeError for an unknown option, a RangeError for a value that makes no sense;
undefined when help is asked for.
*/
export const parseOptions = (argv: readonly string[], resultsFile: string): Options | undefined => {
	const {values} = parseArgs({
		args: [...argv],
		options: {
			threads: {type: 'string'},
			active: {type: 'string'},
			rounds: {type: 'string'},
			seconds: {type: 'string'},
			'warm-up': {type: 'string'},
			'first-frames': {type: 'string'},
			soak: {type: 'string'},
			peers: {type: 'string'},
			output: {type: 'string'},
			transcripts: {type: 'string'},
			quick: {type: 'boolean'},
			help: {type: 'boolean', short: 'h'},
		},
	});
	if (values.help) {
		return undefined;
	}

	const {quick} = values;
	return {
		threads: numbersOf('threads', values.threads ?? (quick ? '2000' : '2000,10000'), 1),
		activePercents: numbersOf('active', values.active ?? (quick ? '1' : '1,10,100'), 0),
		rounds: numberOf('rounds', values.rounds ?? (quick ? '1' : '3'), 1),
		seconds: numberOf('seconds', values.seconds ?? (quick ? '5' : '15'), 2),
		warmUpSeconds: numberOf('warm-up', values['warm-up'] ?? (quick ? '3' : '5'), 0),
		firstFrames: numberOf('first-frames', values['first-frames'] ?? (quick ? '3' : '9'), 0),
		soakMinutes: numberOf('soak', values.soak ?? '0', 0),
		peers: values.peers?.split(','),
		output: values.output ?? (quick ? undefined : resultsFile),
		transcripts: values.transcripts,
	};
};
