import type {Key} from 'ink';

const specialKeys = [
	['upArrow', 'up'],
	['downArrow', 'down'],
	['leftArrow', 'left'],
	['rightArrow', 'right'],
	['pageUp', 'page-up'],
	['pageDown', 'page-down'],
	['home', 'home'],
	['end', 'end'],
	['return', 'enter'],
	['escape', 'escape'],
	['backspace', 'backspace'],
	['delete', 'delete'],
] as const satisfies readonly (readonly [keyof Key, string])[];

const characterNames: Readonly<Record<string, string>> = {
	' ': 'space',
	'\r': 'enter',
	'\n': 'enter',
	'\t': 'tab',
	'\u{7F}': 'backspace',
	'\b': 'backspace',
};

/**
Names of the keys in one piece of input. Keys that are pressed quickly, and text that is
pasted, arrive as one piece: `jjj` is three keys.
*/
export const keyNames = (input: string, key: Key): string[] => {
	if (key.tab) {
		return [key.shift ? 'shift+tab' : 'tab'];
	}

	for (const [flag, name] of specialKeys) {
		if (key[flag]) {
			return [name];
		}
	}

	if (key.ctrl || key.meta) {
		return input === '' ? [] : [`${key.ctrl ? 'ctrl' : 'alt'}+${input}`];
	}

	return [...input].map(character => characterNames[character] ?? character);
};
