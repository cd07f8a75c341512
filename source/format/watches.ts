import type {Wait} from '../model/wait.js';
import {printable} from './printable.js';

/** `inotify`, `not looked at` and the like are told by number alone. */
const withoutPlural = /(?:y| at| since)$/;

/** `12 sockets, 1 timerfd, 1 eventfd`: what a wait for several open files is for, most of a kind first. Safe to print. */
export const watchesText = (watches: NonNullable<Wait['watches']>): string =>
	Object.entries(watches)
		.sort(([one, some], [other, more]) => more - some || (one < other ? -1 : 1))
		.map(
			([kind, count]) =>
				`${count} ${printable(kind)}${count === 1 || withoutPlural.test(kind) ? '' : 's'}`,
		)
		.join(', ');

/** How many open files a wait is for. */
export const watchesCount = (watches: NonNullable<Wait['watches']>): number =>
	Object.values(watches).reduce((sum, count) => sum + count, 0);
