import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {connect, type Socket} from 'node:net';
import path from 'node:path';
import process from 'node:process';
import {createInterface} from 'node:readline';
import {afterAll, afterEach, beforeAll, describe, expect, it} from 'vitest';
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

const ownMounts = await canUnshare('-rm');
const ownNetwork = await canUnshare('-rn');

let program: PreflightProgram;
const started: ChildProcess[] = [];

beforeAll(async () => {
	program = await buildPreflightProgram();
});

afterEach(() => {
	for (const child of started.splice(0)) {
		child.kill('SIGKILL');
	}
});

afterAll(() => {
	program.remove();
});

const look = async (script: string, before: readonly string[] = []) => {
	const {output, errors, code} = await runScript(program, script, before);
	expect({code, errors}).toMatchObject({code: 0});
	return parsePreflight(sections(output).get('preflight'));
};

/** Starts a program of test/preflight/trouble/ and waits for its first line, which says what it made. */
const startTrouble = async (
	name: string,
	{shell = 'exec "$@"', parameters = []}: {shell?: string; parameters?: readonly string[]} = {},
) => {
	const file = path.join(import.meta.dirname, 'trouble', name);
	const child = spawn('sh', ['-euc', shell, 'sh', process.execPath, file, ...parameters], {
		stdio: ['pipe', 'pipe', 'inherit'],
	});
	started.push(child);
	const [line] = (await once(createInterface({input: child.stdout!}), 'line')) as [string];
	return {pid: child.pid!, line};
};

const preflight = `echo '== preflight'; "$NODE" "$PREFLIGHT" json 1`;
const tmpfs = (options: string) => `mount -t tmpfs -o ${options} ctop-test "$WORK/m"`;

