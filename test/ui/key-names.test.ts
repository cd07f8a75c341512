import type {Key} from 'ink';
import {expect, test} from 'vitest';
import {keyNames} from '../../source/ui/key-names.js';

const none: Key = {
	upArrow: false,
	downArrow: false,
	leftArrow: false,
	rightArrow: false,
	pageDown: false,
	pageUp: false,
	home: false,
	end: false,
	return: false,
	escape: false,
	ctrl: false,
	shift: false,
	tab: false,
	backspace: false,
	delete: false,
	meta: false,
	super: false,
	hyper: false,
	capsLock: false,
	numLock: false,
};

test('keys that are pressed quickly arrive together and are all taken', () => {
	expect(keyNames('jjj', none)).toEqual(['j', 'j', 'j']);
	expect(keyNames('/a b\r', none)).toEqual(['/', 'a', 'space', 'b', 'enter']);
	expect(keyNames('日\u{7F}', none)).toEqual(['日', 'backspace']);
});

test('special keys have names', () => {
	expect(keyNames('', {...none, pageDown: true})).toEqual(['page-down']);
	expect(keyNames('l', {...none, ctrl: true})).toEqual(['ctrl+l']);
	expect(keyNames('\t', {...none, tab: true})).toEqual(['tab']);
	expect(keyNames('', {...none, tab: true, shift: true})).toEqual(['shift+tab']);
	expect(keyNames('', {...none, escape: true})).toEqual(['escape']);
});

test('what has no name is no key', () => {
	expect(keyNames('', none)).toEqual([]);
	expect(keyNames('j', {...none, meta: true})).toEqual(['alt+j']);
});
