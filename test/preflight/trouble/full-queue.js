// Listens and never accepts: prints its port, then stops its own event loop for good.

import {writeSync} from 'node:fs';
import net from 'node:net';
import process from 'node:process';

const server = net.createServer();
server.listen({port: 0, host: '127.0.0.1', backlog: Number(process.argv[2])}, () => {
	writeSync(1, `${server.address().port}\n`);
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 120_000);
	process.exit();
});
