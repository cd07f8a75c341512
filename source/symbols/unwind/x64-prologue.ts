/** Read of a function: further on no compiler is still making the frame. */
export const prologueBytes = 64;

// Instructions as hexadecimal digits; see the Intel manual, volume 2.
/** `push %rbp; mov %rsp,%rbp`, with or without a mark for control-flow checks in front. */
const frameBegin = /^(?:f30f1efa)?5548(?:89e5|8bec)/;
/** `push` of a register. */
const push = /^(?:41)?5[0-7]/;
/** A move between registers, or `xor`, that the compiler put between the pushes. */
const registerMove = /^(?:4[\da-f])?(?:31|63|85|89|8b)[c-f][\da-f]/;
/** `sub $…,%rsp`, with an operand of one byte or of four. */
const subtract = /^48(?:83|81)ec/;
const smallOperand = '83';
const wordBytes = 8;
/** The return address and the saved frame pointer lie between the frame's address and the new frame pointer. */
const savedBytes = 2 * wordBytes;

/** What the instructions behind the frame's beginning take off the stack pointer; `at` counts digits. */
const localBytes = (code: Buffer, digits: string, begin: number): number => {
	let taken = 0;
	for (let at = begin; at < digits.length; ) {
		const rest = digits.slice(at, at + 6);
		const operandAt = at / 2 + 3;
		if (subtract.test(rest)) {
			const isSmall = rest.startsWith(smallOperand, 2);
			return operandAt + 4 > code.length
				? taken
				: taken + (isSmall ? code.readInt8(operandAt) : code.readInt32LE(operandAt));
		}

		const pushed = push.exec(rest)?.[0].length;
		taken += pushed === undefined ? 0 : wordBytes;
		const length = pushed ?? registerMove.exec(rest)?.[0].length;
		if (length === undefined) {
			return taken;
		}

		at += length;
	}

	return taken;
};

/**
Bytes between the stack pointer where a function calls others and its frame's address, from its first instructions; undefined when it keeps
no frame pointer. It may take more of the stack later (alloca), which these don't tell.
*/
export const frameBytesOf = (code: Buffer): number | undefined => {
	const digits = code.toString('hex');
	const begin = frameBegin.exec(digits)?.[0].length;
	return begin === undefined ? undefined : savedBytes + localBytes(code, digits, begin);
};
