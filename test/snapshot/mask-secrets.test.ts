import {describe, expect, test} from 'vitest';
import {maskCommandLine, maskSecrets} from '../../source/snapshot/mask-secrets.js';
import {isSecretName} from '../../source/snapshot/secret-name.js';
import {makeProcess, makeSnapshot} from '../helpers/snapshot.js';

const secret = 'hunter2-Zq9';

describe('secrets are masked', () => {
	test.each([
		[
			['app', `--password=${secret}`],
			['app', '--password=***'],
		],
		[
			['app', '--token', secret, '--port', '80'],
			['app', '--token', '***', '--port', '80'],
		],
		[
			['app', '-password', secret],
			['app', '-password', '***'],
		],
		[
			['app', '--db.password', secret],
			['app', '--db.password', '***'],
		],
		[
			['env', `DB_PASSWORD=${secret}`, 'app'],
			['env', 'DB_PASSWORD=***', 'app'],
		],
		[
			['java', `-Djavax.net.ssl.keyStorePassword=${secret}`],
			['java', '-Djavax.net.ssl.keyStorePassword=***'],
		],
		[
			['psql', `postgresql://shop:${secret}@db/shop`],
			['psql', 'postgresql://shop:***@db/shop'],
		],
		[
			['psql', `postgresql://shop:p@ss:${secret}@db/shop`],
			['psql', 'postgresql://shop:***@db/shop'],
		],
		[
			['git', 'clone', `https://${secret}${secret}@code.example/x.git`],
			['git', 'clone', 'https://***@code.example/x.git'],
		],
		[
			['curl', `-uadmin:${secret}`, `--proxy-user=me:${secret}`, 'http://host'],
			['curl', '-uadmin:***', '--proxy-user=me:***', 'http://host'],
		],
		[
			['vault', 'login', 'hvs.CAESIJ3bZ0xq1Vw8Yk2nT5uR7s'],
			['vault', 'login', '***'],
		],
		[
			['app', `--pw=${secret}`],
			['app', '--pw=***'],
		],
		[
			['redis', `redis://:${secret}@cache:6379`],
			['redis', 'redis://:***@cache:6379'],
		],
		[
			['psql', `host=db password=${secret} user=shop`],
			['psql', 'host=db password=*** user=shop'],
		],
		[
			['odbc', `Server=db;Pwd=${secret};Uid=shop`],
			['odbc', 'Server=db;Pwd=***;Uid=shop'],
		],
		[
			['app', `{"apiKey": "${secret}", "port": 80}`],
			['app', '{"apiKey": ***, "port": 80}'],
		],
		[
			['wget', `https://host/x?token=${secret}&page=2`],
			['wget', 'https://host/x?token=***&page=2'],
		],
		[
			['curl', '-H', `Authorization: Bearer ${secret}`],
			['curl', '-H', 'Authorization: ***'],
		],
		[
			['curl', '-u', `shop:${secret}`, 'https://host'],
			['curl', '-u', 'shop:***', 'https://host'],
		],
		[
			['/usr/bin/mysqldump', `-p${secret}`, 'shop'],
			['/usr/bin/mysqldump', '-p***', 'shop'],
		],
		[
			['sshpass', '-p', secret, 'ssh', 'host'],
			['sshpass', '-p', '***', 'ssh', 'host'],
		],
		[
			['sudo', 'redis-cli', '-a', secret, 'ping'],
			['sudo', 'redis-cli', '-a', '***', 'ping'],
		],
		[
			['sh', '-c', `mysql -p${secret} shop | gzip`],
			['sh', '-c', 'mysql -p*** shop | gzip'],
		],
		[
			['sh', '-c', `app --password 'two ${secret}' --x`],
			['sh', '-c', 'app --password *** --x'],
		],
		[[`worker: queue=mail password=${secret}`], ['worker: queue=mail password=***']],
		[
			['app', `AKIA${'A1B2'.repeat(4)}`],
			['app', '***'],
		],
		[
			['app', `ghp_${'a1'.repeat(18)}`],
			['app', '***'],
		],
		[
			['app', `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${secret}`],
			['app', '***'],
		],
	])('%j', (words, masked) => {
		expect(maskCommandLine(words)).toEqual(masked);
		expect(maskCommandLine(masked)).toEqual(masked);
	});
});

describe('what is no secret stays', () => {
	test.each([
		[['gunicorn', '-w', '40', '--threads', '45', 'shop.wsgi']],
		[['app', '--password-file', '/run/secrets/db', '--token-url=https://host/token']],
		[['vllm', '--max-tokens', '4096', '--tokenizer', 'auto', '--max-num-batched-tokens=8192']],
		[['psql', '--no-password', 'shop']],
		[['ssh', '-p', '2222', 'git@host']],
		[['git', 'clone', 'ssh://git@host/shop.git']],
		[['mkdir', '-p', 'a/b']],
		[['docker', 'run', '-p', '8080:80', 'shop']],
		[['sort', '--key=2', '-k', '1']],
		[['keyboard', '--compass=north', '--bypass', 'x']],
		[['app', '--password', '--verbose']],
		[['app', '--password=']],
	])('%j', words => {
		expect(maskCommandLine(words)).toBe(words);
	});
});

test('a name is a secret by its words, not by its letters', () => {
	for (const name of [
		'password',
		'PGPASSWORD',
		'apiKey',
		'AWS_SECRET_ACCESS_KEY',
		'client-secret',
		'keyStorePassword',
	]) {
		expect(isSecretName(name)).toBe(true);
	}

	for (const name of [
		'key',
		'tokens',
		'compass',
		'secretary',
		'accessKeyId',
		'passive',
		'no-password',
	]) {
		expect(isSecretName(name)).toBe(false);
	}
});

test('a Snapshot says that its secrets are masked, and what had none is the same object', () => {
	const clean = makeProcess({pid: 7, commandLine: ['sleep', '1']});
	const refused = makeProcess({pid: 8, commandLine: null});
	const snapshot = makeSnapshot({
		processes: [clean, refused, makeProcess({pid: 9, commandLine: ['a', `--password=${secret}`]})],
	});
	const masked = maskSecrets(snapshot);
	expect(masked.privacy).toEqual({secrets: 'masked', identities: 'kept'});
	expect(masked.processes[0]).toBe(clean);
	expect(masked.processes[1]).toBe(refused);
	expect(JSON.stringify(masked)).not.toContain(secret);
	expect(maskSecrets(masked).processes[2]).toBe(masked.processes[2]);
});

test('a command line of the greatest length is masked in a moment', () => {
	const long = [
		'java',
		'-cp',
		'/opt/app/lib/a.jar:'.repeat(6000),
		`"'`.repeat(20_000),
		'= '.repeat(20_000),
		'a=b&'.repeat(20_000),
	];
	const began = performance.now();
	maskCommandLine(long);
	expect(performance.now() - began).toBeLessThan(2000);
});

test('a quoted word with blanks in it, in a command inside a word, is left as it is', () => {
	const words = ['sh', '-c', 'vitest run -t \'two words\' "and three more"', "'two words'"];
	expect(maskCommandLine(words)).toEqual(words);
});
