/* Ends a zoo program when its standard input closes, or after two minutes: none is ever left behind. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void *wait_for_end(void *unused) {
	char buffer[64];
	while (read(0, buffer, sizeof buffer) > 0) {
	}
	exit(0);
	return unused;
}

/* Call when everything is up. SIGALRM ends the program unless it is caught. */
static void ready(void) {
	pthread_t keeper;
	alarm(120);
	pthread_create(&keeper, NULL, wait_for_end, NULL);
	puts("ready");
	fflush(stdout);
}
