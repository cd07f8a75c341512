/** What Node.js has threads for, as `Thread.role` says it: the one that runs the program's JavaScript. */
export const eventLoopRole = 'event loop';

/** Those that libuv does blocking work in. */
export const libuvPoolRole = 'libuv pool: files, DNS, crypto, zlib';

/** Those that the program has started to run JavaScript beside its loop. */
export const nodeWorkerRole = 'worker thread, with its own event loop';
