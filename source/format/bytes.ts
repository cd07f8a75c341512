const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** An amount of memory: `512 B`, `92 MiB`, `1.5 GiB`. */
export const formatBytes = (bytes: number): string => {
	let scaled = Math.max(0, bytes);
	let unit = 0;
	while (scaled >= 1023.5 && unit < units.length - 1) {
		scaled /= 1024;
		unit++;
	}

	const digits = unit > 0 && scaled < 9.95 ? scaled.toFixed(1) : scaled.toFixed(0);
	return `${digits} ${units[unit]}`;
};