describe.skipIf(!ownMounts)('file systems in trouble', () => {
	const inMounts = ['unshare', '-rm'] as const;
	const withMount = (options: string, script: string) =>
		look(`mkdir -p "$WORK/m"; ${tmpfs(options)}; ${script}`, inMounts);
	const place = () => path.join(program.directory, 'm');

	it('finds a full tmpfs', async () => {
		const report = await withMount(
			'size=1m',
			`dd if=/dev/zero of="$WORK/m/fill" bs=64k 2>/dev/null || true; ${preflight}`,
		);
		const check = checkOf(report, 'disks');
		expect(check.verdict).toBe('bad');
		expect(check.summary).toContain(`${place()} is full`);
		const used = measurementOf(check, `disk used on ${place()}`);
		expect(used).toMatchObject({
			value: 100,
			unit: '%',
			verdict: 'bad',
			threshold: {watch: 85, bad: 95},
		});
		expect(check.measurements[0]).toEqual(used);
		expect(check.fixes[0]?.command).toContain(place());
		expect(report.verdict).toBe('bad');
		expect(checkOf(report, 'inodes').verdict).toBe('ok');
	});

	it('finds a tmpfs that is out of inodes though its space is free', async () => {
		const report = await withMount(
			'size=8m,nr_inodes=40',
			`i=0; while [ $i -lt 60 ]; do touch "$WORK/m/$i" || break; i=$((i+1)); done 2>/dev/null; ${preflight}`,
		);
		const check = checkOf(report, 'inodes');
		expect(check.verdict).toBe('bad');
		expect(check.summary).toContain(place());
		expect(measurementOf(check, `inodes used on ${place()}`)).toMatchObject({
			value: 100,
			verdict: 'bad',
		});
		expect(measurementOf(checkOf(report, 'disks'), `disk used on ${place()}`).verdict).toBe('ok');
	});

	it('tells when a file system that is being written will be full', async () => {
		const report = await withMount(
			'size=256m',
			`dd if=/dev/zero of="$WORK/m/start" bs=1M count=4 2>/dev/null
			(i=0; while :; do dd if=/dev/zero of="$WORK/m/$i" bs=512k count=1 2>/dev/null; sleep 0.1; i=$((i+1)); done) & writer=$!
			echo '== preflight'; "$NODE" "$PREFLIGHT" json 2
			kill $writer; wait $writer 2>/dev/null || true`,
		);
		const check = checkOf(report, 'disks');
		expect(check.verdict).toBe('bad');
		expect(check.summary).toMatch(/full in (\d+ s|\d minutes) at this rate/);
		const soon = check.measurements.find(
			({what}) => what.startsWith('time until') && what.includes(place()),
		);
		expect(soon).toMatchObject({unit: 's', threshold: {watch: 3600, bad: 300, side: 'below'}});
		// 250 MiB at no more than 5 MiB a second; a slow machine writes less often.
		expect(soon?.value).toBeGreaterThan(20);
	});

	it('finds the deleted file that holds a file system, and who holds it', async () => {
		const report = await withMount(
			'size=8m',
			`exec 7<>"$WORK/m/gone"; dd if=/dev/zero of="$WORK/m/gone" bs=1M count=3 2>/dev/null; rm "$WORK/m/gone"; echo "== shell"; echo $$; ${preflight}; exec 7>&-`,
		);
		const check = checkOf(report, 'deleted-files');
		expect(check.verdict).toBe('bad');
		expect(check.summary).toMatch(/3\.0 MiB of .*\(38 %\)/);
		expect(check.details.join('\n')).toMatch(/m\/gone +held by .*sh \(\d+\)/);
		expect(measurementOf(check, 'space held by deleted files').value).toBeGreaterThanOrEqual(
			3 * 1024 * 1024,
		);
	});

	it('is not taken in by a file whose name ends in (deleted)', async () => {
		const report = await withMount(
			'size=8m',
			`dd if=/dev/zero of="$WORK/m/here (deleted)" bs=1M count=3 2>/dev/null; exec 7<"$WORK/m/here (deleted)"; ${preflight}; exec 7<&-`,
		);
		const check = checkOf(report, 'deleted-files');
		expect(check.details.join('\n')).not.toContain('m/here');
	});

	it('finds a file system that turned read-only while it was mounted for writing', async () => {
		const report = await withMount(
			'size=1m,ro',
			`mount -o remount,bind,rw "$WORK/m"; ${preflight}`,
		);
		const check = checkOf(report, 'disks');
		expect(check.verdict).toBe('bad');
		expect(check.summary).toContain(`${place()} turned read-only`);
	});

	it('says which file systems are read-only as mounted, which is no fault', async () => {
		const report = await withMount('size=1m,ro', preflight);
		const check = checkOf(report, 'disks');
		expect(check.details.find(line => line.startsWith('read-only as mounted'))).toContain(place());
		expect(
			measurementOf(check, 'file systems that refuse writes though mounted for them').value,
		).toBe(0);
	});

	it('keeps control characters of a mount point away from the terminal', async () => {
		const report = await look(
			`hostile="$WORK/m$(printf '\\033[31m\\n\\tx\\\\')"; mkdir -p "$hostile"; mount -t tmpfs -o size=64k ctop-test "$hostile"
			dd if=/dev/zero of="$hostile/fill" bs=64k 2>/dev/null || true; ${preflight}`,
			inMounts,
		);
		const check = checkOf(report, 'disks');
		expect(check.verdict).toBe('bad');
		expect(check.summary).toContain('m?[31m??x\\');
		expect(JSON.stringify(report)).not.toContain('\\u001b');
	});

	it('is not held up by a file system that never answers', async ({skip}) => {
		const dead = path.join(import.meta.dirname, 'trouble/dead-mount.py');
		const result = await runScript(
			program,
			`mkdir -p "$WORK/dead"; mkfifo "$WORK/hold"
			python3 '${dead}' "$WORK/dead" < "$WORK/hold" > "$WORK/said" & server=$!
			exec 3> "$WORK/hold"
			while [ ! -s "$WORK/said" ]; do kill -0 $server || exit 77; sleep 0.1; done
			grep -q mounted "$WORK/said" || exit 77
			${preflight}
			exec 3>&-; wait $server`,
			inMounts,
		);
		skip(result.code === 77, 'no FUSE or no Python here, so nothing that never answers');
		const report = parsePreflight(sections(result.output).get('preflight'));
		const check = checkOf(report, 'disks');
		expect(check.summary).toContain('dead does not answer');
		expect(check.reason).toMatch(/dead \(fuse\.sshfs\): no answer within 2 s/);
		expect(checkOf(report, 'inodes').verdict).toBe('unknown');
		expect(checkOf(report, 'memory').verdict).not.toBe('unknown');
	});
});

