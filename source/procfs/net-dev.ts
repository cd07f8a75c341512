/** Packets received and packets sent stand in the second and the tenth column behind the interface's name. */
const line = /^ *[^\s:]+: *\d+ +(\d+)(?: +\d+){7} +(\d+)/gm;

/** Packets that all interfaces of /proc/net/dev have received and sent; see proc_pid_net(5). */
export const parsePacketCount = (text: string): number => {
	let packets = 0;
	for (const [, received, sent] of text.matchAll(line)) {
		packets += Number(received) + Number(sent);
	}

	return packets;
};
