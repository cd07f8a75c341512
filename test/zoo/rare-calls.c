/*
One thread asleep in each of the calls that few programs make, or that older kernels lack; each is named after its call. One whose
call the kernel does not know is named `no` and the call.
*/
#define _GNU_SOURCE
#include "keeper.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <mqueue.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <time.h>

/* The same on every architecture; older headers lack them. */
enum { epoll_pwait2_call = 441, futex_waitv_call = 449, futex_wait_call = 455 };
/* FUTEX2_SIZE_U32 and FUTEX2_PRIVATE of linux/futex.h. */
enum { word_of_32_bits = 2, private_word = 128 };

static uint32_t words[3] = {71, 72, 73};
static int semaphores = -1;

/* A point about ten minutes away that ends in a quarter of a second. */
static struct timespec later(clockid_t clock) {
	struct timespec time;
	clock_gettime(clock, &time);
	time.tv_sec += 600;
	time.tv_nsec = 250000000;
	return time;
}

static long epoll_wait2(void) {
	struct timespec time = {600, 1000000};
	struct epoll_event event;
	return syscall(epoll_pwait2_call, epoll_create1(0), &event, 1, &time, NULL, 8);
}

static long semaphore_wait(void) {
	struct timespec time = {601, 2000000};
	struct sembuf take = {0, -1, 0};
	if (semaphores < 0) return -1;
	return syscall(SYS_semtimedop, semaphores, &take, 1, &time);
}

static long queue_receive(void) {
	char name[64], message[8192];
	struct timespec time = later(CLOCK_REALTIME);
	snprintf(name, sizeof name, "/ctop-rare-calls-%d", getpid());
	mqd_t queue = mq_open(name, O_RDONLY | O_CREAT | O_EXCL, 0600, NULL);
	if (queue < 0) return -1;
	mq_unlink(name);
	return syscall(SYS_mq_timedreceive, queue, message, sizeof message, NULL, &time);
}

static long events_wait(void) {
	aio_context_t context = 0;
	struct io_event event;
	struct timespec time = {602, 3000000};
	if (syscall(SYS_io_setup, 1, &context) != 0) return -1;
	return syscall(SYS_io_getevents, context, 1, 1, &event, &time);
}

static long word_wait(void) {
	struct timespec time = later(CLOCK_MONOTONIC);
	return syscall(futex_wait_call, &words[0], 71UL, 0xffffffffUL, word_of_32_bits | private_word, &time, CLOCK_MONOTONIC);
}

static long words_wait(void) {
	struct { uint64_t value, address; uint32_t flags, reserved; } waiters[] = {
		{72, (uintptr_t)&words[1], word_of_32_bits | private_word, 0},
		{73, (uintptr_t)&words[2], word_of_32_bits | private_word, 0},
	};
	struct timespec time = later(CLOCK_REALTIME);
	return syscall(futex_waitv_call, waiters, 2, 0, &time, CLOCK_REALTIME);
}

struct way {
	const char *name;
	long (*wait)(void);
};

static struct way ways[] = {
	{"epoll_pwait2", epoll_wait2}, {"semtimedop", semaphore_wait}, {"mq_timedreceive", queue_receive},
	{"io_getevents", events_wait}, {"futex_wait", word_wait}, {"futex_waitv", words_wait},
};

static void *run(void *argument) {
	struct way *way = argument;
	char name[32];
	pthread_setname_np(pthread_self(), way->name);
	if (way->wait() < 0 && errno == ENOSYS) {
		snprintf(name, 16, "no %s", way->name);
		pthread_setname_np(pthread_self(), name);
		for (;;) pause();
	}
	return NULL;
}

static void remove_semaphores(void) {
	if (semaphores >= 0) semctl(semaphores, 0, IPC_RMID);
}

static void end(int signal) {
	remove_semaphores();
	_exit(signal);
}

int main(void) {
	semaphores = semget(IPC_PRIVATE, 1, 0600);
	atexit(remove_semaphores);
	signal(SIGALRM, end);
	signal(SIGTERM, end);
	for (unsigned index = 0; index < sizeof ways / sizeof *ways; index++) {
		pthread_t thread;
		pthread_create(&thread, NULL, run, &ways[index]);
	}
	ready();
	for (;;) pause();
}
