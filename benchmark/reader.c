/*
 * The yardstick: the reads of ctop's sampler in C, once a second.
 *
 *	reader [TICKS]
 *
 * It holds a descriptor on every thread's schedstat and reads it in place; only of threads whose text moved since the last
 * tick it reads status, syscall and wchan again (a thread that did not run can't have switched), with the limit of its sleep
 * out of its memory, and its process's stat. New threads are found by probing the ids that were handed out since the last tick;
 * every 60 ticks the whole of /proc is walked. What describes a process is read every 30 ticks. One line a tick:
 *
 *	tick=N threads=N ran=N cpuNanoseconds=N
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "held-files.h"
#include "process-files.h"

enum {
	text_size = 64,
	quiet_ticks_until_given_back = 30,
	ticks_between_walks = 60,
	largest_probe = 1000,
	settled_share = 128,
	ticks_between_descriptions = 30,
};

enum detail { STATUS, SYSCALL, WCHAN, DETAILS };
static const char *const detail_names[DETAILS] = {"status", "syscall", "wchan"};

struct thread {
	int tid;
	int pid;
	int schedstat;
	int details[DETAILS];
	int length;
	int ticks_run;
	int ticks_quiet;
	bool runnable;
	bool seen;
	unsigned long voluntary, involuntary;
	char text[text_size];
};

static struct thread *threads;
static int *index_of_tid; /* place in threads + 1, or 0 */
static int thread_count, thread_room;

static void forget(int place)
{
	struct thread *thread = &threads[place];

	give_back(&thread->schedstat);
	for (int detail = 0; detail < DETAILS; detail++)
		give_back(&thread->details[detail]);
	index_of_tid[thread->tid] = 0;
	if (thread->tid == thread->pid)
		give_back(&processes[thread->pid].memory);
	thread_count--;
	if (place != thread_count) {
		*thread = threads[thread_count];
		index_of_tid[thread->tid] = place + 1;
	}
}

static unsigned long number_after(const char *label)
{
	const char *found = strstr(buffer, label);

	return found == NULL ? 0 : strtoul(found + strlen(label), NULL, 10);
}

static void read_status(struct thread *thread)
{
	bool keep = thread->ticks_run >= 2;
	ssize_t length = read_held(&thread->details[STATUS], thread->tid, detail_names[STATUS], keep);
	const char *state;

	if (length <= 0)
		return;
	buffer[length] = '\0';
	state = strstr(buffer, "\nState:\t");
	thread->runnable = state != NULL && state[8] == 'R';
	thread->pid = (int)number_after("\nTgid:\t");
	thread->voluntary = number_after("\nvoluntary_ctxt_switches:\t");
	thread->involuntary = number_after("\nnonvoluntary_ctxt_switches:\t");
}

static void read_wait(struct thread *thread)
{
	bool keep = thread->ticks_run >= 2;

	read_sleep(thread->pid, read_held(&thread->details[SYSCALL], thread->tid, detail_names[SYSCALL], keep));
	read_held(&thread->details[WCHAN], thread->tid, detail_names[WCHAN], keep);
}

/* Whether the thread ran since it was last read; -1 when it is gone. */
static int read_schedstat(struct thread *thread)
{
	ssize_t length = read_held(&thread->schedstat, thread->tid, "schedstat", true);

	if (length <= 0)
		return -1;
	if (length > text_size)
		length = text_size;
	if (length == thread->length && memcmp(buffer, thread->text, (size_t)length) == 0)
		return 0;
	memcpy(thread->text, buffer, (size_t)length);
	thread->length = (int)length;
	return 1;
}

static void meet(int tid)
{
	struct thread *thread;

	if (!is_id(tid))
		return;
	if (index_of_tid[tid] != 0) {
		threads[index_of_tid[tid] - 1].seen = true;
		return;
	}
	if (thread_count == thread_room) {
		thread_room = thread_room == 0 ? 4096 : thread_room * 2;
		threads = realloc(threads, (size_t)thread_room * sizeof *threads);
		if (threads == NULL)
			exit(1);
	}
	thread = &threads[thread_count];
	*thread = (struct thread){.tid = tid, .schedstat = -1, .details = {-1, -1, -1}, .seen = true};
	if (read_schedstat(thread) < 0)
		return;
	index_of_tid[tid] = ++thread_count;
	read_status(thread);
	read_wait(thread);
}

