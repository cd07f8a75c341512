// Trouble and health in Node.js: trouble.cjs MODE [COUNT or PORT].
const {fork} = require('node:child_process');
const cluster = require('node:cluster');
const crypto = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const {Worker, isMainThread, workerData} = require('node:worker_threads');

const [mode, count = '32'] = process.argv.slice(2);

const compute = milliseconds => {
	const until = performance.now() + milliseconds;
	let number = 0;
	while (performance.now() < until) {
		for (let step = 0; step < 10_000; step++) {
			number = (number * 31 + 7) % 1_000_003;
		}
	}

	return number;
};

const repeat = start => {
	for (let index = 0; index < Number(count); index++) {
		const again = () => start(again, index);
		again();
	}
};

const modes = {
	'loop-busy': () => {
		const turn = () => {
			compute(50);
			setImmediate(turn);
		};
		turn();
	},
	'pool-crypto': () => repeat(again => crypto.pbkdf2('word', 'salt', 100_000, 64, 'sha512', again)),
	'pool-sync': () => {
		const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ctop-zoo-node-'));
		process.once('exit', () => fs.rmSync(folder, {recursive: true, force: true}));
		repeat((_again, index) => {
			fs.open(path.join(folder, String(index)), 'w', (_, file) => {
				const write = () => fs.write(file, 'x', 0, () => fs.fsync(file, write));
				write();
			});
		});
	},
	timers: () => {
		for (let index = 0; index < 5; index++) {
			setInterval(() => compute(2), 50 + index * 10);
		}
	},
	server: () => {
		const server = http.createServer((_, response) => response.end(String(compute(0.2))));
		server.listen(Number(count), '127.0.0.1');
	},
	/** A child that keeps the prices, asked for one at a time. */
	'child-answers': () => {
		const child = fork(__filename, ['prices']);
		let asked = 0;
		const ask = () => child.send({article: asked++});
		child.on('message', ask);
		ask();
	},
	prices: () => {
		process.on('message', ({article}) => process.send({article, price: (article * 7) % 100}));
		process.once('disconnect', () => process.exit());
	},
	/** Two workers that hand one number to and fro. */
	'workers-answer': () => {
		const {port1, port2} = new MessageChannel();
		for (const port of [port1, port2]) {
			new Worker(__filename, {workerData: {port, begins: port === port1}, transferList: [port]});
		}
	},
	/** A server in a child, which gets its connections from its parent. */
	cluster: () => {
		if (cluster.isPrimary) {
			cluster.fork();
		} else {
			process.once('disconnect', () => process.exit());
			modes.server();
		}
	},
	/** 16 workers that answer one request a connection; `cluster-handed`: the parent accepts and hands each connection to one of them. */
	'cluster-shared': () => {
		cluster.schedulingPolicy = mode === 'cluster-shared' ? cluster.SCHED_NONE : cluster.SCHED_RR;
		if (cluster.isPrimary) {
			for (let index = 0; index < 16; index++) {
				cluster.fork();
			}
		} else {
			process.once('disconnect', () => process.exit());
			const server = http.createServer((_, response) => {
				response.setHeader('connection', 'close');
				response.end('ok');
			});
			server.listen(Number(count), '127.0.0.1');
		}
	},
	'cluster-handed': () => modes['cluster-shared'](),
	workers: () => {
		for (let index = 0; index < Number(count); index++) {
			new Worker(__filename);
		}
	},
	idle: () => setInterval(() => undefined, 10_000),
};

if (isMainThread) {
	modes[mode]();
	if (!process.connected) {
		process.stdin.resume();
		process.stdin.once('end', () => process.exit());
	}

	setTimeout(() => process.exit(), 120_000);
	console.log('ready');
} else if (workerData?.port) {
	const {port, begins} = workerData;
	port.on('message', number => port.postMessage(number + 1));
	if (begins) {
		port.postMessage(0);
	}
} else {
	while (true) {
		compute(100);
	}
}
