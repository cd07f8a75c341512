import {expect, test} from 'vitest';
import type {Lock} from '../../source/model/lock.js';
import {createHolderShares} from '../../source/probes/holder-shares.js';

const lock: Lock = {
	id: 'futex:0x1000',
	kind: 'mutex',
	name: 'app!queue_lock',
	waiterTids: [2],
	waitersAverage: 1,
	contendedPercent: 50,
	confidence: 'certain',
};

test('shares are the mean of those of all intervals, also of those in which nobody held it', () => {
	const shares = createHolderShares();
	shares.add([
		{...lock, holders: [{tid: 1, percent: 60}], heldWhile: [{what: 'running', percent: 100}]},
	]);
	shares.add([
		{
			...lock,
			holders: [
				{tid: 1, percent: 20},
				{tid: 2, percent: 40},
			],
			heldWhile: [{what: 'read', percent: 100}],
		},
	]);
	shares.add([lock]);
	shares.add([lock]);
	const {holders, heldWhile} = shares.applyTo(lock);
	expect(holders).toEqual([
		{tid: 1, percent: 20},
		{tid: 2, percent: 10},
	]);
	expect(heldWhile).toEqual([
		{what: 'running', percent: 50},
		{what: 'read', percent: 50},
	]);
});

test('a lock that nobody was seen to hold stays as it is', () => {
	const shares = createHolderShares();
	shares.add([lock]);
	expect(shares.applyTo(lock)).toBe(lock);
});
