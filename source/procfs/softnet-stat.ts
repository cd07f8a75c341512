/**
Parses /proc/net/softnet_stat: packets that the CPUs have received, loopback among them, in all network namespaces; a line for each
CPU, in hexadecimal, wrapping at 32 bits. Undefined when it is not one.
*/
export const parseReceivedPackets = (text: string): number | undefined => {
	const rows = [...text.matchAll(/^([\da-f]{8}) /gm)];
	let total = 0;
	for (const [, packets] of rows) {
		total += Number.parseInt(packets!, 16);
	}

	return rows.length > 0 ? total : undefined;
};
