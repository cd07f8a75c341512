/** One frame as perf tells it. */
export type PerfFrame = {
	/** Function; `[unknown]` where perf knows none. */
	name: string;
	/** Base name of the file that it lies in. */
	file: string;
	isKernel: boolean;
};

/** One sample of `perf script`. */
export type PerfSample = {
	/** Name of the thread. */
	name: string;
	tid: number;
	/** On the clock that perf record was told to use. */
	seconds: number;
	/** Innermost first. */
	frames: readonly PerfFrame[];
};

/** Fields that `perf script` shall print, for `parsePerfScript`. */
export const perfFields = 'comm,tid,time,ip,sym,dso';

const headPattern = /^(.*\S)\s+(\d+)\s+(\d+\.\d+):\s*$/;
const framePattern = /^\s+([\da-f]+) (.*) \((.*)\)$/;
const kernelFile = /^\[(?:kernel|guest|bpf|vdso32)|^\[k|\.ko(?:\.[xg]z|\.zst)?$|^\[\w+\]$/;

const parseFrame = (line: string): PerfFrame | undefined => {
	const [, , name, file] = framePattern.exec(line) ?? [];
	if (name === undefined || file === undefined) {
		return undefined;
	}

	const base = file.slice(file.lastIndexOf('/') + 1);
	const isKernel =
		kernelFile.test(file) && !file.startsWith('[unknown') && !file.startsWith('[vdso');
	return {name: name.replace(/\+0x[\da-f]+$/, ''), file: base, isKernel};
};

/**
Reads what `perf script -F comm,tid,time,ip,sym,dso` prints, in pieces as they come: a head (`name tid seconds:`), a line for each
frame, and an empty line. Lines that are none of these are passed over. See perf-script(1).
*/
export const createPerfScriptParser = (onSample: (sample: PerfSample) => void) => {
	let rest = '';
	let head: Omit<PerfSample, 'frames'> | undefined;
	let frames: PerfFrame[] = [];

	const finish = (): void => {
		if (head) {
			onSample({...head, frames});
		}

		head = undefined;
		frames = [];
	};

	const take = (line: string): void => {
		if (line.trim() === '') {
			finish();
			return;
		}

		const frame = parseFrame(line);
		if (frame) {
			frames.push(frame);
			return;
		}

		const [, name, tid, seconds] = headPattern.exec(line) ?? [];
		if (name !== undefined) {
			finish();
			head = {name: name.trim(), tid: Number(tid), seconds: Number(seconds)};
		}
	};

	return {
		push(text: string) {
			const lines = (rest + text).split('\n');
			rest = lines.pop() ?? '';
			for (const line of lines) {
				take(line);
			}
		},
		end() {
			if (rest !== '') {
				take(rest);
			}

			rest = '';
			finish();
		},
	};
};

/** All samples of a text. */
export const parsePerfScript = (text: string): readonly PerfSample[] => {
	const samples: PerfSample[] = [];
	const parser = createPerfScriptParser(sample => samples.push(sample));
	parser.push(text);
	parser.end();
	return samples;
};
