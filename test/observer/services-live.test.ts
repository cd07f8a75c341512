import {existsSync} from 'node:fs';
import process from 'node:process';
import {afterEach, describe, expect, test} from 'vitest';
import type {Process} from '../../source/model/process.js';
import {
	findProgramFile,
	type ServiceProgram,
	type ServiceStart,
	startService,
} from '../helpers/service-program.js';
import {type Watched, watchTarget} from './watched.js';

let program: ServiceProgram | undefined;
let watched: Watched | undefined;

afterEach(async () => {
	watched?.close();
	watched = undefined;
	await program?.stop();
	program = undefined;
}, 60_000);

type Case = Omit<ServiceStart, 'command'> & {
	/** Programs of that name are looked for in PATH; the first that is there. */
	commands: readonly string[];
	/** What some processes of it are, each of another process. */
	shows: readonly Partial<Pick<Process, 'runtime' | 'service'>>[];
	/** Another program, or a file, that it needs. */
	needs?: string;
};

const wsgi = `
def application(environ, start_response):
    start_response("200 OK", [])
    return [b""]
`;
const asgi = `
async def app(scope, receive, send):
    pass
`;
const rack = 'run lambda { |_| [200, {}, []] }\n';
const runtime = (name: string) => ({runtime: expect.objectContaining({name})});
/** Of those whose files always say it. */
const withVersion = (name: string) => ({
	runtime: expect.objectContaining({name, version: expect.stringMatching(/^\d/)}),
});
const cpython = withVersion('cpython');
const ruby = runtime('ruby');

const cases: Readonly<Record<string, Case>> = {
	PyPy: {
		commands: ['pypy3', 'pypy'],
		words: () => ['-c', 'input()'],
		shows: [withVersion('pypy')],
	},
	PHP: {
		commands: ['php'],
		words: () => ['-r', 'fgets(STDIN);'],
		shows: [runtime('php')],
	},
	'the BEAM': {
		commands: ['erl'],
		words: () => ['-noshell', '-eval', 'timer:sleep(infinity).'],
		shows: [withVersion('beam')],
	},
	gunicorn: {
		commands: ['gunicorn'],
		words: () => ['-w', '2', '--threads', '3', '-b', 'unix:socket', 'app:application'],
		files: {'app.py': () => wsgi},
		// Its titles, where it sets them, hide the rest.
		shows: ['master', 'worker', 'worker'].map(role => ({
			...cpython,
			service: expect.objectContaining({name: 'gunicorn', role}),
		})),
	},
	uwsgi: {
		commands: ['uwsgi'],
		needs: '/usr/lib/uwsgi/plugins/python3_plugin.so',
		words: () => [
			...['--plugin', 'python3', '--master', '--processes=2', '--threads', '3'],
			...['--socket', 'socket', '--wsgi-file', 'app.py', '--die-on-term'],
		],
		files: {'app.py': () => wsgi},
		shows: ['master', 'worker', 'worker'].map(role => ({
			...cpython,
			service: {
				name: 'uwsgi',
				role: role as 'master' | 'worker',
				workers: 2,
				workersSetting: '--processes=2',
				threadsPerWorker: 3,
				threadsSetting: '--threads 3',
			},
		})),
	},
	celery: {
		commands: ['celery'],
		// Its first line looks for python3 in PATH; Debian's own is the one that has it.
		environment: {PATH: '/usr/bin:/bin'},
		words: () => ['-A', 'tasks', 'worker', '-c', '2', '--without-gossip', '--without-mingle'],
		files: {'tasks.py': () => "from celery import Celery\napp = Celery(broker='memory://')\n"},
		shows: ['master', 'worker', 'worker'].map(role => ({
			...cpython,
			service: expect.objectContaining({name: 'celery', role}),
		})),
	},
	uvicorn: {
		commands: ['uvicorn'],
		words: () => ['app:app', '--workers', '2', '--uds', 'socket'],
		files: {'app.py': () => asgi},
		shows: [
			{
				...cpython,
				service: {name: 'uvicorn', role: 'master', workers: 2, workersSetting: '--workers 2'},
			},
			...[1, 2].map(() => ({
				...cpython,
				service: expect.objectContaining({name: 'uvicorn', role: 'worker', workers: 2}),
			})),
		],
	},
	puma: {
		commands: ['puma'],
		words: () => ['-w', '2', '-t', '1:4', '-b', 'unix://socket', 'config.ru'],
		files: {'config.ru': () => rack},
		shows: ['master', 'worker', 'worker'].map(role => ({
			...ruby,
			service: expect.objectContaining({name: 'puma', role}),
		})),
	},
	unicorn: {
		commands: ['unicorn'],
		words: () => ['-c', 'unicorn.rb', 'config.ru'],
		files: {
			'config.ru': () => rack,
			'unicorn.rb': folder => `worker_processes 2\nlisten '${folder}/socket'\n`,
		},
		shows: ['master', 'worker', 'worker'].map(role => ({
			...ruby,
			service: expect.objectContaining({name: 'unicorn', role}),
		})),
	},
	sidekiq: {
		commands: ['sidekiq'],
		needs: 'redis-server',
		words: () => ['-r', './jobs.rb', '-c', '7'],
		files: {
			'jobs.rb': folder =>
				[
					'require "sidekiq"',
					`at_exit { Process.kill(:TERM, REDIS) rescue nil }`,
					`REDIS = spawn("redis-server", "--port", "0", "--unixsocket", "${folder}/redis", out: File::NULL)`,
					`sleep 0.05 until File.socket?("${folder}/redis")`,
					`Sidekiq.configure_server { |config| config.redis = {url: "unix://${folder}/redis"} }`,
				].join('\n'),
		},
		shows: [
			{...ruby, service: expect.objectContaining({name: 'sidekiq', threadsPerWorker: 7})},
			{service: expect.objectContaining({name: 'redis'})},
		],
	},
	'php-fpm': {
		commands: ['php-fpm', 'php-fpm8.4', 'php-fpm8.3', 'php-fpm8.2', 'php-fpm8.1', 'php-fpm7.4'],
		words: folder => ['-F', '-R', '-y', `${folder}/fpm.conf`],
		files: {
			'fpm.conf': folder =>
				[
					...['[global]', `error_log = ${folder}/log`, '[www]', `listen = ${folder}/socket`],
					...['user = nobody', 'pm = static', 'pm.max_children = 2'],
				].join('\n'),
		},
		shows: ['master', 'worker', 'worker'].map(role => ({
			...runtime('php'),
			service: {name: 'php-fpm', role: role as 'master' | 'worker'},
		})),
	},
	nginx: {
		commands: ['nginx'],
		words: folder => [
			...['-p', folder, '-c', `${folder}/nginx.conf`],
			...['-g', 'daemon off; worker_processes 2;'],
		],
		files: {
			'nginx.conf': folder =>
				`pid ${folder}/pid; error_log ${folder}/log; events {} http { access_log off; server { listen unix:${folder}/socket; } }`,
		},
		shows: [
			{
				service: {
					name: 'nginx',
					role: 'master',
					workers: 2,
					workersSetting: 'worker_processes 2;',
				},
			},
			...[1, 2].map(() => ({
				service: expect.objectContaining({name: 'nginx', role: 'worker', workers: 2}),
			})),
		],
	},
	redis: {
		commands: ['redis-server', 'valkey-server'],
		words: folder => ['--port', '0', '--unixsocket', `${folder}/socket`, '--io-threads', '3'],
		shows: [{service: expect.objectContaining({name: 'redis'})}],
	},
	memcached: {
		commands: ['memcached'],
		words: folder => ['-u', 'root', '-s', `${folder}/socket`, '-t', '5'],
		shows: [{service: {name: 'memcached', threadsPerWorker: 5, threadsSetting: '-t 5'}}],
	},
	haproxy: {
		commands: ['haproxy'],
		words: () => ['-W', '-db', '-f', 'haproxy.cfg'],
		files: {
			'haproxy.cfg': folder =>
				`global\n nbthread 2\ndefaults\n timeout client 1s\n timeout connect 1s\n timeout server 1s\nfrontend web\n mode http\n bind unix@${folder}/socket\n`,
		},
		shows: ['master', 'worker'].map(role => ({
			service: {name: 'haproxy', role: role as 'master' | 'worker'},
		})),
	},
	apache: {
		commands: ['apache2'],
		needs: '/usr/lib/apache2/modules/mod_mpm_event.so',
		words: folder => ['-d', folder, '-f', 'httpd.conf', '-D', 'FOREGROUND'],
		files: {
			'httpd.conf': folder =>
				[
					'ServerName test',
					`PidFile ${folder}/pid`,
					`ErrorLog ${folder}/log`,
					`Listen 127.0.0.1:${20_000 + (process.pid % 10_000)}`,
					'User nobody',
					'LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so',
					'LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so',
					'StartServers 2',
					`DefaultRuntimeDir ${folder}`,
					`Mutex file:${folder} default`,
				].join('\n'),
		},
		shows: ['master', 'worker', 'worker'].map(role => ({
			service: {name: 'apache', role: role as 'master' | 'worker'},
		})),
	},
};

