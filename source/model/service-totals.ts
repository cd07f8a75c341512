/** What all processes of one service cost together; a rate that none of them has is missing. */
export type ServiceTotals = {
	name: string;
	processes: number;
	threads: number;
	switchesPerSecond?: number;
	voluntarySwitchesPerSecond?: number;
	involuntarySwitchesPerSecond?: number;
	cpuPercent?: number;
	runQueueWaitPercent?: number;
};
