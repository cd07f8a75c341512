/* Files of /proc, read through descriptors that are held as long as there are some left, or opened for a single read. */
#ifndef HELD_FILES_H
#define HELD_FILES_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static const int no_descriptor = -1;
static const long descriptor_reserve = 64;

static long open_descriptors, descriptor_limit;
/* What was read last. */
static char buffer[65536];

static int open_file(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC);
}

static ssize_t read_whole(const char *path)
{
	int descriptor = open_file(path);
	ssize_t length;

	if (descriptor < 0)
		return -1;
	length = read(descriptor, buffer, sizeof buffer - 1);
	close(descriptor);
	return length;
}

/* Reads through the held descriptor, or opens one for this read and keeps it while there is room. */
static ssize_t read_held(int *held, int tid, const char *name, bool keep)
{
	char path[64];
	int descriptor;
	ssize_t length;

	if (*held >= 0)
		return pread(*held, buffer, sizeof buffer - 1, 0);
	snprintf(path, sizeof path, "/proc/%d/%s", tid, name);
	descriptor = open_file(path);
	if (descriptor < 0)
		return -1;
	length = read(descriptor, buffer, sizeof buffer - 1);
	if (keep && length >= 0 && open_descriptors < descriptor_limit) {
		*held = descriptor;
		open_descriptors++;
	} else {
		close(descriptor);
	}
	return length;
}

static void give_back(int *held)
{
	if (*held < 0)
		return;
	close(*held);
	*held = no_descriptor;
	open_descriptors--;
}

static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	getrlimit(RLIMIT_NOFILE, &limit);
	descriptor_limit = (long)limit.rlim_cur - descriptor_reserve;
}

#endif
