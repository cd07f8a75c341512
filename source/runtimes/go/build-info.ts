/** Every program that Go's linker made begins its data with this, see debug/buildinfo in Go's library. */
const magic = Buffer.from('\u00FF Go buildinf:', 'latin1');
const alignment = 16;
/** Behind the magic: the size of a pointer, flags, and from Go 1.18 on, at 32, the version as a length and a text. */
const versionAt = 32;
const isInline = 2;
const longestVersion = 64;

/** Version of Go, such as `1.22`, in the first bytes of a part of a program; an empty text where it isn't told, undefined for other programs. */
export const goVersion = (bytes: Buffer): string | undefined => {
	for (let at = bytes.indexOf(magic); at >= 0; at = bytes.indexOf(magic, at + 1)) {
		if (at % alignment !== 0 || at + versionAt >= bytes.length) {
			continue;
		}

		const length = bytes[at + versionAt]!;
		if ((bytes[at + magic.length + 1]! & isInline) === 0 || length > longestVersion) {
			return '';
		}

		const text = bytes.toString('latin1', at + versionAt + 1, at + versionAt + 1 + length);
		return /^go(\d+\.\d+)/.exec(text)?.[1] ?? '';
	}

	return undefined;
};
