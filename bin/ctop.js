#!/bin/sh
// 2>/dev/null; exec node --v8-pool-size=1 "$0" "$@"
// To a shell the line above starts Node.js on this file, to Node.js it is a comment: an interpreter line of its own can't give flags everywhere
// (busybox's env knows no -S). V8 with one helper thread, not four, needs 7 MB less for the same CPU, and learns it only before it starts.

import {existsSync} from 'node:fs';
import module from 'node:module';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import v8 from 'node:v8';

const bundle = new URL('../dist/ctop.mjs', import.meta.url);

const refuse = reason => {
	process.stderr.write(`ctop: ${reason}\n`);
	process.exit(2);
};

const major = Number.parseInt(process.versions.node, 10);

if (major < 20) {
	refuse(`needs Node.js 20 or newer, this is ${process.versions.node}`);
}

if (process.platform !== 'linux') {
	refuse(`reads the Linux kernel's /proc and can't run on ${process.platform}`);
}

if (!existsSync(bundle)) {
	refuse('not built yet; run `npm ci && npm run build` in its folder');
}

// A young generation that grows to its usual size costs 70 MB with ten thousand threads and saves next to no time. One as small is
// collected sooner by one thread than by several: 3 to 9 % of all CPU. Code compiled by one compiler less costs no time, and 7 to 20 MB less.
v8.setFlagsFromString('--semi-space-growth-factor=1 --no-parallel-scavenge --no-maglev');
// All is collected when a quarter more is in use, not a tenth: some percent of all CPU, and with Node.js 20, which else waits for more, 60 MB less.
v8.setFlagsFromString('--heap-growing-percent=25');
if (major >= 24) {
	// Pages that are free again go back to the kernel at once: 5 to 15 MB. Older ones don't know it, and say so.
	v8.setFlagsFromString('--memory-saver-mode');
}

// What V8 compiled the last time, beside the program: a third of the time to the first frame. Where it can't be kept, it isn't.
module.enableCompileCache?.(fileURLToPath(new URL('../dist/cache', import.meta.url)));
// Node.js keeps it when the program ends by itself; one that is closed with its terminal doesn't.
setTimeout(() => module.flushCompileCache?.(), 2000).unref();

await import(bundle.href);
