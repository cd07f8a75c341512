import {addressIn, type CodeLayout, type ScopesLayout} from './code-layout.js';
import type {Peek} from './peek.js';
import {createUnsigned5} from './unsigned5.js';

/** A Java method at work, and the index of the instruction in its bytecode; undefined where that isn't known. */
export type InlinedCall = {method: number; instruction: number | undefined};

/** PcDesc (pcDesc.hpp): address and description as offsets, and two more numbers; 4 bytes each. */
const entryBytes = 16;
const mostEntries = 2 ** 20;
/** Longest beginning of a description: three packed numbers. */
const longestDescription = 15;
const deepestInlining = 64;
const mostMethods = 65_536;

type Scopes = {table: number; entries: number; data: number; methods: number};

const findScopes = (peek: Peek, layout: ScopesLayout, blob: number): Scopes => {
	const base = layout.tableBase === 'own' ? blob : peek.pointer(blob + layout.tableBase.pointer);
	const start = peek.uint32(blob + layout.tableStart);
	const end = peek.uint32(blob + layout.tableEnd);
	const {data, methods} = layout;
	return {
		table: base + start,
		entries: Math.min(Math.floor((end - start) / entryBytes), mostEntries),
		data:
			'pointer' in data
				? peek.pointer(blob + data.pointer)
				: base + peek.uint32(blob + data.offset),
		methods:
			'pointer' in methods
				? peek.pointer(blob + methods.pointer) + peek.uint32(blob + methods.behind)
				: blob + peek.uint32(blob + methods.offset),
	};
};

/** Offset of the description for an address; entries are in ascending order. 0 where there is none. */
const descriptionAt = (peek: Peek, {table, entries}: Scopes, offset: number): number => {
	let low = 0;
	let high = entries - 1;
	while (low <= high) {
		const middle = (low + high) >> 1;
		const entry = peek.bytes(table + middle * entryBytes, 8);
		const at = entry?.readInt32LE(0);
		if (!entry || at === undefined) {
			return 0;
		}

		if (at === offset) {
			return Math.max(entry.readInt32LE(4), 0);
		}

		if (at < offset) {
			low = middle + 1;
		} else {
			high = middle - 1;
		}
	}

	return 0;
};

/**
Java methods at work where a call from compiled code returns to, innermost first: the compiler inlines methods into each other. Each
description begins with that of its caller, the number of its method and its instruction plus one (debugInfoRec.cpp).
*/
export const readCalls = (
	peek: Peek,
	{scopes: layout, codeStart, methods: {excluded}}: CodeLayout,
	blob: number,
	programCounter: number,
): readonly InlinedCall[] => {
	if (!layout) {
		return [];
	}

	const scopes = findScopes(peek, layout, blob);
	const code = addressIn(peek, blob, codeStart);
	const calls: InlinedCall[] = [];
	let description = descriptionAt(peek, scopes, programCounter - code);
	while (description > 0 && calls.length < deepestInlining) {
		const bytes = peek.bytes(scopes.data + description, longestDescription);
		if (!bytes) {
			return [];
		}

		const {unsigned} = createUnsigned5(bytes, excluded);
		const caller = unsigned();
		const index = unsigned();
		const instruction = unsigned() - 1;
		const method =
			index > 0 && index < mostMethods ? peek.pointer(scopes.methods + (index - 1) * 8) : 0;
		if (method === 0 || caller >= description) {
			return [];
		}

		calls.push({method, instruction: instruction >= 0 ? instruction : undefined});
		description = caller;
	}

	return calls;
};
