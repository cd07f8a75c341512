import {expect, test} from 'vitest';
import {countKinds, descriptorKindWord, linkedInode} from '../../source/waits/descriptor-kind.js';

test.each([
	['socket:[4711]', 'socket', 4711],
	['pipe:[12]', 'pipe', 12],
	['pidfd:[9]', 'pidfd', 9],
	['anon_inode:[eventfd]', 'eventfd', undefined],
	['anon_inode:inotify', 'inotify', undefined],
	['anon_inode:[eventpoll]', 'epoll', undefined],
	['anon_inode:[perf_event]', 'perf_event', undefined],
	['/dev/pts/3', 'device', undefined],
	['/srv/socket:[4711]', 'file', undefined],
	['/memfd:ring (deleted)', 'file', undefined],
])('%s is a %s', (link, kind, inode) => {
	expect(descriptorKindWord(link)).toBe(kind);
	expect(linkedInode(link)).toBe(inode);
});

const links = new Map([
	[3, 'socket:[30]'],
	[4, 'socket:[40]'],
	[5, 'pipe:[50]'],
	[6, 'anon_inode:[timerfd]'],
	[7, 'anon_inode:[eventfd]'],
]);

const count = (files: Parameters<typeof countKinds>[0]) => {
	const asked: number[] = [];
	const counts = countKinds(files, fd => {
		asked.push(fd);
		return links.get(fd);
	});
	return {counts, asked};
};

test('one socket tells what all files of its device are, one nameless file only what it is itself', () => {
	expect(
		count([
			{fd: 3, inode: 30, device: '8'},
			{fd: 4, inode: 40, device: '8'},
			{fd: 99, inode: 41, device: '8'},
			{fd: 6, inode: 26, device: 'e'},
			{fd: 7, inode: 26, device: 'e'},
		]),
	).toEqual({counts: {socket: 3, timerfd: 1, eventfd: 1}, asked: [3, 6, 7]});
});

test('a number that is another file’s by now, or nobody’s, tells nothing of the one that is watched', () => {
	expect(
		count([
			{fd: 3, inode: 31, device: '8'},
			{fd: 4, inode: 40, device: '8'},
			{fd: 98, inode: 26, device: 'e'},
		]).counts,
	).toEqual({'closed since': 2, socket: 1});
});

test('files without a device are asked for one by one, and not without end', () => {
	expect(count([{fd: 3}, {fd: 5}, {fd: 5}]).counts).toEqual({socket: 1, pipe: 2});
	const {counts, asked} = count(Array.from({length: 1000}, () => ({fd: 3})));
	expect(counts).toEqual({socket: asked.length, 'not looked at': 1000 - asked.length});
	expect(asked.length).toBeLessThan(1000);
});
