import {writeFileSync} from 'node:fs';

const headerBytes = 64;

/** A section of an ELF file; its flags are those of elf(5). */
export type GivenSection = {name: string; bytes: Buffer; flags?: bigint};

/** An ELF file with these sections, and the one of their names. */
export const writeElfWithSections = (file: string, given: readonly GivenSection[]): string => {
	const sections: GivenSection[] = [...given, {name: '.shstrtab', bytes: Buffer.alloc(0)}];
	const names = Buffer.from(`\0${sections.map(({name}) => `${name}\0`).join('')}`);
	sections.at(-1)!.bytes = names;
	const header = Buffer.alloc(headerBytes);
	header.write('\u007FELF\u0002\u0001', 'latin1');
	const table = Buffer.alloc((sections.length + 1) * headerBytes);
	const parts: Buffer[] = [header];
	let offset = headerBytes;
	for (const [index, {name, bytes, flags = 0n}] of sections.entries()) {
		const at = (index + 1) * headerBytes;
		table.writeUInt32LE(names.indexOf(`\0${name}\0`) + 1, at);
		table.writeBigUInt64LE(flags, at + 8);
		table.writeBigUInt64LE(BigInt(offset), at + 24);
		table.writeBigUInt64LE(BigInt(bytes.length), at + 32);
		parts.push(bytes);
		offset += bytes.length;
	}

	header.writeBigUInt64LE(BigInt(offset), 40);
	header.writeUInt16LE(headerBytes, 58);
	header.writeUInt16LE(sections.length + 1, 60);
	header.writeUInt16LE(sections.length, 62);
	writeFileSync(file, Buffer.concat([...parts, table]));
	return file;
};
