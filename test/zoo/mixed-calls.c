/* N threads that wait in three system calls by turns: 60, 30 and 10 % of their time. */
#define _GNU_SOURCE
#include "keeper.h"
#include <linux/futex.h>
#include <poll.h>
#include <sys/syscall.h>
#include <time.h>

static int word;

static void *take_turns(void *unused) {
	struct timespec longest = {0, 150000000}, shortest = {0, 25000000};
	for (;;) {
		nanosleep(&longest, NULL);
		poll(NULL, 0, 75);
		syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &shortest, NULL, 0);
	}
	return unused;
}

int main(int count, char **words) {
	int threads = count > 1 ? atoi(words[1]) : 4;
	pthread_t thread;
	while (threads-- > 0) pthread_create(&thread, NULL, take_turns, NULL);
	ready();
	pause();
	return 0;
}
