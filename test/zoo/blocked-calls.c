/* One thread asleep in each way that a thread can be; each is named after its way. */
#define _GNU_SOURCE
#include "keeper.h"
#include <fcntl.h>
#include <poll.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t inheriting, robust, free_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t barrier;
static sem_t semaphore;
static pthread_t sleeper;
static int locked_file;

/* A point about ten minutes away that ends in a quarter of a second. */
static struct timespec later(clockid_t clock) {
	struct timespec time;
	clock_gettime(clock, &time);
	time.tv_sec += 600;
	time.tv_nsec = 250000000;
	return time;
}

static void relative_sleep(void) {
	struct timespec time = {600, 50000000};
	clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
}

static void absolute_sleep(void) {
	struct timespec time = later(CLOCK_MONOTONIC);
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
}

static void raw_sleep(void) {
	struct timespec time = {601, 1000000};
	syscall(SYS_nanosleep, &time, NULL);
}

static void poll_timed(void) { poll(NULL, 0, 605050); }

static void poll_forever(void) { poll(NULL, 0, -1); }

static void ppoll_timed(void) {
	struct timespec time = {602, 2000000};
	ppoll(NULL, 0, &time, NULL);
}

static void select_timed(void) {
	struct timeval time = {603, 3000};
	select(0, NULL, NULL, NULL, &time);
}

static void epoll_timed(void) {
	struct epoll_event event;
	epoll_wait(epoll_create1(0), &event, 1, 604004);
}

static void epoll_forever(void) {
	struct epoll_event event;
	epoll_wait(epoll_create1(0), &event, 1, -1);
}

static void mutex_wait(void) { pthread_mutex_lock(&mutex); }

static void mutex_timed(void) {
	struct timespec time = later(CLOCK_REALTIME);
	pthread_mutex_timedlock(&mutex, &time);
}

static void inheriting_wait(void) { pthread_mutex_lock(&inheriting); }

static void robust_wait(void) { pthread_mutex_lock(&robust); }

static void cond_wait(void) {
	pthread_mutex_lock(&free_mutex);
	pthread_cond_wait(&condition, &free_mutex);
}

static void cond_timed(void) {
	struct timespec time = later(CLOCK_REALTIME);
	pthread_mutex_lock(&free_mutex);
	pthread_cond_timedwait(&condition, &free_mutex, &time);
}

static void rwlock_wait(void) { pthread_rwlock_rdlock(&rwlock); }

static void barrier_wait(void) { pthread_barrier_wait(&barrier); }

static void semaphore_wait(void) { sem_wait(&semaphore); }

static void join_wait(void) { pthread_join(sleeper, NULL); }

static void futex_relative(void) {
	static int word = 7;
	struct timespec time = {606, 6000000};
	syscall(SYS_futex, &word, 0x80, 7, &time, NULL, 0);
}

static void pipe_empty(void) {
	int ends[2];
	char byte;
	pipe(ends);
	read(ends[0], &byte, 1);
}

static void pipe_full(void) {
	static char bytes[1 << 20];
	int ends[2];
	pipe(ends);
	write(ends[1], bytes, sizeof bytes);
}

static void accept_wait(void) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	/* Only the family: the kernel picks an abstract name. */
	bind(listener, (struct sockaddr *)&address, sizeof(sa_family_t));
	listen(listener, 1);
	accept(listener, NULL, NULL);
}

static void receive_wait(void) {
	int ends[2];
	char byte;
	socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
	recv(ends[0], &byte, 1, 0);
}

static void socket_read(void) {
	int ends[2];
	char byte;
	socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
	read(ends[0], &byte, 1);
}

static void flock_wait(void) { flock(locked_file, LOCK_EX); }

static void child_wait(void) {
	pid_t child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(120);
		for (;;) pause();
	}
	waitpid(child, NULL, 0);
}

static void signal_wait(void) {
	sigset_t none;
	sigemptyset(&none);
	sigsuspend(&none);
}

static void signal_timed(void) {
	struct timespec time = {607, 7000000};
	sigset_t one;
	sigemptyset(&one);
	sigaddset(&one, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &one, NULL);
	sigtimedwait(&one, NULL, &time);
}

struct way {
	const char *name;
	void (*wait)(void);
};

static struct way ways[] = {
	{"relative-sleep", relative_sleep}, {"absolute-sleep", absolute_sleep}, {"raw-sleep", raw_sleep},
	{"poll-timed", poll_timed}, {"poll-forever", poll_forever}, {"ppoll-timed", ppoll_timed},
	{"select-timed", select_timed}, {"epoll-timed", epoll_timed}, {"epoll-forever", epoll_forever},
	{"mutex", mutex_wait}, {"mutex-timed", mutex_timed}, {"mutex-pi", inheriting_wait},
	{"mutex-robust", robust_wait}, {"cond", cond_wait}, {"cond-timed", cond_timed},
	{"rwlock", rwlock_wait}, {"barrier", barrier_wait}, {"semaphore", semaphore_wait},
	{"join", join_wait}, {"futex-relative", futex_relative}, {"pipe-empty", pipe_empty},
	{"pipe-full", pipe_full}, {"accept", accept_wait}, {"receive", receive_wait},
	{"socket-read", socket_read}, {"flock", flock_wait}, {"child", child_wait},
	{"signal", signal_wait}, {"signal-timed", signal_timed},
};

static void *run(void *argument) {
	struct way *way = argument;
	pthread_setname_np(pthread_self(), way->name);
	way->wait();
	return NULL;
}

int main(void) {
	pthread_mutexattr_t attributes;
	char path[] = "/tmp/ctop-blocked-calls-XXXXXX";
	flock(mkstemp(path), LOCK_EX);
	/* Opened twice, so that the lock of one keeps the other out; the name isn't needed any more. */
	locked_file = open(path, O_RDWR);
	unlink(path);
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
	pthread_mutex_init(&inheriting, &attributes);
	pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_NONE);
	pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&robust, &attributes);
	pthread_barrier_init(&barrier, NULL, 2);
	sem_init(&semaphore, 0, 0);
	pthread_mutex_lock(&mutex);
	pthread_mutex_lock(&inheriting);
	pthread_mutex_lock(&robust);
	pthread_rwlock_wrlock(&rwlock);
	for (unsigned index = 0; index < sizeof ways / sizeof *ways; index++) {
		pthread_t thread;
		pthread_create(&thread, NULL, run, &ways[index]);
		if (index == 0) sleeper = thread;
	}
	ready();
	pause();
	return 0;
}
