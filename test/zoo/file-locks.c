/*
Several processes wait for the lock on one file, one behind the other; a further one waits for that and for another.
shared: the process that took the locks has ended, and its parent, which has the files open, keeps them.
*/
#define _GNU_SOURCE
#include "keeper.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

enum { waiters = 4, files = 2 };
static char paths[files][64] = {"/tmp/ctop-file-locks-first-XXXXXX", "/tmp/ctop-file-locks-second-XXXXXX"};
static int held[files], wanted[files];

static void *want_second(void *unused) {
	pthread_setname_np(pthread_self(), "wants-second");
	flock(wanted[1], LOCK_EX);
	return unused;
}

static void become_waiter(int wants_both) {
	pthread_t thread;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(120);
	/* Else the lock would never be free. */
	for (int index = 0; index < files; index++) close(held[index]);
	prctl(PR_SET_NAME, wants_both ? "wants-first" : "waiter");
	if (wants_both) pthread_create(&thread, NULL, want_second, NULL);
	flock(wanted[0], LOCK_EX);
	for (;;) pause();
}

int main(int argc, char **argv) {
	int is_shared = argc > 1 && strcmp(argv[1], "shared") == 0;
	for (int index = 0; index < files; index++) {
		held[index] = mkstemp(paths[index]);
		pid_t taker = is_shared ? fork() : 0;
		if (taker == 0) flock(held[index], LOCK_EX);
		if (is_shared && taker == 0) _exit(0);
		if (taker > 0) waitpid(taker, NULL, 0);
	}
	for (int number = 0; number < waiters; number++) {
		/* Each with its own open file, to which a lock belongs. */
		for (int index = 0; index < files; index++) wanted[index] = open(paths[index], O_RDWR);
		if (fork() == 0) become_waiter(number == waiters - 1);
		for (int index = 0; index < files; index++) close(wanted[index]);
	}
	for (int index = 0; index < files; index++) unlink(paths[index]);
	ready();
	for (;;) pause();
}
