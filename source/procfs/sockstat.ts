/** Counts by `PROTOCOL.name`, such as `TCP.inuse`, `TCP.tw` or `sockets.used`. */
export type SocketCounts = ReadonlyMap<string, number>;

/** Parses /proc/net/sockstat and sockstat6: `TCP: inuse 1 orphan 0 tw 0 alloc 1 mem 0`. */
export const parseSockstat = (text: string): SocketCounts => {
	const counts = new Map<string, number>();
	for (const [, protocol, rest] of text.matchAll(/^(\w+): (.*)$/gm)) {
		for (const [, name, value] of rest!.matchAll(/(\w+) (\d+)/g)) {
			counts.set(`${protocol}.${name}`, Number(value));
		}
	}

	return counts;
};
