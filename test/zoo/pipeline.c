/* Healthy: two processes move blocks through a pipe as fast as they can, like dd | gzip. */
#include "keeper.h"

static char block[65536];

int main(void) {
	int ends[2];
	if (pipe(ends) != 0) return 1;
	if (fork() == 0) {
		alarm(120);
		close(ends[1]);
		/* The end of the parent is the end of the file. */
		while (read(ends[0], block, sizeof block) > 0) {
			for (volatile unsigned byte = 0; byte < sizeof block; byte++) block[byte] ^= 1;
		}
		return 0;
	}
	close(ends[0]);
	ready();
	while (write(ends[1], block, sizeof block) > 0) {
	}
	return 0;
}
