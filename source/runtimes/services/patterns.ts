import {findNumberOption, type NumberOption} from '../command-words.js';

/** Words behind the program's name, and the title where the process has set one. */
export type FindSetting = (words: readonly string[], title: string) => NumberOption | undefined;

/** How one service is known, and where its settings stand. */
export type ServicePattern = {
	service: string;
	/** Name of the program that starts it. */
	program?: RegExp;
	/** Title that a process of it sets over its command line. */
	title?: RegExp;
	/** Titles of its master and of its workers, where it tells them apart. */
	master?: RegExp;
	worker?: RegExp;
	workers?: FindSetting;
	threads?: FindSetting;
	/** For programs that start their workers: whether, with these words, they start nothing else. */
	forks?: (words: readonly string[]) => boolean;
};

const always = (): boolean => true;

const without =
	(helper: RegExp) =>
	(words: readonly string[]): boolean =>
		!words.some(word => helper.test(word));

const option =
	(...names: readonly string[]): FindSetting =>
	words =>
		findNumberOption(words, names);

/** Puma takes the least and the most threads as one word, `-t 5:16`; the most is what runs under load. */
const pumaThreads: FindSetting = words => {
	const index = words.findLastIndex(word => word === '-t' || word === '--threads');
	const range = index < 0 ? undefined : words[index + 1];
	const match = range === undefined ? null : /^(?:\d{1,4}:)?(\d{1,4})$/.exec(range);
	return match ? {value: Number(match[1]), written: `${words[index]} ${range}`} : undefined;
};

/** Sidekiq says in its title how many of its threads have work: `sidekiq 6.4.1 shop [3 of 10 busy]`. */
const sidekiqThreads: FindSetting = (words, title) => {
	const busy = /\[\d+ of (\d{1,4}) busy\]/.exec(title);
	return busy
		? {value: Number(busy[1]), written: busy[0]}
		: findNumberOption(words, ['-c', '--concurrency']);
};

/** nginx takes lines of its configuration on the command line too: `-g 'worker_processes 4;'`. */
const nginxWorkers: FindSetting = (words, title) => {
	// It sets a title in front of its command line, in one word with it.
	for (const word of [...words, title]) {
		const line = /\bworker_processes\s+(\d{1,4})\s*;/.exec(word);
		if (line) {
			return {value: Number(line[1]), written: line[0]};
		}
	}

	return undefined;
};

/** A setting of PostgreSQL as an option: `-c max_connections=200`, `--max_connections=200`; `-N 200` is short for it. */
const postgresConnections: FindSetting = words => {
	const found = words.find(word => /^(?:--)?max[_-]connections=\d{1,6}$/.test(word));
	return found === undefined
		? findNumberOption(words, ['-N'])
		: {value: Number(found.slice(found.indexOf('=') + 1)), written: found};
};

/** Processes of PostgreSQL that serve nobody; behind a cluster's name in some builds: `postgres: 15/main: checkpointer`. */
const postgresHelpers =
	'(?:checkpointer|background writer|walwriter|walsender|walreceiver|autovacuum|logical replication|stats collector|archiver|startup|logger|io worker|parallel worker|slotsync)';

