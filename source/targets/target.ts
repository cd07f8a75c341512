/** Where the kernel's files are. */
export type Target = {
	/** The /proc to read, without a slash at the end. */
	procRoot: string;
	/** Whether the processes in it run on this kernel, so that ids, clocks and cgroups are ours. */
	ownKernel: boolean;
	/** Where cgroups are mounted; missing when those of the target can't be seen. */
	cgroupRoot?: string;
	/** Where user names are looked up. */
	passwdFile: string;
};
