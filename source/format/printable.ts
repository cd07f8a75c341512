const plain = /^[ -~]*$/;

/**
Whatever a terminal may take for a command, for a change of direction or for nothing
at all: C0 and C1 controls, format characters (among them the bidirectional ones),
line and paragraph separators, lone surrogates.
*/
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** A text that comes from outside, with `?` in the place of each character that isn't safe to print. */
export const printable = (text: string): string =>
	plain.test(text) ? text : text.replaceAll(unprintable, '?');
