/** Takes names, command lines and paths out of what is read from /proc, and leaves the numbers as they are. */

/** Programs and libraries that everybody has: their names say what runtime a process has, and nothing about whose it is. */
const publicPath = /^\/(usr\/(local\/)?)?(s?bin|lib(32|64)?|libexec)\//;
const publicName = /^(lib)?(python|pypy|ruby|node|java|jvm|php|perl)[\w.+-]*$/;

/** Gives the same invented name to the same name, so that a tree stays consistent; `kind` is what it begins with. */
export const createRedactor = () => {
	const invented = new Map();
	const invent = (kind, name) => {
		const key = `${kind} ${name}`;
		if (!invented.has(key)) {
			invented.set(key, `${kind}-${invented.size + 1}`);
		}

		return invented.get(key);
	};

	const path = text => {
		if (!text.startsWith('/')) {
			return text;
		}

		const [file, ...marks] = text.split(' (deleted)');
		const name = file.slice(file.lastIndexOf('/') + 1);
		const isPublic = publicPath.test(file) || publicName.test(name);
		const kept = isPublic ? `/usr/lib/${name}` : `/srv/${invent('file', file)}`;
		return [kept, ...marks].join(' (deleted)');
	};

	const stat = text => {
		const [start, end] = [text.indexOf('(') + 1, text.lastIndexOf(')')];
		return text.slice(0, start) + invent('task', text.slice(start, end)) + text.slice(end);
	};

	// In a stat file the name is as it is, in a status file its newlines and backslashes are escaped.
	const withoutEscapes = name =>
		name.replaceAll(/\\(n|\\)/g, (_, sign) => (sign === 'n' ? '\n' : '\\'));

	const byFile = {
		stat,
		status: text =>
			text.replace(/^Name:\t(.*)$/m, (_, name) => `Name:\t${invent('task', withoutEscapes(name))}`),
		cmdline: text =>
			text
				.split('\0')
				.map((word, index) => (word === '' ? word : index === 0 ? path(word) : 'redacted'))
				.map(word => (word === '' || word.startsWith('/') ? word : 'redacted'))
				.join('\0'),
		cgroup: text =>
			text.replaceAll(/^(\d+:[^:]*:)(.*)$/gm, (_, controllers, place) => {
				const parts = place.split('/').filter(Boolean);
				return `${controllers}/${parts.map(part => invent('group', part)).join('/')}`;
			}),
		maps: text =>
			text.replaceAll(/^((?:\S+ +){5})(\/.*)$/gm, (_, fields, file) => fields + path(file)),
		exe: path,
		hostname: () => 'host\n',
		osrelease: text => text.replace(/-.*/, ''),
		boot_id: () => '00000000-0000-4000-8000-000000000000\n',
		passwd: text =>
			text.replaceAll(/^([^:\n]+):[^:\n]*:(\d+):.*$/gm, (_, name, id) =>
				id === '0' ? 'root:x:0:0:::' : `${invent('user', name)}:x:${id}:${id}:::`,
			),
	};

	/** What to write instead of a file of this name; files of numbers alone come back as they are. */
	return (name, text) => byFile[name]?.(text) ?? text;
};
