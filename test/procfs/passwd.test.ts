import {expect, test} from 'vitest';
import {parsePasswd} from '../../source/procfs/passwd.js';

test('the first name of an id counts', () => {
	const names = parsePasswd(
		'root:x:0:0:root:/root:/bin/bash\ntoor:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/var/www:/bin/false\n',
	);
	expect([...names]).toEqual([
		[0, 'root'],
		[33, 'www-data'],
	]);
});

test('lines for NIS, comments, and broken ones name nobody', () => {
	expect(
		parsePasswd('+::::::\n# web:x:7\nbroken\n:x:5:5::/:/bin/sh\nodd:x:seven:7::/:\n').size,
	).toBe(0);
});
