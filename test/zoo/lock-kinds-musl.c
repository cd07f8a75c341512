/* One lock of each kind of musl with a thread that has it and a thread that waits for it, named after its lock. */
#define _GNU_SOURCE
#include "keeper.h"
#include <semaphore.h>
#include <sys/prctl.h>

pthread_mutex_t plain_mutex = PTHREAD_MUTEX_INITIALIZER, recursive_mutex, checking_mutex;
pthread_mutex_t free_mutex = PTHREAD_MUTEX_INITIALIZER;
pthread_rwlock_t written_lock = PTHREAD_RWLOCK_INITIALIZER, read_lock = PTHREAD_RWLOCK_INITIALIZER;
pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
sem_t semaphore;
FILE *stream;
static pthread_t sleeper;

static void nap(void) {
	for (;;) pause();
}

static void *hold_all(void *holds) {
	prctl(PR_SET_NAME, "holder");
	pthread_mutex_lock(&plain_mutex);
	pthread_mutex_lock(&recursive_mutex);
	pthread_mutex_lock(&recursive_mutex);
	pthread_mutex_lock(&checking_mutex);
	pthread_rwlock_wrlock(&written_lock);
	pthread_rwlock_rdlock(&read_lock);
	flockfile(stream);
	*(volatile int *)holds = 1;
	nap();
	return NULL;
}

#define WAITER(name, wait)                \
	static void *name(void *unused) { \
		prctl(PR_SET_NAME, #name); \
		wait;                     \
		nap();                    \
		return unused;            \
	}

WAITER(plain, pthread_mutex_lock(&plain_mutex))
WAITER(recursive, pthread_mutex_lock(&recursive_mutex))
WAITER(checking, pthread_mutex_lock(&checking_mutex))
WAITER(written_by, pthread_rwlock_wrlock(&written_lock))
WAITER(read_by, pthread_rwlock_wrlock(&read_lock))
WAITER(condition_1, (pthread_mutex_lock(&free_mutex), pthread_cond_wait(&condition, &free_mutex)))
WAITER(semaphore_1, sem_wait(&semaphore))
WAITER(stdio, flockfile(stream))
WAITER(join, pthread_join(sleeper, NULL))
WAITER(asleep, nap())

static void *(*waiters[])(void *) = {plain, recursive, checking, written_by, read_by, condition_1, semaphore_1, stdio, join};

static void make(pthread_mutex_t *mutex, int type) {
	pthread_mutexattr_t attributes;
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_settype(&attributes, type);
	pthread_mutex_init(mutex, &attributes);
}

int main(void) {
	pthread_t thread;
	volatile int holds = 0;
	make(&recursive_mutex, PTHREAD_MUTEX_RECURSIVE);
	make(&checking_mutex, PTHREAD_MUTEX_ERRORCHECK);
	sem_init(&semaphore, 0, 0);
	stream = fopen("/dev/null", "w");
	pthread_create(&sleeper, NULL, asleep, NULL);
	pthread_create(&thread, NULL, hold_all, (void *)&holds);
	while (!holds) usleep(1000);
	for (unsigned index = 0; index < sizeof waiters / sizeof *waiters; index++) pthread_create(&thread, NULL, waiters[index], NULL);
	ready();
	nap();
}
