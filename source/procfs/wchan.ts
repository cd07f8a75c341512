/**
Name of the kernel function that a task sleeps in, from the text of /proc/PID/task/TID/wchan.

The kernel writes `0` for a task that runs, for one that we may not look into, and on kernels that can't tell:
it's no name and proves none of these, so it is `undefined` here. So is the bare address that kernels without
symbols write. See proc_pid_wchan(5).
*/
export const parseWaitChannel = (text: string): string | undefined => {
	const name = text.trim();

	return /^[A-Za-z_.][\w.$]*$/.test(name) ? name : undefined;
};
