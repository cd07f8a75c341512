import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import type {Preflight} from '../../source/model/preflight.js';
import {
	buildPreflightProgram,
	canUnshare,
	checkOf,
	measurementOf,
	type PreflightProgram,
	parsePreflight,
	runScript,
	sections,
} from '../helpers/preflight-program.js';
import {runTool} from '../helpers/run-tool.js';

const ownNetwork = await canUnshare('-rn');
const df = await runTool('df', ['--version']);
const ss = await runTool('ss', ['-V']);
const vmstat = await runTool('vmstat', ['-V']);
const lscpu = await runTool('lscpu', ['-V']);

let program: PreflightProgram;

beforeAll(async () => {
	program = await buildPreflightProgram();
});

afterAll(() => {
	program.remove();
});

const run = async (script: string, before: readonly string[] = []) => {
	const {output, errors, code} = await runScript(program, script, before);
	expect({code, errors}).toMatchObject({code: 0});
	return sections(output);
};

/** Rows of df by mount point: use in percent and what is left. */
const dfRows = (text: string | undefined): ReadonlyMap<string, {percent: number; left: number}> =>
	new Map(
		(text ?? '')
			.trim()
			.split('\n')
			.slice(1)
			.map(line => {
				const [percent, left, ...target] = line.trim().split(/\s+/);
				return [target.join(' '), {percent: Number.parseInt(percent!, 10), left: Number(left)}];
			}),
	);

const detailNames = (preflight: Preflight, id: string, column: string): string[] => {
	const [head, ...rows] = checkOf(preflight, id).details;
	const from = head!.indexOf(column);
	return rows
		.filter(row => row.length > from && !row.startsWith('read-only'))
		.map(row => row.slice(from).split('  ')[0]!.trim());
};

