/* System calls flat out: calls MODE [PORT]. The first ones spin, the others work. */
#define _GNU_SOURCE
#include "keeper.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>

static int ends[2];
static unsigned long done;

/* What its writer has closed is ready for ever. */
static void poll_at_end(void) {
	char block[64];
	struct pollfd wanted = {.fd = ends[0], .events = POLLIN};
	close(ends[1]);
	for (;;)
		if (poll(&wanted, 1, -1) > 0 && read(ends[0], block, sizeof block) > 0) done++;
}

static void read_in_vain(void) {
	char block[64];
	for (;;)
		if (read(ends[0], block, sizeof block) > 0) done++;
}

static void poll_without_time(void) {
	struct pollfd wanted = {.fd = ends[0], .events = POLLIN};
	for (;;)
		if (poll(&wanted, 1, 0) > 0) done++;
}

static void *write_bytes(void *unused) {
	for (;;)
		if (write(ends[1], "x", 1) < 0) sched_yield();
	return unused;
}

static struct sockaddr_in at(int port) {
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return address;
}

static int listen_at(int port) {
	struct sockaddr_in address = at(port);
	int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 64)) exit(1);
	return listener;
}

static int connect_to(int port) {
	struct sockaddr_in address = at(port);
	int client = socket(AF_INET, SOCK_STREAM, 0);
	while (connect(client, (struct sockaddr *)&address, sizeof address)) usleep(10000);
	return client;
}

enum { few = 20 };

/* The rest of the clients waits in the backlog. */
static void serve(int port, int stops_listening) {
	struct rlimit limit = {few, few};
	struct pollfd wanted[few] = {{.fd = listen_at(port), .events = POLLIN}};
	int count = 1;
	char block[512];
	setrlimit(RLIMIT_NOFILE, &limit);
	ready();
	for (;;) {
		poll(wanted, (nfds_t)count, -1);
		for (int index = 1; index < count; index++)
			if (wanted[index].revents & POLLIN) {
				ssize_t size = recv(wanted[index].fd, block, sizeof block, MSG_DONTWAIT);
				if (size > 0 && send(wanted[index].fd, block, (size_t)size, MSG_NOSIGNAL) > 0) done++;
			}
		if (!(wanted[0].revents & POLLIN)) continue;
		int client = accept(wanted[0].fd, NULL, NULL);
		if (client >= 0) wanted[count++] = (struct pollfd){.fd = client, .events = POLLIN};
		else if (stops_listening && errno == EMFILE) wanted[0].fd = -wanted[0].fd;
	}
}

static void ask(int port, int says_something) {
	int clients[few + 5];
	char block[64] = "question";
	for (int index = 0; index < few + 5; index++) clients[index] = connect_to(port);
	ready();
	for (int index = 0; says_something; index = (index + 1) % 8)
		if (send(clients[index], block, sizeof block, 0) < 0 || recv(clients[index], block, sizeof block, 0) < 0) return;
	for (;;) pause();
}

static void *send_packets(void *argument) {
	struct sockaddr_in address = at((int)(long)argument);
	int sender = socket(AF_INET, SOCK_DGRAM, 0);
	for (;;) sendto(sender, "packet", 6, 0, (struct sockaddr *)&address, sizeof address);
	return NULL;
}

static void receive_packets(int port) {
	struct sockaddr_in address = at(port);
	char block[64];
	int receiver = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	pthread_t thread;
	if (bind(receiver, (struct sockaddr *)&address, sizeof address)) exit(1);
	pthread_create(&thread, NULL, send_packets, (void *)(long)port);
	ready();
	for (;;)
		if (recv(receiver, block, sizeof block, 0) > 0) done++;
}

/* Both ends of a connection of its own. */
static void connect_both(int both[2]) {
	struct sockaddr_in address = at(0);
	socklen_t size = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 1)) exit(1);
	getsockname(listener, (struct sockaddr *)&address, &size);
	both[0] = connect_to(ntohs(address.sin_port));
	both[1] = accept(listener, NULL, NULL);
	close(listener);
}

static int watch_for(int socket, unsigned events) {
	struct epoll_event wanted = {.events = events, .data.fd = socket};
	int epoll = epoll_create1(0);
	epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &wanted);
	return epoll;
}

/* Nothing is ever sent, and there is always room for it. */
static void write_nothing(void) {
	struct epoll_event event;
	char block[64];
	int both[2], epoll;
	connect_both(both);
	epoll = watch_for(both[1], EPOLLIN | EPOLLOUT);
	for (;;)
		if (epoll_wait(epoll, &event, 1, -1) > 0 && event.events & EPOLLIN && read(both[1], block, sizeof block) > 0) done++;
}

/* What the other side has closed can be read for ever. */
static void receive_the_end(void) {
	char block[64];
	int both[2];
	fd_set wanted;
	connect_both(both);
	close(both[0]);
	for (;;) {
		FD_ZERO(&wanted);
		FD_SET(both[1], &wanted);
		if (select(both[1] + 1, &wanted, NULL, NULL, NULL) > 0 && recv(both[1], block, sizeof block, 0) > 0) done++;
	}
}

/* A client between two requests, which computes: the server has closed the connection, and nobody waits for it meanwhile. */
static void compute_beside_pool(void) {
	int both[2];
	connect_both(both);
	watch_for(both[1], EPOLLIN | EPOLLOUT);
	close(both[0]);
	for (volatile unsigned long number = 0;; number++)
		if (number % 1000000 == 0) getppid();
}

static int visit(const char *path, const struct stat *status, int type, struct FTW *place) {
	(void)path, (void)type, (void)place;
	done += (unsigned long)status->st_size;
	return 0;
}

static int is(const char *name, const char *mode) { return strcmp(name, mode) == 0; }

int main(int count, char **words) {
	const char *mode = words[1];
	int port = count > 2 ? atoi(words[2]) : 0;
	pthread_t thread;
	if (pipe2(ends, O_NONBLOCK)) return 1;
	if (is(mode, "ask")) ask(port, 1);
	if (is(mode, "hold")) ask(port, 0);
	if (is(mode, "full")) serve(port, 0);
	if (is(mode, "full-and-quiet")) serve(port, 1);
	if (is(mode, "packets")) receive_packets(port);
	ready();
	if (is(mode, "read")) read_in_vain();
	if (is(mode, "end")) poll_at_end();
	if (is(mode, "poll")) poll_without_time();
	if (is(mode, "writable")) write_nothing();
	if (is(mode, "closed")) receive_the_end();
	if (is(mode, "pool")) compute_beside_pool();
	if (is(mode, "bytes")) {
		pthread_create(&thread, NULL, write_bytes, NULL);
		read_in_vain();
	}
	for (;;) nftw("/usr/share", visit, 16, FTW_PHYS);
}
