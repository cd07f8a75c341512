// Makes as many connections to itself as it was told and keeps them open; prints their number.
import net from 'node:net';
import process from 'node:process';

const wanted = Number(process.argv[2]);
const kept = [];
let accepted = 0;
let connected = 0;
const tellWhenDone = () => {
	if (accepted === wanted && connected === wanted) {
		process.stdout.write(`${wanted}\n`);
	}
};

// Its own port must not be one of those that run out.
const server = net.createServer(socket => {
	kept.push(socket);
	accepted++;
	tellWhenDone();
});
server.listen({port: 2000, host: '127.0.0.1', backlog: wanted}, () => {
	for (let index = 0; index < wanted; index++) {
		const client = net.connect(server.address().port, '127.0.0.1', () => {
			connected++;
			tellWhenDone();
		});
		kept.push(client);
	}
});
setTimeout(() => process.exit(), 120_000);
