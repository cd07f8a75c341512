/*
Threads that wait for each other for ever, by the word given: `abba` two with two mutexes, `self` one that takes its mutex twice, `join` one that
joins a thread that wants its mutex, `shared` two processes with two mutexes in shared memory; `chain` looks like it but ends: the last
holder only sleeps.
*/
#define _GNU_SOURCE
#include "keeper.h"
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

static pthread_mutex_t first = PTHREAD_MUTEX_INITIALIZER, second = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t both;
static pthread_t joined;

static void *first_then_second(void *unused) {
	pthread_mutex_lock(&first);
	pthread_barrier_wait(&both);
	pthread_mutex_lock(&second);
	return unused;
}

static void *second_then_first(void *unused) {
	pthread_mutex_lock(&second);
	pthread_barrier_wait(&both);
	pthread_mutex_lock(&first);
	return unused;
}

static void *second_then_sleep(void *unused) {
	pthread_mutex_lock(&second);
	pthread_barrier_wait(&both);
	pause();
	return unused;
}

static void *twice(void *unused) {
	pthread_mutex_lock(&first);
	pthread_barrier_wait(&both);
	pthread_mutex_lock(&first);
	return unused;
}

static void *only_first(void *unused) {
	pthread_barrier_wait(&both);
	pthread_mutex_lock(&first);
	return unused;
}

static void *first_then_join(void *unused) {
	pthread_mutex_lock(&first);
	pthread_barrier_wait(&both);
	pthread_join(joined, NULL);
	return unused;
}

static void across_processes(void) {
	pthread_mutex_t *mutexes = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	volatile int *taken = (volatile int *)((char *)mutexes + 2048);
	pthread_mutexattr_t attributes;
	int child;
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&mutexes[0], &attributes);
	pthread_mutex_init(&mutexes[1], &attributes);
	child = fork() == 0;
	if (child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(120);
	} else
		ready();
	pthread_mutex_lock(&mutexes[child]);
	__sync_fetch_and_add(taken, 1);
	while (*taken < 2) usleep(1000);
	pthread_mutex_lock(&mutexes[1 - child]);
}

int main(int count, char **words) {
	const char *kind = count > 1 ? words[1] : "abba";
	pthread_t thread;
	pthread_barrier_init(&both, NULL, strcmp(kind, "self") == 0 ? 1 : 2);
	if (strcmp(kind, "shared") == 0)
		across_processes();
	else if (strcmp(kind, "self") == 0)
		pthread_create(&thread, NULL, twice, NULL);
	else if (strcmp(kind, "join") == 0) {
		pthread_create(&joined, NULL, only_first, NULL);
		pthread_create(&thread, NULL, first_then_join, NULL);
	} else {
		pthread_create(&thread, NULL, first_then_second, NULL);
		pthread_create(&thread, NULL, strcmp(kind, "chain") == 0 ? second_then_sleep : second_then_first, NULL);
	}
	/* One more that waits behind the others. */
	usleep(50000);
	if (strcmp(kind, "abba") == 0) pthread_create(&thread, NULL, only_first, NULL), pthread_barrier_wait(&both);
	ready();
	for (;;) pause();
}
