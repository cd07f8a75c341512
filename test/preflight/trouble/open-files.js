// Opens files until it holds as many descriptors as it was told, under the name it was told, prints their number and waits.
import {openSync, readdirSync} from 'node:fs';
import process from 'node:process';

const wanted = Number(process.argv[2]);
process.title = process.argv[3];
// Looking into the directory takes a descriptor too, which is closed again.
const held = () => readdirSync('/proc/self/fd').length - 1;
process.stdin.resume();
process.stdin.on('end', () => process.exit());
while (held() < wanted) {
	openSync('/dev/null', 'r');
}

process.stdout.write(`${held()}\n`);
setTimeout(() => process.exit(), 120_000);
