/** Counters by `Protocol.Name`, such as `Tcp.RetransSegs` or `TcpExt.ListenOverflows`. */
export type NetCounters = ReadonlyMap<string, number>;

/**
Parses /proc/net/snmp and /proc/net/netstat: pairs of lines with the same prefix, names in the first, values in the second.
Names differ from kernel to kernel, so they are read and never counted.
*/
export const parseNetCounters = (text: string): NetCounters => {
	const counters = new Map<string, number>();
	const lines = text.split('\n');
	for (let index = 0; index + 1 < lines.length; index += 2) {
		const [prefix, ...names] = lines[index]!.split(' ');
		const [samePrefix, ...values] = lines[index + 1]!.split(' ');
		if (!prefix || prefix !== samePrefix) {
			continue;
		}

		for (const [position, name] of names.entries()) {
			const value = Number(values[position]);
			if (!Number.isNaN(value)) {
				counters.set(`${prefix.slice(0, -1)}.${name}`, value);
			}
		}
	}

	return counters;
};