describe('beside the tools that it stands in for', () => {
	it.skipIf(!df)('lists the file systems that df lists, with its percentages', async () => {
		const parts = await run(`
			echo '== before'; df --output=pcent,avail,target
			echo '== preflight'; "$NODE" "$PREFLIGHT" json 1
			echo '== after'; df --output=pcent,avail,target`);
		const preflight = parsePreflight(parts.get('preflight'));
		const disks = checkOf(preflight, 'disks');
		const [before, after] = [dfRows(parts.get('before')), dfRows(parts.get('after'))];
		expect(detailNames(preflight, 'disks', 'mounted on').sort()).toEqual([...after.keys()].sort());
		for (const {what, value} of disks.measurements) {
			const name = /^disk used on (.*)$/.exec(what)?.[1];
			if (name !== undefined) {
				// Others write to the disk at the same time: a percent more or less than both looks of df.
				const seen = [before.get(name)!.percent, after.get(name)!.percent];
				expect(value).toBeGreaterThanOrEqual(Math.min(...seen) - 1);
				expect(value).toBeLessThanOrEqual(Math.max(...seen) + 1);
			}
		}
	});

	it.skipIf(!df)('counts inodes as df -i does', async () => {
		const parts = await run(`
			echo '== before'; df --output=ipcent,iavail,target
			echo '== preflight'; "$NODE" "$PREFLIGHT" json 1
			echo '== after'; df --output=ipcent,iavail,target`);
		const preflight = parsePreflight(parts.get('preflight'));
		const [before, after] = [dfRows(parts.get('before')), dfRows(parts.get('after'))];
		const names = [...after]
			.filter(([, {percent}]) => !Number.isNaN(percent))
			.map(([name]) => name);
		expect(detailNames(preflight, 'inodes', 'mounted on').sort()).toEqual(names.sort());
		for (const {what, value} of checkOf(preflight, 'inodes').measurements) {
			const name = /^inodes used on (.*)$/.exec(what)?.[1];
			if (name !== undefined) {
				expect(value).toBeGreaterThanOrEqual(before.get(name)!.percent - 1);
				expect(value).toBeLessThanOrEqual(after.get(name)!.percent + 1);
			}
		}
	});

	it.skipIf(!ss || !ownNetwork)('counts sockets as ss -s does', async () => {
		const parts = await run(
			`
			"$NODE" --input-type=module -e '
				import net from "node:net";
				import dgram from "node:dgram";
				import {writeFileSync} from "node:fs";
				const server = net.createServer().listen(0, "0.0.0.0", () => {
					dgram.createSocket("udp4").bind(0);
					const clients = Array.from({length: 40}, () => net.connect(server.address().port, "127.0.0.1"));
					let open = 0;
					for (const client of clients) {
						client.on("connect", () => {
							open++;
							if (open === clients.length) for (const gone of clients.slice(0, 15)) gone.end();
						});
					}
				});
				let closed = 0;
				server.on("connection", socket => {
					socket.on("end", () => socket.end());
					socket.on("close", () => {
						closed++;
						if (closed === 15) writeFileSync(process.env.WORK + "/sockets-ready", "");
					});
				});
			' & sockets=$!
			while [ ! -e "$WORK/sockets-ready" ]; do sleep 0.1; done
			echo '== ss'; ss -s
			echo '== preflight'; "$NODE" "$PREFLIGHT" json 1
			kill $sockets`,
			['unshare', '-rn', 'sh', '-euc', 'ip link set lo up; exec "$@"', 'sh'],
		);
		const check = checkOf(parsePreflight(parts.get('preflight')), 'sockets');
		const value = (what: string) => measurementOf(check, what).value;
		const text = parts.get('ss') ?? '';
		const [, total, established, closed, orphaned, timeWait] =
			/TCP:\s+(\d+) \(estab (\d+), closed (\d+), orphaned (\d+), timewait (\d+)\)/.exec(text) ?? [];
		expect(Number(timeWait)).toBeGreaterThan(0);
		expect({
			sockets: value('sockets'),
			total: value('TCP sockets'),
			established: value('TCP established'),
			closed: value('TCP closed'),
			orphaned: value('TCP orphaned'),
			timeWait: value('TCP time-wait'),
		}).toEqual({
			sockets: Number(/^Total: (\d+)/m.exec(text)?.[1]),
			total: Number(total),
			established: Number(established),
			closed: Number(closed),
			orphaned: Number(orphaned),
			timeWait: Number(timeWait),
		});
		for (const transport of ['RAW', 'UDP', 'TCP', 'FRAG']) {
			const [, , ip, ip6] = new RegExp(`^${transport}\\s+(\\d+)\\s+(\\d+)\\s+(\\d+)`, 'm').exec(
				text,
			)!;
			expect(value(`${transport} in use over IPv4`)).toBe(Number(ip));
			expect(value(`${transport} in use over IPv6`)).toBe(Number(ip6));
		}
	});

	it.skipIf(!vmstat)('agrees with vmstat over the same seconds', async () => {
		const parts = await run(`
			(while :; do :; done) & busy=$!
			vmstat -n 1 9 > "$WORK/vmstat" & vmstat=$!
			echo '== preflight'; "$NODE" "$PREFLIGHT" json 7
			wait $vmstat
			kill $busy
			echo '== vmstat'; cat "$WORK/vmstat"`);
		const [head, ...lines] = checkOf(
			parsePreflight(parts.get('preflight')),
			'vmstat',
		).details.filter(line => !line.startsWith('also'));
		expect(head!.trim().split(/\s+/)).toEqual(
			'r b swpd free buff cache si so bi bo in cs us sy id wa st'.split(' '),
		);
		expect(lines.length).toBeGreaterThanOrEqual(4);
		const numbers = (text: string) => text.trim().split(/\s+/).slice(0, 17).map(Number);
		const ours = lines.map(numbers);
		// vmstat's first line is the average since boot.
		const theirs = (parts.get('vmstat') ?? '').trim().split('\n').slice(3).map(numbers);
		const range = (rows: number[][], column: number) => {
			const values = rows.map(row => row[column]!);
			return {least: Math.min(...values), most: Math.max(...values)};
		};
		// Both saw the same seconds, but not to the millisecond: sizes overlap within 2 %.
		for (const column of [3, 4, 5]) {
			const [own, other] = [range(ours, column), range(theirs, column)];
			expect(own.most).toBeGreaterThanOrEqual(other.least * 0.98);
			expect(own.least).toBeLessThanOrEqual(other.most * 1.02);
		}
		// Shares of CPU time on average, while one loop keeps at least a part of a CPU busy: within 20 points.
		const mean = (rows: number[][], column: number) =>
			rows.reduce((sum, row) => sum + row[column]!, 0) / rows.length;
		for (const column of [12, 13, 14, 15, 16]) {
			expect(Math.abs(mean(ours, column) - mean(theirs, column))).toBeLessThan(20);
		}
		expect(mean(ours, 12)).toBeGreaterThan(mean(ours, 13));
		for (const row of ours) {
			const shares = row.slice(12, 17).reduce((sum, share) => sum + share, 0);
			expect(shares).toBeGreaterThanOrEqual(97);
			expect(shares).toBeLessThanOrEqual(103);
		}
	});

	it.skipIf(!lscpu)('describes the CPUs as lscpu does', async () => {
		const parts = await run(`
			echo '== lscpu'; lscpu
			echo '== preflight'; "$NODE" "$PREFLIGHT" json 1`);
		const field = (name: string) =>
			new RegExp(`^ *${name}: +(.*)$`, 'm').exec(parts.get('lscpu') ?? '')?.[1];
		const check = checkOf(parsePreflight(parts.get('preflight')), 'machine');
		const value = (what: string) => measurementOf(check, what).value;
		expect(value('CPUs online')).toBe(
			Number(field('CPU\\(s\\)')) - Number(field('Off-line CPU\\(s\\) list') ?? 0),
		);
		const sockets = Number(field('Socket\\(s\\)'));
		expect(value('sockets')).toBe(sockets);
		expect(value('cores')).toBe(Number(field('Core\\(s\\) per socket')) * sockets);
		expect(value('model')).toBe(field('Model name'));
		expect(value('NUMA nodes')).toBe(Number(field('NUMA node\\(s\\)')));
		expect(value('hypervisor')?.toString().toLowerCase()).toBe(
			field('Hypervisor vendor')?.toLowerCase(),
		);
	});
});
