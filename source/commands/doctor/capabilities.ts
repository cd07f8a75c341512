import type {DoctorCheck} from '../../model/doctor.js';

/** Numbers as in capabilities(7), linux/capability.h. */
const capabilities: readonly {name: string; bit: bigint; gives: string; without: string}[] = [
	{
		name: 'CAP_SYS_PTRACE',
		bit: 19n,
		gives: "what other users' threads wait for, who holds their locks",
		without: "causes in other users' processes; rates and states stay",
	},
	{
		name: 'CAP_DAC_READ_SEARCH',
		bit: 2n,
		gives: "other users' open files, symbols of programs that they alone may read",
		without: "the other ends of other users' pipes and sockets",
	},
	{
		name: 'CAP_SYS_NICE',
		bit: 23n,
		gives: 'the lowest real-time priority for ctop itself where it gets no CPU',
		without: 'on a machine so overloaded, gaps: the header says so',
	},
];

/** Whether a set of capabilities, as `CapEff:` in /proc/self/status has it in hexadecimal, holds one. */
const holds = (effective: bigint, bit: bigint): boolean => (effective & (1n << bit)) !== 0n;

/** Whether one may look into all processes, by the text of /proc/self/status. */
export const mayTrace = (status: string): boolean => holds(effectiveOf(status), 19n);

const effectiveOf = (status: string): bigint =>
	BigInt(`0x${/^CapEff:\s*([\da-f]+)/m.exec(status)?.[1] ?? '0'}`);

/** The capabilities that ctop can use, by the text of /proc/self/status. */
export const checkCapabilities = (status: string): readonly DoctorCheck[] => {
	const effective = effectiveOf(status);
	return capabilities.map(({name, bit, gives, without}) =>
		holds(effective, bit)
			? {what: name, state: 'ok', found: 'held', gives}
			: {what: name, state: 'missing', found: 'not held', gives, lost: without},
	);
};
