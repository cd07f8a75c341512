/* load PORT CONNECTIONS RATE: HTTP requests over connections that stay open; RATE 0 is as fast as answers come. */
#include "keeper.h"
#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

static const char request[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
static struct sockaddr_in address = {.sin_family = AF_INET};

static int open_connection(void) {
	int one = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(one, (struct sockaddr *)&address, sizeof address) != 0) usleep(100000);
	if (send(one, request, sizeof request - 1, MSG_NOSIGNAL) < 0) usleep(1000);
	return one;
}

int main(int count, char **words) {
	int connections = atoi(words[2]), rate = count > 3 ? atoi(words[3]) : 0;
	struct pollfd *polled = calloc(connections, sizeof *polled);
	char answer[65536];
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = htons(atoi(words[1]));
	for (int index = 0; index < connections; index++) {
		polled[index].fd = open_connection();
		polled[index].events = POLLIN;
	}
	ready();
	for (;;) {
		poll(polled, connections, -1);
		for (int index = 0; index < connections; index++) {
			if (!polled[index].revents) continue;
			if (rate) usleep(1000000 / rate);
			if (recv(polled[index].fd, answer, sizeof answer, 0) <= 0) {
				close(polled[index].fd);
				polled[index].fd = open_connection();
			} else if (send(polled[index].fd, request, sizeof request - 1, MSG_NOSIGNAL) < 0) {
				usleep(1000);
			}
		}
	}
}
