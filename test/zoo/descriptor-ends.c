/* Threads that wait on descriptors whose other ends a process has that is no relative of theirs, or they themselves, or nobody. */
#define _GNU_SOURCE
#include "keeper.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

enum { from_stranger, to_stranger, lifeline, started, pipes };
static int ends[pipes][2];
static int own_pipe[2], listener, unaccepted, accepted, pair[2], epoll, fifo;
static char folder[] = "/tmp/ctop-descriptor-ends-XXXXXX", fifo_path[64];
static char block[1 << 20];

static void keep(int descriptor) {
	char byte;
	read(descriptor, &byte, 1);
}

static void pipe_reader(void) { keep(ends[from_stranger][0]); }

static void pipe_writer(void) { write(ends[to_stranger][1], block, sizeof block); }

static void own_reader(void) { keep(own_pipe[0]); }

static void fifo_reader(void) { keep(fifo); }

static void connected(void) { recv(accepted, block, 1, 0); }

static void not_accepted(void) { recv(unaccepted, block, 1, 0); }

static void paired(void) { recv(pair[0], block, 1, 0); }

static void epolling(void) {
	struct epoll_event event;
	epoll_wait(epoll, &event, 1, -1);
}

static void polling(void) {
	struct pollfd files[] = {{pair[0], POLLIN, 0}, {ends[from_stranger][0], POLLIN, 0}, {own_pipe[0], POLLIN, 0}};
	poll(files, 3, -1);
}

static void poll_one(void) {
	struct pollfd file = {ends[from_stranger][0], POLLIN, 0};
	poll(&file, 1, 600000);
}

struct way {
	const char *name;
	void (*wait)(void);
};

static struct way ways[] = {
	{"pipe-reader", pipe_reader}, {"pipe-writer", pipe_writer}, {"own-reader", own_reader}, {"fifo-reader", fifo_reader},
	{"connected", connected}, {"not-accepted", not_accepted}, {"paired", paired}, {"epolling", epolling},
	{"polling", polling}, {"poll-one", poll_one},
};

static void *run(void *argument) {
	struct way *way = argument;
	pthread_setname_np(pthread_self(), way->name);
	way->wait();
	return NULL;
}

static int connect_to(struct sockaddr_in *address) {
	int client = socket(AF_INET, SOCK_STREAM, 0);
	connect(client, (struct sockaddr *)address, sizeof *address);
	return client;
}

/* Its parent ends at once, so that whoever adopts orphans is its parent. */
static void become_stranger(void) {
	char byte = 0;
	if (fork() != 0) _exit(0);
	setsid();
	alarm(120);
	prctl(PR_SET_NAME, "stranger");
	close(ends[from_stranger][0]);
	close(ends[to_stranger][1]);
	close(ends[lifeline][1]);
	open(fifo_path, O_WRONLY);
	accept(listener, NULL, NULL);
	write(ends[started][1], &byte, 1);
	read(ends[lifeline][0], &byte, 1);
	_exit(0);
}

static void watch(int descriptor) {
	struct epoll_event event = {.events = EPOLLIN};
	epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

int main(void) {
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	pid_t middle;
	for (int index = 0; index < pipes; index++) pipe(ends[index]);
	snprintf(fifo_path, sizeof fifo_path, "%s/fifo", mkdtemp(folder));
	mkfifo(fifo_path, 0600);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	bind(listener, (struct sockaddr *)&address, sizeof address);
	listen(listener, 8);
	getsockname(listener, (struct sockaddr *)&address, &length);
	middle = fork();
	if (middle == 0) become_stranger();
	waitpid(middle, NULL, 0);
	close(ends[from_stranger][1]);
	close(ends[to_stranger][0]);
	close(ends[lifeline][0]);
	/* Waits until the stranger writes to it. */
	fifo = open(fifo_path, O_RDONLY);
	unlink(fifo_path);
	rmdir(folder);
	accepted = connect_to(&address);
	keep(ends[started][0]);
	close(ends[started][0]);
	close(ends[started][1]);
	unaccepted = connect_to(&address);
	pipe(own_pipe);
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	epoll = epoll_create1(0);
	for (int index = 0; index < 12; index++) watch(socket(AF_INET, SOCK_DGRAM, 0));
	watch(timerfd_create(CLOCK_MONOTONIC, 0));
	watch(eventfd(0, 0));
	/* Watched on under a number that is nobody's any more. */
	watch(dup2(own_pipe[0], 900));
	close(900);
	for (unsigned index = 0; index < sizeof ways / sizeof *ways; index++) {
		pthread_t thread;
		pthread_create(&thread, NULL, run, &ways[index]);
	}
	ready();
	for (;;) pause();
}
