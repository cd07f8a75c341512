import {describe, expect, test} from 'vitest';
import {recogniseService} from '../../../source/runtimes/services/recognise-service.js';

const service = (...commandLine: string[]) => recogniseService({commandLine, name: 'x'});

describe('recogniseService', () => {
	test('gunicorn tells its workers and threads, each as it was written', () => {
		expect(
			service('/usr/bin/python3', '/usr/bin/gunicorn', '-w', '40', '--threads=45', 'shop:app'),
		).toEqual({
			name: 'gunicorn',
			workers: 40,
			workersSetting: '-w 40',
			threadsPerWorker: 45,
			threadsSetting: '--threads=45',
		});
		expect(service('python3', '-m', 'gunicorn', 'shop:app')).toEqual({name: 'gunicorn'});
	});

	test('titles tell master and worker', () => {
		expect(service('gunicorn: master [shop:app]')).toEqual({name: 'gunicorn', role: 'master'});
		expect(service('gunicorn: worker [shop:app]')?.role).toBe('worker');
		expect(service('nginx: worker process')).toEqual({name: 'nginx', role: 'worker'});
		expect(service('puma: cluster worker 0: 12 [shop]')).toEqual({name: 'puma', role: 'worker'});
		expect(service('postgres: web shop 10.0.0.7(5312) UPDATE waiting')?.role).toBe('worker');
		expect(service('[celeryd: celery@web:ForkPoolWorker-3]')?.role).toBe('worker');
		expect(service('[celeryd: celery@web:MainProcess] -active- (worker -c 8)')?.role).toBe(
			'master',
		);
	});

	test('uwsgi, celery, uvicorn, puma and sidekiq have options of their own', () => {
		expect(service('uwsgi', '--http', ':80', '--processes', '16', '--threads', '2')).toMatchObject({
			name: 'uwsgi',
			workers: 16,
			threadsPerWorker: 2,
		});
		expect(service('celery', '-A', 'shop', 'worker', '--concurrency=32')).toMatchObject({
			name: 'celery',
			workers: 32,
			workersSetting: '--concurrency=32',
		});
		expect(service('python3', '/venv/bin/uvicorn', 'a:b', '--workers', '8')?.workers).toBe(8);
		expect(service('ruby', '/usr/bin/puma', '-t', '5:16', '-w', '3')).toMatchObject({
			workers: 3,
			threadsPerWorker: 16,
			threadsSetting: '-t 5:16',
		});
		expect(service('ruby', 'bin/sidekiq', '-c', '25')?.threadsPerWorker).toBe(25);
	});

	test('PostgreSQL tells those who serve from those who help', () => {
		expect(service('/usr/lib/postgresql/15/bin/postgres', '-D', '/data', '-N', '300')).toEqual({
			name: 'postgresql',
			workers: 300,
			workersSetting: '-N 300',
		});
		expect(service('postgres: shop shop [local] SELECT')?.role).toBe('worker');
		expect(service('postgres: 15/main: shop shop 10.0.0.7(5312) idle')?.role).toBe('worker');
		for (const helper of ['checkpointer ', '15/main: walwriter ', 'autovacuum launcher ']) {
			expect(service(`postgres: ${helper}`)).toEqual({name: 'postgresql'});
		}
	});

	test('settings stand in titles and in lines of configuration too', () => {
		expect(service('sidekiq 6.4.1 shop [3 of 10 busy]')).toEqual({
			name: 'sidekiq',
			threadsPerWorker: 10,
			threadsSetting: '[3 of 10 busy]',
		});
		expect(service('nginx', '-g', 'daemon off; worker_processes 4;')).toEqual({
			name: 'nginx',
			workers: 4,
			workersSetting: 'worker_processes 4;',
		});
		expect(service('nginx: master process nginx -c /etc/nginx.conf')).toEqual({
			name: 'nginx',
			role: 'master',
		});
		expect(service('nginx: master process nginx -g daemon off; worker_processes 8;')).toMatchObject(
			{role: 'master', workers: 8, workersSetting: 'worker_processes 8;'},
		);
		expect(service('php-fpm: pool www')).toEqual({name: 'php-fpm', role: 'worker'});
		expect(service('redis-server *:6379')).toEqual({name: 'redis'});
		expect(service('/usr/bin/redis-server 127.0.0.1:6379')).toEqual({name: 'redis'});
		expect(service('/usr/bin/memcached', '-m', '64', '-t', '8')?.threadsPerWorker).toBe(8);
		expect(service('/usr/sbin/mariadbd', '--thread-pool-size=4')?.threadsPerWorker).toBe(4);
	});

	test('a service in Java is known by its class or its archive', () => {
		expect(
			service(
				'java',
				'-Xmx1g',
				'-classpath',
				'lib/*',
				'org.apache.catalina.startup.Bootstrap',
				'start',
			),
		).toEqual({name: 'tomcat'});
		expect(service('/usr/bin/java', '-jar', '/usr/share/java/jenkins.war')?.name).toBe('jenkins');
		expect(service('java', '-cp', 'kafka.Kafka', 'shop.Main')).toBeUndefined();
	});

	test('an argument that sounds like a service makes none', () => {
		expect(service('vim', 'gunicorn')).toBeUndefined();
		expect(service('grep', '-w', 'nginx: worker')).toBeUndefined();
		expect(service('python3', '-c', 'gunicorn')).toBeUndefined();
	});

	test('an empty command line makes none, a refused one leaves the name', () => {
		expect(service()).toBeUndefined();
		expect(recogniseService({commandLine: null, name: 'nginx'})).toEqual({name: 'nginx'});
		expect(recogniseService({commandLine: null, name: 'nginx-exporter'})).toBeUndefined();
	});
});