export const servicePatterns: readonly ServicePattern[] = [
	{
		service: 'gunicorn',
		program: /^gunicorn3?$/,
		title: /^gunicorn: /,
		master: /^gunicorn: (?:master|arbiter)/,
		worker: /^gunicorn: worker/,
		workers: option('-w', '--workers'),
		threads: option('--threads'),
		forks: always,
	},
	{
		service: 'uwsgi',
		program: /^uwsgi(?:-core|_python\d*)?$/,
		title: /^uWSGI /,
		master: /^uWSGI master/,
		worker: /^uWSGI worker/,
		workers: option('-p', '--processes', '--workers'),
		threads: option('--threads'),
		forks: without(
			/^--(?:https?2?|http-to|.*router\d?|emperor|mules?|farm|spooler|import-spooler|attach-daemon2?|smart-attach-daemon2?)(?:=|$)/,
		),
	},
	{
		service: 'celery',
		program: /^celery$/,
		title: /^\[celeryd: /,
		master: /MainProcess\]/,
		worker: /:(?:ForkPoolWorker|PoolWorker)-\d+\]/,
		workers: option('-c', '--concurrency'),
		forks: without(/^(?:-B|--beat)$/),
	},
	{service: 'uvicorn', program: /^uvicorn$/, workers: option('--workers'), forks: always},
	{
		service: 'hypercorn',
		program: /^hypercorn$/,
		workers: option('-w', '--workers'),
		forks: always,
	},
	{
		service: 'granian',
		program: /^granian$/,
		workers: option('--workers'),
		threads: option('--runtime-threads', '--blocking-threads', '--threads'),
		forks: always,
	},
	{service: 'daphne', program: /^daphne$/},
	{service: 'waitress', program: /^waitress-serve$/, threads: option('--threads')},
	{
		service: 'dramatiq',
		program: /^dramatiq$/,
		workers: option('-p', '--processes'),
		threads: option('-t', '--threads'),
	},
	{service: 'rq', program: /^rq(?:worker)?$/},
	{
		service: 'puma',
		program: /^puma$/,
		title: /^puma(?: \d|: cluster worker)/,
		master: /^puma \d/,
		worker: /^puma: cluster worker/,
		workers: option('-w', '--workers'),
		threads: pumaThreads,
	},
	{
		service: 'unicorn',
		program: /^unicorn(?:_rails)?$/,
		title: /^unicorn(?:_rails)? (?:master|worker)/,
		master: /^unicorn(?:_rails)? master/,
		worker: /^unicorn(?:_rails)? worker/,
	},
	{service: 'sidekiq', program: /^sidekiq$/, title: /^sidekiq \d/, threads: sidekiqThreads},
	{
		service: 'passenger',
		title: /^Passenger (?:watchdog|core|\w+App: )/,
		worker: /^Passenger \w+App: /,
	},
	{service: 'resque', title: /^resque-\d/},
	{
		service: 'nginx',
		program: /^(?:nginx|openresty)$/,
		title: /^nginx: /,
		master: /^nginx: master/,
		worker: /^nginx: worker/,
		workers: nginxWorkers,
	},
	{
		service: 'php-fpm',
		program: /^php-fpm[\d.]*$/,
		title: /^php-fpm: /,
		master: /^php-fpm: master/,
		worker: /^php-fpm: pool/,
	},
	{service: 'apache', program: /^(?:apache2|httpd)$/, forks: always},
	{service: 'haproxy', program: /^haproxy$/, forks: always},
	{service: 'envoy', program: /^envoy$/, threads: option('--concurrency')},
	{service: 'caddy', program: /^caddy$/},
	{service: 'traefik', program: /^traefik$/},
	{
		service: 'postgresql',
		program: /^(?:postgres|postmaster)$/,
		title: /^postgres: /,
		worker: new RegExp(`^postgres: (?![^:]*: ${postgresHelpers}|${postgresHelpers})`),
		workers: postgresConnections,
	},
	{service: 'mysql', program: /^mysqld(?:_safe)?$/},
	// Of the pool that --thread-handling=pool-of-threads asks for; else each connection has a thread of its own.
	{
		service: 'mariadb',
		program: /^mariadbd(?:-safe)?$/,
		threads: option('--thread-pool-size', '--thread_pool_size'),
	},
	{
		service: 'redis',
		program: /^(?:redis|valkey|keydb)-server$/,
		title: /^(?:\S*\/)?(?:redis|valkey|keydb)-server /,
		threads: option('--io-threads', '--server-threads'),
	},
	{service: 'memcached', program: /^memcached$/, threads: option('-t', '--threads')},
	{service: 'mongodb', program: /^mongod$/},
	{service: 'rabbitmq', program: /^rabbitmq-server$/},
	{service: 'tomcat', program: /^org\.apache\.catalina\.startup\.Bootstrap$/},
	{service: 'kafka', program: /^kafka\.Kafka$/},
	{service: 'zookeeper', program: /^org\.apache\.zookeeper\.server\.quorum\.QuorumPeerMain$/},
	{service: 'cassandra', program: /^org\.apache\.cassandra\.service\.CassandraDaemon$/},
	{
		service: 'elasticsearch',
		program: /^org\.(?:elasticsearch|opensearch)\.bootstrap\.(?:Elasticsearch|OpenSearch)$/,
	},
	{service: 'jenkins', program: /^jenkins\.war$/},
	{service: 'pm2', title: /^PM2 v\d/, master: /^PM2 v\d/},
];
