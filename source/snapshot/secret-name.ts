const secretWords = new Set([
	'password',
	'passwd',
	'passphrase',
	'passcode',
	'pass',
	'pwd',
	'pw',
	'psw',
	'secret',
	'token',
	'credential',
	'credentials',
	'apikey',
	'bearer',
	'authorization',
	'cookie',
	'jwt',
	'sas',
]);

/** Words that make a secret of a `key`, which alone is most often the name of something. */
const keyKinds = new Set([
	'api',
	'access',
	'private',
	'encryption',
	'signing',
	'account',
	'storage',
	'master',
	'license',
	'auth',
	'shared',
]);

/** What such a name ends in when it is about a secret and not the secret itself: `--password-file`, `--token-url`. */
const aboutIt = new Set([
	'file',
	'path',
	'dir',
	'directory',
	'type',
	'length',
	'policy',
	'ttl',
	'timeout',
	'url',
	'uri',
	'endpoint',
	'name',
	'id',
	'env',
	'command',
	'provider',
	'expiry',
	'limit',
	'count',
	'size',
	'bytes',
	'algorithm',
	'format',
]);

/** `keyStorePassword`, `DB_PASSWORD` and `api-key` as lower-case words. */
const wordsOf = (name: string): string[] =>
	name
		.replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
		.toLowerCase()
		.split(/[^a-z\d]+/)
		.filter(Boolean);

const hidden = /password|passwd|passphrase|apikey|secretkey|accesskey|authtoken|accesstoken/;

/** Whether what an option or a variable of this name is set to is likely a secret: `--password`, `DB_PASSWORD`, `apiKey`. */
export const isSecretName = (name: string): boolean => {
	const words = wordsOf(name);
	const last = words.at(-1);
	if (last === undefined || aboutIt.has(last) || words[0] === 'no') {
		return false;
	}

	return (
		words.some(
			(word, index) =>
				secretWords.has(word) || (word === 'key' && keyKinds.has(words[index - 1] ?? '')),
		) || hidden.test(words.join(''))
	);
};
