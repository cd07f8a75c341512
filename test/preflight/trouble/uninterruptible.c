/* Waits in uninterruptible sleep, as vfork(2) makes a parent do until its child is gone. Prints both pids. */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	pid_t parent = getpid();
	if (vfork() == 0) {
		char line[64];
		int length = snprintf(line, sizeof line, "%d %d\n", parent, getpid());
		if (write(1, line, length) == length)
			sleep(120);
		_exit(0);
	}
	return 0;
}
