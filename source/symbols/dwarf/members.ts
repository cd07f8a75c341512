import {type Entry, readEntry, tags} from './entry.js';
import {readUnits, type Unit} from './units.js';

/** Where a member lies in the variable that it belongs to. */
export type Member = {offset: number; size: number};

/** Members of one variable by their paths, such as `cpuStats.GCIdleTime`, in small letters; undefined where there is none. */
export type MembersOf = (variable: string, path: string) => Member | undefined;

export type DebugInfo = {info: Buffer; abbrev: Buffer};

/** Types are named after types, at most so often. */
const mostTypedefs = 8;
const mostMembers = 1000;

/**
Variables of one package, by the entries that stand for them. They are found by their names and not by going over all entries: a large
program has a million. That is sure all the same, as the entry around the name must be a variable's whose name it is.
*/
const findVariable = (info: Buffer, unit: Unit, name: string): Entry | undefined => {
	const wanted = Buffer.from(`${name}\0`);
	for (
		let at = info.indexOf(wanted, unit.root);
		at >= 0 && at < unit.end;
		at = info.indexOf(wanted, at + 1)
	) {
		// In front stands the abbreviation's code: LEB128 of one byte, or of two.
		for (const codeBytes of [1, 2]) {
			const entry = tryEntry(info, unit, at - codeBytes);
			if (entry?.tag === tags.variable && entry.name === name) {
				return entry;
			}
		}
	}

	return undefined;
};

/** What is read where no entry may be is nothing. */
const tryEntry = (info: Buffer, unit: Unit, offset: number): Entry | undefined => {
	try {
		return readEntry(info, unit, offset);
	} catch {
		return undefined;
	}
};

/**
Reads how the structures are laid out that variables of one package are, from what a compiler left in the program about itself (DWARF 4
and 5). Only names that stand in the entries themselves, as those of Go's compiler do.
*/
export const readMembers = (
	{info, abbrev}: DebugInfo,
	packageName: string,
	language: number,
): MembersOf => {
	const units = readUnits(info, abbrev);
	const own = units.filter(unit => {
		const root = tryEntry(info, unit, unit.root);
		return (
			root?.tag === tags.compileUnit && root.name === packageName && root.language === language
		);
	});

	const unitOf = (offset: number): Unit | undefined =>
		units.find(({start, end}) => offset >= start && offset < end);

	const entryAt = (offset: number | undefined): Entry | undefined => {
		const unit = offset === undefined ? undefined : unitOf(offset);
		return unit && tryEntry(info, unit, offset!);
	};

	/** A type itself, behind the names that it has. */
	const typeOf = (entry: Entry | undefined): {at: number; type: Entry} | undefined => {
		let at = entry?.type;
		for (let names = 0; names < mostTypedefs; names++) {
			const type = entryAt(at);
			if (type?.tag !== tags.typedef) {
				return at !== undefined && type ? {at, type} : undefined;
			}

			at = type.type;
		}

		return undefined;
	};

	const memberOf = (entry: Entry, name: string): Entry | undefined => {
		const found = typeOf(entry);
		const unit = found && unitOf(found.at);
		if (found?.type.tag !== tags.structure || !found.type.hasChildren || !unit) {
			return undefined;
		}

		let at = found.type.end;
		for (let count = 0; count < mostMembers; count++) {
			const member = tryEntry(info, unit, at);
			if (member?.tag !== tags.member || member.hasChildren) {
				return undefined;
			}

			if (member.name?.toLowerCase() === name) {
				return member;
			}

			at = member.end;
		}

		return undefined;
	};

	return (variable, path) => {
		let entry: Entry | undefined;
		for (const unit of own) {
			entry ??= findVariable(info, unit, variable);
		}

		let offset = 0;
		for (const name of path.split('.')) {
			entry = entry && memberOf(entry, name);
			offset += entry?.memberOffset ?? Number.NaN;
		}

		const size = typeOf(entry)?.type.byteSize;
		return size !== undefined && Number.isSafeInteger(offset) ? {offset, size} : undefined;
	};
};
