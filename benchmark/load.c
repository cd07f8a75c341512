/*
 * The load: PROCESSES processes of THREADS threads each. ACTIVE_PERCENT of all threads wake HERTZ times a second, their
 * moments spread evenly over the period; the others wait on a futex that nobody wakes.
 *
 *	load PROCESSES THREADS ACTIVE_PERCENT HERTZ MAXIMUM_SECONDS
 *
 * Prints "ready THREADS" once all of them exist. Ends when stdin closes, or after MAXIMUM_SECONDS.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const long nanoseconds_per_second = 1000000000L;

static long processes, threads, total_threads, period_nanoseconds;
static double active_percent, hertz;
static struct timespec started;

static long active_before(long index)
{
	return (long)((double)index * active_percent / 100.0);
}

static struct timespec after(struct timespec moment, long nanoseconds)
{
	moment.tv_sec += nanoseconds / nanoseconds_per_second;
	moment.tv_nsec += nanoseconds % nanoseconds_per_second;
	if (moment.tv_nsec >= nanoseconds_per_second) {
		moment.tv_sec++;
		moment.tv_nsec -= nanoseconds_per_second;
	}
	return moment;
}

/* The absolute clock keeps the rate exact and the phases apart, however late a single wake-up is. */
static void wake_regularly(long rank)
{
	long active = active_before(total_threads);
	double share = active > 0 ? (double)rank / (double)active : 0;
	struct timespec next = after(started, (long)(share * (double)period_nanoseconds));

	for (;;) {
		next = after(next, period_nanoseconds);
		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL) == EINTR)
			;
	}
}

static void sleep_for_ever(void)
{
	uint32_t word = 0;

	for (;;)
		syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
}

static void *live(void *argument)
{
	long index = (long)(intptr_t)argument;
	long rank = active_before(index);

	if (active_before(index + 1) > rank)
		wake_regularly(rank);
	sleep_for_ever();
	return NULL;
}

static void be_a_process(long process, pid_t parent, int ready)
{
	pthread_attr_t attributes;
	char byte = 1;

	/* Nothing of the load may outlive the one that started it, however that one ends. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN);
	for (long thread = 1; thread < threads; thread++) {
		pthread_t handle;
		long index = process * threads + thread;
		int error = pthread_create(&handle, &attributes, live, (void *)(intptr_t)index);

		if (error != 0) {
			fprintf(stderr, "load: thread %ld: %s\n", index, strerror(error));
			_exit(1);
		}
	}
	if (write(ready, &byte, 1) != 1)
		_exit(1);
	close(ready);
	live((void *)(intptr_t)(process * threads));
}

static void end_all(const pid_t *children, long count)
{
	for (long i = 0; i < count; i++)
		kill(children[i], SIGKILL);
	for (long i = 0; i < count; i++)
		waitpid(children[i], NULL, 0);
}

int main(int argc, char **argv)
{
	int ready[2];
	long maximum_seconds, ready_processes = 0;
	pid_t self = getpid();
	pid_t *children;
	char byte;

	if (argc != 6) {
		fprintf(stderr, "usage: load PROCESSES THREADS ACTIVE_PERCENT HERTZ MAXIMUM_SECONDS\n");
		return 2;
	}
	processes = atol(argv[1]);
	threads = atol(argv[2]);
	active_percent = atof(argv[3]);
	hertz = atof(argv[4]);
	maximum_seconds = atol(argv[5]);
	if (processes < 1 || threads < 1 || active_percent < 0 || active_percent > 100 || hertz <= 0 ||
	    maximum_seconds < 1) {
		fprintf(stderr, "load: a number is out of range\n");
		return 2;
	}
	total_threads = processes * threads;
	period_nanoseconds = (long)((double)nanoseconds_per_second / hertz);
	clock_gettime(CLOCK_MONOTONIC, &started);

	children = calloc((size_t)processes, sizeof *children);
	if (children == NULL || pipe(ready) != 0) {
		perror("load");
		return 1;
	}
	for (long process = 0; process < processes; process++) {
		children[process] = fork();
		if (children[process] == 0) {
			close(ready[0]);
			be_a_process(process, self, ready[1]);
		}
		if (children[process] < 0) {
			perror("load: fork");
			end_all(children, process);
			return 1;
		}
	}
	close(ready[1]);
	while (ready_processes < processes && read(ready[0], &byte, 1) == 1)
		ready_processes++;
	if (ready_processes < processes) {
		fprintf(stderr, "load: only %ld of %ld processes could start\n", ready_processes, processes);
		end_all(children, processes);
		return 1;
	}
	printf("ready %ld\n", total_threads);
	fflush(stdout);

	for (;;) {
		struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
		struct timespec now;

		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec - started.tv_sec >= maximum_seconds)
			break;
		if (poll(&input, 1, 1000) > 0 && read(STDIN_FILENO, &byte, 1) <= 0)
			break;
	}
	end_all(children, processes);
	return 0;
}