describe('sockets in trouble', () => {
	it.skipIf(!ownNetwork)(
		'finds that the ephemeral ports towards one destination run out',
		async () => {
			const flood = path.join(import.meta.dirname, 'trouble/socket-flood.js');
			const report = await look(
				`ip link set lo up; echo '40000 40999' > /proc/sys/net/ipv4/ip_local_port_range
			mkfifo "$WORK/flood"; "$NODE" '${flood}' 900 > "$WORK/flood" & flood=$!
			read made < "$WORK/flood"; ${preflight}; kill $flood; rm "$WORK/flood"`,
				['unshare', '-rn'],
			);
			const check = checkOf(report, 'sockets');
			expect(check.verdict).toBe('bad');
			expect(check.summary).toMatch(
				/900 of 1,000 ephemeral ports are taken towards 127\.0\.0\.1:\d+ \(90 %\)/,
			);
			expect(measurementOf(check, 'ephemeral ports used towards one destination')).toMatchObject({
				value: 90,
				threshold: {watch: 50, bad: 85},
			});
			expect(measurementOf(check, 'TCP established').value).toBe(1800);
		},
	);

	it('finds the listen queue that overflows, its port and its process', async () => {
		const backlog = 4;
		const {pid, line} = await startTrouble('full-queue.js', {parameters: [String(backlog)]});
		const port = Number(line);
		const clients: Socket[] = [];
		const knock = () => {
			const client = connect(port, '127.0.0.1');
			client.on('error', () => {});
			clients.push(client);
		};

		for (let index = 0; index < backlog + 4; index++) {
			knock();
		}

		const knocking = setInterval(knock, 100);
		try {
			const report = await look(`echo '== preflight'; "$NODE" "$PREFLIGHT" json 2`);
			const check = checkOf(report, 'sockets');
			expect(check.verdict).toBe('bad');
			expect(check.summary).toContain(`127.0.0.1:${port}`);
			expect(check.summary).toContain(`(${pid})`);
			expect(
				measurementOf(check, 'connections that found a listen queue full, while watched').value,
			).toBeGreaterThan(0);
		} finally {
			clearInterval(knocking);
			for (const client of clients) {
				client.destroy();
			}
		}
	});
});

describe('a process near its limit', () => {
	it('is found with its number of descriptors and its limit', async () => {
		const {pid, line} = await startTrouble('open-files.js', {
			shell: 'ulimit -n 100; exec "$@"',
			parameters: ['97', 'evil\u001B[31m'],
		});
		expect(Number(line)).toBeGreaterThanOrEqual(97);
		const report = await look(preflight);
		const check = checkOf(report, 'limits');
		expect(check.verdict).toBe('bad');
		expect(check.summary).toContain(`open files of evil?[31m (${pid})`);
		const nearest = check.measurements.find(({what}) => what.includes(`(${pid})`));
		expect(nearest).toMatchObject({
			value: Number(line),
			verdict: 'bad',
			threshold: {watch: 80, bad: 95},
		});
		expect(check.details.join('\n')).toContain(`${line} of 100 descriptors`);
	});
});
