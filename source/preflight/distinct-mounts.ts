import type {Mount} from '../procfs/mountinfo.js';

/** Types without a size of their own: what they show isn't stored. Those that df(1) leaves out. */
const pseudoTypes: ReadonlySet<string> = new Set(
	(
		'autofs binder binfmt_misc bpf cgroup cgroup2 configfs debugfs devfs devpts fuse.gvfsd-fuse fuse.lxcfs ' +
		'fuse.portal fusectl ignore kernfs mqueue nfsd none nsfs pipefs proc pstore resctrl rpc_pipefs securityfs selinuxfs ' +
		'smackfs sockfs subfs sysfs tracefs'
	).split(' '),
);

export const isPseudo = ({type}: Mount): boolean => pseudoTypes.has(type);

const isWithin = (path: string, directory: string): boolean =>
	path === directory || directory === '/' || path.startsWith(`${directory}/`);

/**
Makes a function that tells which mount a path leads to, walking down from the root as the kernel does: a later mount covers
an earlier one, and hides those below it.
*/
export const mountFinder = (mounts: readonly Mount[]): ((path: string) => Mount | undefined) => {
	const ids = new Set(mounts.map(({id}) => id));
	const children = new Map<number, Mount[]>();
	for (const mount of mounts) {
		if (mount.id !== mount.parentId) {
			children.set(mount.parentId, [...(children.get(mount.parentId) ?? []), mount]);
		}
	}

	for (const siblings of children.values()) {
		siblings.sort((a, b) => a.mountPoint.length - b.mountPoint.length);
	}

	const root = mounts.find(({parentId, mountPoint}) => mountPoint === '/' && !ids.has(parentId));
	return path => {
		let current = root;
		for (;;) {
			const below: Mount | undefined =
				current && children.get(current.id)?.find(({mountPoint}) => isWithin(path, mountPoint));
			if (!below) {
				return current;
			}

			current = below;
		}
	};
};

/** One of the same file system. Subvolumes of btrfs share a device number here, but count as file systems of their own. */
const identity = ({type, device, root}: Mount): string =>
	type === 'btrfs' ? `${device} ${root}` : device;

/** Which of two mounts of one file system df(1) shows: a real device's name, then the shorter path to more of it. */
const replaces = (candidate: Mount, kept: Mount): boolean =>
	(candidate.source.includes('/') && !kept.source.includes('/')) ||
	(kept.mountPoint.length > candidate.mountPoint.length &&
		!(kept.root.length < candidate.root.length));

/**
The file systems that df(1) lists, in its order: real ones that a path leads to, each once however often it is mounted.
*/
export const distinctMounts = (mounts: readonly Mount[]): readonly Mount[] => {
	const byIdentity = new Map<string, Mount>();
	const mountAt = mountFinder(mounts);
	for (const mount of mounts) {
		if (isPseudo(mount) || mountAt(mount.mountPoint)?.id !== mount.id) {
			continue;
		}

		const kept = byIdentity.get(identity(mount));
		if (!kept || replaces(mount, kept)) {
			byIdentity.set(identity(mount), mount);
		}
	}

	return [...byIdentity.values()];
};
