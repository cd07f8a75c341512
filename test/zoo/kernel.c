/* Trouble in the kernel: kernel MODE [COUNT] [DIRECTORY]. */
#define _GNU_SOURCE
#include "keeper.h"
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { FILE_SIZE = 64 << 20 };
static char directory[4000], path[4096];

static void *map(void *unused) {
	for (;;) {
		char *memory = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		memory[0] = memory[4096] = 1;
		munmap(memory, 1 << 20);
	}
	return unused;
}

static void *unlink_files(void *argument) {
	char name[4300];
	snprintf(name, sizeof name, "%s/file-%ld", directory, (long)argument);
	for (;;) {
		close(open(name, O_CREAT | O_RDWR, 0600));
		unlink(name);
	}
	return NULL;
}

static void *write_file(void *unused) {
	static char block[65536];
	int file = open(path, O_CREAT | O_RDWR, 0600);
	for (;;)
		if (pwrite(file, block, sizeof block, 0) < 0) break;
	return unused;
}

static void *sync_file(void *argument) {
	char name[4300];
	snprintf(name, sizeof name, "%s/sync-%ld", directory, (long)argument);
	int file = open(name, O_CREAT | O_RDWR, 0600);
	for (;;)
		if (pwrite(file, "x", 1, 0) < 0 || fsync(file) < 0) break;
	return NULL;
}

static void *read_direct(void *argument) {
	void *block;
	unsigned seed = (unsigned)(long)argument;
	int file = open(path, O_RDONLY | O_DIRECT);
	if (file < 0 || posix_memalign(&block, 4096, 4096)) return NULL;
	for (;;)
		if (pread(file, block, 4096, (off_t)(rand_r(&seed) % (FILE_SIZE / 4096)) * 4096) < 0) break;
	return NULL;
}

/* Lets go of each page that it has touched, so that none is read from memory twice. */
static void *read_mapped(void *argument) {
	unsigned seed = (unsigned)(long)argument;
	int file = open(path, O_RDONLY);
	volatile char *pages = mmap(NULL, FILE_SIZE, PROT_READ, MAP_SHARED, file, 0);
	if (pages == MAP_FAILED) return NULL;
	madvise((void *)pages, FILE_SIZE, MADV_RANDOM);
	for (;;) {
		off_t offset = (off_t)(rand_r(&seed) % (FILE_SIZE / 4096)) * 4096;
		(void)pages[offset];
		madvise((void *)(pages + offset), 4096, MADV_DONTNEED);
		posix_fadvise(file, offset, 4096, POSIX_FADV_DONTNEED);
	}
	return NULL;
}

static void *yield(void *unused) {
	for (;;) sched_yield();
	return unused;
}

static int ends[4];

static void *answer(void *unused) {
	char byte;
	while (read(ends[0], &byte, 1) > 0)
		if (write(ends[3], &byte, 1) < 1) break;
	return unused;
}

static void ask(void) {
	char byte = 1;
	while (write(ends[1], &byte, 1) > 0)
		if (read(ends[2], &byte, 1) < 1) break;
}

static void start_storm(void) {
	for (;;) {
		if (vfork() == 0) _exit(0);
		wait(NULL);
	}
}

static void make_zombies(int count) {
	while (count-- > 0)
		if (fork() == 0) _exit(0);
}

static void start(int count, void *(*run)(void *)) {
	pthread_t thread;
	for (long number = 0; number < count; number++) pthread_create(&thread, NULL, run, (void *)number);
}

static int is(const char *name, const char *mode) { return strcmp(name, mode) == 0; }

int main(int words_count, char **words) {
	const char *mode = words[1];
	int count = words_count > 2 ? atoi(words[2]) : 8;
	snprintf(directory, sizeof directory, "%s", words_count > 3 ? words[3] : "/tmp");
	snprintf(path, sizeof path, "%s/shared", directory);
	if (is(mode, "map")) start(count, map);
	if (is(mode, "unlink")) start(count, unlink_files);
	if (is(mode, "write")) start(count, write_file);
	if (is(mode, "sync")) start(count, sync_file);
	if (is(mode, "yield")) start(count, yield);
	if (is(mode, "direct") || is(mode, "mapped")) {
		int file = open(path, O_CREAT | O_RDWR, 0600);
		static char block[1 << 20];
		memset(block, 1, sizeof block);
		for (int index = 0; index < FILE_SIZE >> 20; index++)
			if (write(file, block, sizeof block) < 0) return 1;
		fsync(file);
		posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
		close(file);
		start(count, is(mode, "direct") ? read_direct : read_mapped);
	}
	if (is(mode, "zombies")) make_zombies(count);
	if (is(mode, "socket-pair")) {
		socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
		ends[2] = ends[0];
		int pair[2] = {ends[0], ends[1]};
		/* One end for each side: both read and write it. */
		ends[0] = pair[0], ends[3] = pair[0], ends[1] = pair[1], ends[2] = pair[1];
		start(1, answer);
	} else if (is(mode, "pipe-threads") || is(mode, "pipe-processes")) {
		if (pipe(ends) != 0 || pipe(ends + 2) != 0) return 1;
		if (is(mode, "pipe-threads")) start(1, answer);
		else if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(ends[1]), close(ends[2]);
			answer(NULL);
			return 0;
		}
	}
	ready();
	if (ends[1]) ask();
	if (is(mode, "storm")) start_storm();
	for (;;) pause();
}
