import {createUnsigned5} from './unsigned5.js';

/** A pair that doesn't fit into one byte follows as two packed numbers; a zero ends the table. */
const escapeByte = 0xff;
const bitsForLine = 3;
const mostPairs = 65_536;

/**
Source line of an instruction by its index in the method's bytecode, from the compressed table behind that (compressedStream.hpp):
differences of index and line, the index mostly growing. Undefined where the table has none at or before it.
*/
export const lineAt = (table: Buffer, instruction: number, excluded: 0 | 1): number | undefined => {
	const stream = createUnsigned5(table, excluded);
	let index = 0;
	let line = 0;
	let best = {index: -1, line: 0};
	for (let count = 0; count < mostPairs; count++) {
		const byte = stream.byte();
		if (byte === 0) {
			break;
		}

		index += byte === escapeByte ? stream.signed() : byte >> bitsForLine;
		line += byte === escapeByte ? stream.signed() : byte & (2 ** bitsForLine - 1);
		if (index <= instruction && index > best.index) {
			best = {index, line};
		}
	}

	return best.line > 0 ? best.line : undefined;
};
