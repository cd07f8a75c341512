/* One lock of each kind of glibc with a thread that has it and threads that wait for it; each thread is named after its lock. */
#define _GNU_SOURCE
#include "keeper.h"
#include <signal.h>
#include <semaphore.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

pthread_mutex_t plain_mutex = PTHREAD_MUTEX_INITIALIZER;
pthread_mutex_t recursive_mutex, checking_mutex, adaptive_mutex, inheriting_mutex, robust_mutex;
static struct {
	char padding[40];
	pthread_mutex_t inner;
} hidden_member = {.inner = PTHREAD_MUTEX_INITIALIZER};
pthread_mutex_t *heap_mutex, *shared_mutex;
pthread_rwlock_t written_lock = PTHREAD_RWLOCK_INITIALIZER, read_lock = PTHREAD_RWLOCK_INITIALIZER;
pthread_mutex_t free_mutex = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
sem_t semaphore;
pthread_barrier_t barrier;
pthread_once_t once = PTHREAD_ONCE_INIT;
FILE *stream;

static void name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

static void nap(void) {
	for (;;) pause();
}

static void *hold_all(void *unused) {
	name_thread("holder");
	pthread_mutex_lock(&plain_mutex);
	pthread_mutex_lock(&recursive_mutex);
	pthread_mutex_lock(&recursive_mutex);
	pthread_mutex_lock(&checking_mutex);
	pthread_mutex_lock(&adaptive_mutex);
	pthread_mutex_lock(&inheriting_mutex);
	pthread_mutex_lock(&robust_mutex);
	pthread_mutex_lock(&hidden_member.inner);
	pthread_mutex_lock(heap_mutex);
	pthread_mutex_lock(shared_mutex);
	pthread_rwlock_wrlock(&written_lock);
	pthread_rwlock_rdlock(&read_lock);
	flockfile(stream);
	*(volatile int *)unused = 1;
	nap();
	return NULL;
}

#define WAITER(name, wait)                 \
	static void *name(void *unused) { \
		name_thread(#name);        \
		wait;                      \
		nap();                     \
		return unused;             \
	}

WAITER(plain, pthread_mutex_lock(&plain_mutex))
WAITER(recursive, pthread_mutex_lock(&recursive_mutex))
WAITER(checking, pthread_mutex_lock(&checking_mutex))
WAITER(adaptive, pthread_mutex_lock(&adaptive_mutex))
WAITER(inheriting, pthread_mutex_lock(&inheriting_mutex))
WAITER(robust, pthread_mutex_lock(&robust_mutex))
WAITER(hidden, pthread_mutex_lock(&hidden_member.inner))
WAITER(heap, pthread_mutex_lock(heap_mutex))
WAITER(shared, pthread_mutex_lock(shared_mutex))
WAITER(written_by, pthread_rwlock_wrlock(&written_lock))
WAITER(written_for, pthread_rwlock_rdlock(&written_lock))
WAITER(read_by, pthread_rwlock_wrlock(&read_lock))
WAITER(condition_1, (pthread_mutex_lock(&free_mutex), pthread_cond_wait(&condition, &free_mutex)))
WAITER(condition_2, (pthread_mutex_lock(&free_mutex), pthread_cond_wait(&condition, &free_mutex)))
WAITER(semaphore_1, sem_wait(&semaphore))
WAITER(semaphore_2, sem_wait(&semaphore))
WAITER(barrier_1, pthread_barrier_wait(&barrier))
WAITER(barrier_2, pthread_barrier_wait(&barrier))
WAITER(once_1, pthread_once(&once, nap))
WAITER(once_2, pthread_once(&once, nap))
WAITER(once_3, pthread_once(&once, nap))
WAITER(stdio, flockfile(stream))

static void *(*waiters[])(void *) = {
	plain, recursive, checking, adaptive, inheriting, robust, hidden, heap, shared, written_by, written_for,
	read_by, condition_1, condition_2, semaphore_1, semaphore_2, barrier_1, barrier_2, once_1, once_2,
	once_3, stdio,
};

static void make(pthread_mutex_t *mutex, int type, int protocol, int robustness, int shared) {
	pthread_mutexattr_t attributes;
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_settype(&attributes, type);
	pthread_mutexattr_setprotocol(&attributes, protocol);
	pthread_mutexattr_setrobust(&attributes, robustness);
	pthread_mutexattr_setpshared(&attributes, shared);
	pthread_mutex_init(mutex, &attributes);
}

int main(void) {
	pthread_t thread;
	volatile int holds = 0;
	make(&recursive_mutex, PTHREAD_MUTEX_RECURSIVE, 0, 0, 0);
	make(&checking_mutex, PTHREAD_MUTEX_ERRORCHECK, 0, 0, 0);
	make(&adaptive_mutex, PTHREAD_MUTEX_ADAPTIVE_NP, 0, 0, 0);
	make(&inheriting_mutex, 0, PTHREAD_PRIO_INHERIT, 0, 0);
	make(&robust_mutex, 0, 0, PTHREAD_MUTEX_ROBUST, 0);
	heap_mutex = malloc(sizeof *heap_mutex);
	make(heap_mutex, 0, 0, 0, 0);
	shared_mutex = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	make(shared_mutex, 0, 0, 0, PTHREAD_PROCESS_SHARED);
	sem_init(&semaphore, 0, 0);
	pthread_barrier_init(&barrier, NULL, 3);
	stream = fopen("/dev/null", "w");
	pthread_create(&thread, NULL, hold_all, (void *)&holds);
	while (!holds) usleep(1000);
	for (unsigned index = 0; index < sizeof waiters / sizeof *waiters; index++) pthread_create(&thread, NULL, waiters[index], NULL);
	if (fork() == 0) {
		/* Waits for the mutex in shared memory from another process, and dies with its parent. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(120);
		pthread_mutex_lock(shared_mutex);
	}
	ready();
	nap();
}
