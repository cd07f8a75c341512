/* Files of whole processes. */
#ifndef PROCESS_FILES_H
#define PROCESS_FILES_H

#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>

#include "held-files.h"

struct process {
	int memory;
	int read_in_tick;
};

/* One more than the greatest id. */
static int tid_limit;
static struct process *processes; /* by pid */

static bool prepare_processes(void)
{
	processes = malloc((size_t)tid_limit * sizeof *processes);
	if (processes == NULL)
		return false;
	for (int pid = 0; pid < tid_limit; pid++)
		processes[pid] = (struct process){.memory = no_descriptor, .read_in_tick = -1};
	return true;
}

static bool is_id(int id)
{
	return id > 0 && id < tid_limit;
}

/* Until when clock_nanosleep sleeps stands in the thread's memory: number, clock, flags, address (proc_pid_syscall(5)). */
static void read_sleep(int pid, ssize_t length)
{
	unsigned long address;
	long call;
	struct process *process;
	struct timespec until;
	char path[64];

	if (length <= 0 || !is_id(pid))
		return;
	process = &processes[pid];
	buffer[length] = '\0';
	if (sscanf(buffer, "%ld %*s %*s %lx", &call, &address) != 2 || call != SYS_clock_nanosleep)
		return;
	if (process->memory < 0) {
		snprintf(path, sizeof path, "/proc/%d/mem", pid);
		process->memory = open_file(path);
		if (process->memory < 0)
			return;
		open_descriptors++;
	}
	if (pread(process->memory, &until, sizeof until, (off_t)address) < 0)
		give_back(&process->memory);
}

static void read_of_process(int pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
	read_whole(path);
}

static void read_process(int pid, int tick)
{
	if (!is_id(pid) || processes[pid].read_in_tick == tick)
		return;
	processes[pid].read_in_tick = tick;
	read_of_process(pid, "stat");
}

static void describe_process(int pid)
{
	read_of_process(pid, "stat");
	read_of_process(pid, "cmdline");
	read_of_process(pid, "status");
	read_of_process(pid, "cgroup");
}

#endif