static void walk(void)
{
	DIR *processes = opendir("/proc");
	struct dirent *process, *task;

	for (int i = 0; i < thread_count; i++)
		threads[i].seen = false;
	while (processes != NULL && (process = readdir(processes)) != NULL) {
		char path[300];
		DIR *tasks;

		if (!isdigit((unsigned char)process->d_name[0]))
			continue;
		snprintf(path, sizeof path, "/proc/%s/task", process->d_name);
		tasks = opendir(path);
		while (tasks != NULL && (task = readdir(tasks)) != NULL)
			meet(atoi(task->d_name));
		if (tasks != NULL)
			closedir(tasks);
	}
	if (processes != NULL)
		closedir(processes);
	for (int i = thread_count - 1; i >= 0; i--)
		if (!threads[i].seen)
			forget(i);
}

static int last_id(void)
{
	ssize_t length = read_whole("/proc/loadavg");
	const char *blank;

	if (length <= 0)
		return 0;
	buffer[length] = '\0';
	blank = strrchr(buffer, ' ');
	return blank == NULL ? 0 : atoi(blank + 1);
}

static void meet_new(int before, int now)
{
	if (now < before || now - before > largest_probe) {
		walk();
		return;
	}
	for (int tid = before + 1; tid <= now; tid++)
		meet(tid);
}

static int sweep(int tick)
{
	int ran = 0;

	for (int i = thread_count - 1; i >= 0; i--) {
		struct thread *thread = &threads[i];
		int moved = read_schedstat(thread);

		if (moved < 0) {
			forget(i);
			continue;
		}
		if (thread->tid == thread->pid && (tick + thread->pid) % ticks_between_descriptions == 0)
			describe_process(thread->pid);
		if (moved == 0 && !thread->runnable) {
			thread->ticks_run = 0;
			if (++thread->ticks_quiet == quiet_ticks_until_given_back)
				for (int detail = 0; detail < DETAILS; detail++)
					give_back(&thread->details[detail]);
			/* A share of those at rest, for changes that leave no trace in schedstat. */
			if (thread->tid % settled_share == tick % settled_share)
				read_status(thread);
			continue;
		}
		thread->ticks_quiet = 0;
		thread->ticks_run++;
		ran++;
		read_status(thread);
		read_wait(thread);
		read_process(thread->pid, tick);
	}
	return ran;
}

static void read_machine(void)
{
	read_whole("/proc/stat");
	read_whole("/proc/uptime");
	read_whole("/proc/meminfo");
	read_whole("/proc/pressure/cpu");
	read_whole("/proc/pressure/io");
	read_whole("/proc/pressure/memory");
}

static long long cpu_nanoseconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (long long)time.tv_sec * 1000000000LL + time.tv_nsec;
}

int main(int argc, char **argv)
{
	long ticks = argc > 1 ? atol(argv[1]) : -1;
	int before;
	struct timespec next;

	raise_descriptor_limit();
	if (read_whole("/proc/sys/kernel/pid_max") <= 0)
		return 1;
	tid_limit = atoi(buffer) + 1;
	index_of_tid = calloc((size_t)tid_limit, sizeof *index_of_tid);
	if (index_of_tid == NULL || !prepare_processes())
		return 1;
	before = last_id();
	walk();
	clock_gettime(CLOCK_MONOTONIC, &next);
	for (int tick = 1; ticks < 0 || tick <= ticks; tick++) {
		long long cpu;
		int now, ran;

		next.tv_sec++;
		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL) == EINTR)
			;
		cpu = cpu_nanoseconds();
		now = last_id();
		if (tick % ticks_between_walks == 0)
			walk();
		else
			meet_new(before, now);
		before = now;
		ran = sweep(tick);
		read_machine();
		printf("tick=%d threads=%d ran=%d cpuNanoseconds=%lld\n", tick, thread_count, ran,
		       cpu_nanoseconds() - cpu);
		fflush(stdout);
	}
	return 0;
}
