/* shared-locks WORK LOCK PROCESSES: processes of one thread each, and one lock for all of them.
   LOCK mutex, semaphore (POSIX), system-v, file.
   WORK moment: it is held for a moment; compute: for 3 ms of work; sleep: over sleeps of 10 ms;
   accept: it says whose turn it is to wait for a connection, and nothing is wrong; one comes each 20 ms. */
#define _GNU_SOURCE
#include "keeper.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <time.h>

static struct shared {
	pthread_mutex_t mutex;
	sem_t semaphore;
	volatile long table[1000];
} *shared;

static int set, file, listener;
static char path[] = "/tmp/ctop-shared-locks-XXXXXX";
static struct sockaddr_in address = {.sin_family = AF_INET};

static void change_set(int by) {
	struct sembuf change = {0, by, SEM_UNDO};
	semop(set, &change, 1);
}

static void lock(const char *kind) {
	if (!strcmp(kind, "mutex")) pthread_mutex_lock(&shared->mutex);
	if (!strcmp(kind, "semaphore")) while (sem_wait(&shared->semaphore)) {}
	if (!strcmp(kind, "system-v")) change_set(-1);
	if (!strcmp(kind, "file")) flock(file, LOCK_EX);
}

static void unlock(const char *kind) {
	if (!strcmp(kind, "mutex")) pthread_mutex_unlock(&shared->mutex);
	if (!strcmp(kind, "semaphore")) sem_post(&shared->semaphore);
	if (!strcmp(kind, "system-v")) change_set(1);
	if (!strcmp(kind, "file")) flock(file, LOCK_UN);
}

static void compute(long microseconds) {
	volatile double value = 1;
	struct timespec start, now;
	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		for (int round = 0; round < 5000; round++) value = value * 1.0000001 + 1e-9;
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - start.tv_sec) * 1000000L + (now.tv_nsec - start.tv_nsec) / 1000 < microseconds);
}

static void take_a_turn(const char *work, const char *kind) {
	int client = -1;
	lock(kind);
	if (!strcmp(work, "moment")) for (int each = 0; each < 200; each++) shared->table[each]++;
	if (!strcmp(work, "compute")) compute(3000);
	if (!strcmp(work, "sleep")) usleep(10000);
	if (!strcmp(work, "accept")) client = accept(listener, NULL, NULL);
	unlock(kind);
	if (!strcmp(work, "moment")) for (volatile int round = 0; round < 300; round++) {}
	else compute(200);
	if (client >= 0) close(client);
}

static void remove_set(void) { semctl(set, 0, IPC_RMID); }

static void end(int signal) {
	(void)signal;
	remove_set();
	_exit(0);
}

int main(int count, char **words) {
	if (count < 4) return 1;
	pthread_mutexattr_t attributes;
	socklen_t length = sizeof address;
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&shared->mutex, &attributes);
	sem_init(&shared->semaphore, 1, 1);
	if (!strcmp(words[2], "system-v")) {
		set = semget(IPC_PRIVATE, 1, 0600);
		semctl(set, 0, SETVAL, 1);
	}
	close(mkstemp(path));
	listener = socket(AF_INET, SOCK_STREAM, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 64)) return 1;
	getsockname(listener, (struct sockaddr *)&address, &length);
	for (int process = 0; process < atoi(words[3]); process++)
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			/* Each with its own open file, to which a lock belongs. */
			file = open(path, O_RDWR);
			for (;;) take_a_turn(words[1], words[2]);
		}
	if (!strcmp(words[2], "system-v")) {
		/* It would outlive all processes. */
		atexit(remove_set);
		signal(SIGTERM, end);
		signal(SIGALRM, end);
	}
	usleep(200000);
	unlink(path);
	ready();
	while (!strcmp(words[1], "accept")) {
		int client = socket(AF_INET, SOCK_STREAM, 0);
		connect(client, (struct sockaddr *)&address, length);
		close(client);
		usleep(20000);
	}
	for (;;) pause();
}
