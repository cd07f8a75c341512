/* listeners MODE WORKERS RATE: processes that wait for connections at one socket, and a client that makes them.
   MODE epoll, select: all are woken (a herd); exclusive: EPOLLEXCLUSIVE; accept: all block in accept. */
#define _GNU_SOURCE
#include "keeper.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/socket.h>

static int listener;
static struct sockaddr_in address = {.sin_family = AF_INET};

static void serve_events(unsigned flags) {
	int queue = epoll_create1(0);
	struct epoll_event event = {.events = EPOLLIN | flags};
	epoll_ctl(queue, EPOLL_CTL_ADD, listener, &event);
	while (epoll_wait(queue, &event, 1, -1) >= 0) {
		int client = accept(listener, NULL, NULL);
		if (client >= 0) close(client);
	}
}

static void serve_select(void) {
	for (;;) {
		struct timeval limit = {.tv_sec = 30};
		fd_set sockets;
		FD_ZERO(&sockets);
		FD_SET(listener, &sockets);
		select(listener + 1, &sockets, NULL, NULL, &limit);
		int client = accept(listener, NULL, NULL);
		if (client >= 0) close(client);
	}
}

static void serve_accept(void) {
	for (;;) {
		int client = accept(listener, NULL, NULL);
		if (client >= 0) close(client);
	}
}

int main(int count, char **words) {
	const char *mode = words[1];
	int workers = count > 2 ? atoi(words[2]) : 32, rate = count > 3 ? atoi(words[3]) : 1000;
	socklen_t length = sizeof address;
	listener = socket(AF_INET, SOCK_STREAM, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 1024)) return 1;
	getsockname(listener, (struct sockaddr *)&address, &length);
	if (strcmp(mode, "accept")) fcntl(listener, F_SETFL, O_NONBLOCK);
	for (int worker = 0; worker < workers; worker++)
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (!strcmp(mode, "accept")) serve_accept();
			if (!strcmp(mode, "select")) serve_select();
			serve_events(strcmp(mode, "exclusive") ? 0 : EPOLLEXCLUSIVE);
			return 0;
		}
	ready();
	for (;;) {
		int client = socket(AF_INET, SOCK_STREAM, 0);
		char byte;
		connect(client, (struct sockaddr *)&address, length);
		if (read(client, &byte, 1) < 0) usleep(100);
		close(client);
		usleep(1000000 / rate);
	}
}