const matches = (each: Process, shown: Case['shows'][number]): boolean => {
	try {
		expect(each).toMatchObject(shown);
		return true;
	} catch {
		return false;
	}
};

/** Whether each of what is to be shown is another of the processes. */
const showsAll = (family: readonly Process[], shows: Case['shows']): boolean => {
	const left = [...family];
	return shows.every(shown => {
		const index = left.findIndex(each => matches(each, shown));
		left.splice(index, index < 0 ? 0 : 1);
		return index >= 0;
	});
};

const told = ({pid, name, commandLine, runtime: of, service}: Process): string =>
	`${pid} ${name} ${JSON.stringify({commandLine, runtime: of, service})}`;

describe.each(Object.entries(cases))('%s', (name, {commands, shows, needs, ...start}) => {
	const command = commands.map(findProgramFile).find(file => file !== undefined);
	const hasNeeds = needs === undefined || existsSync(needs) || findProgramFile(needs) !== undefined;
	const isMissing = command === undefined || !hasNeeds;

	test.skipIf(isMissing)(`is recognised as what it is, where it is installed`, async () => {
		program = startService({command: command!, ...start});
		watched = watchTarget();
		let family: readonly Process[] = [];
		try {
			await watched.tickUntil(snapshot => {
				const pids = new Set(program!.family());
				family = snapshot.processes.filter(({pid}) => pids.has(pid));
				return showsAll(family, shows);
			}, 100);
		} catch (error) {
			throw new Error(`${name} was seen as\n${family.map(told).join('\n')}`, {cause: error});
		}
	});
});
