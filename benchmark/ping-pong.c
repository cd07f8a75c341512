/* Two threads that hand a futex back and forth; prints how often, every 250 ms. Ends when its standard input closes, or after ten minutes. */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_uint turn;
static atomic_ulong rounds;

static void *play(void *own) {
	unsigned mine = own != NULL;
	for (;;) {
		while (atomic_load(&turn) != mine) syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, !mine, NULL, NULL, 0);
		atomic_store(&turn, !mine);
		atomic_fetch_add_explicit(&rounds, 1, memory_order_relaxed);
		syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	}
	return NULL;
}

static void *wait_for_end(void *unused) {
	char byte;
	while (read(0, &byte, 1) > 0) {
	}
	exit(0);
	return unused;
}

int main(void) {
	pthread_t thread;
	alarm(600);
	pthread_create(&thread, NULL, play, NULL);
	pthread_create(&thread, NULL, play, &thread);
	pthread_create(&thread, NULL, wait_for_end, NULL);
	for (unsigned long before = 0;;) {
		usleep(250000);
		unsigned long now = atomic_load(&rounds);
		printf("%lu\n", now - before);
		fflush(stdout);
		before = now;
	}
}
