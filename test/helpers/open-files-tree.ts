import {mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';

/** What /proc tells of an open file: the target of its link in `fd`, and its text in `fdinfo`. */
export type OpenFile = {target?: string; info?: string};

export type OpenFilesTree = {
	readonly root: string;
	open(pid: number, fd: number, file: OpenFile): void;
	/** Writes another file of the process. */
	write(pid: number, name: string, text: string): void;
	/** Takes all files of a process away. */
	end(pid: number): void;
	remove(): void;
};

/** A folder like /proc, of processes with open files. */
export const createOpenFilesTree = (): OpenFilesTree => {
	const root = mkdtempSync(path.join(tmpdir(), 'ctop-open-files-'));
	const folderOf = (pid: number, name: string): string => {
		const folder = path.join(root, `${pid}`, name);
		mkdirSync(folder, {recursive: true});
		return folder;
	};

	return {
		root,
		open(pid, fd, {target, info}) {
			const [links, infos] = [folderOf(pid, 'fd'), folderOf(pid, 'fdinfo')];
			if (target !== undefined) {
				symlinkSync(target, path.join(links, `${fd}`));
			}

			if (info !== undefined) {
				writeFileSync(path.join(infos, `${fd}`), info);
			}
		},
		write(pid, name, text) {
			writeFileSync(path.join(folderOf(pid, '.'), name), text);
		},
		end(pid) {
			rmSync(path.join(root, `${pid}`), {recursive: true});
		},
		remove() {
			rmSync(root, {recursive: true, force: true});
		},
	};
};
