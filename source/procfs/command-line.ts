/**
Parses /proc/PID/cmdline: arguments end with a NUL. A process that writes its own title (setproctitle) may leave out the last
NUL, or fill the rest with NULs; those at the end say nothing. Broken UTF-8 becomes U+FFFD.
*/
export const parseCommandLine = (bytes: Buffer): readonly string[] => {
	let end = bytes.length;
	while (end > 0 && bytes[end - 1] === 0) {
		end--;
	}

	return end === 0 ? [] : bytes.toString('utf8', 0, end).split('\0');
};
