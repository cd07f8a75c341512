/* Does on command what a process can do to itself: lines on standard input, `ok VALUE` for each on standard output. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum act { SLEEP, POLL, SPIN, END, EXEC };

struct worker {
	pid_t tid;
	volatile enum act act;
	pthread_t thread;
	pthread_cond_t changed;
};

#define MOST_WORKERS 20000
#define LONGEST_SECONDS 150
static struct worker workers[MOST_WORKERS];
static int worker_count;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t started = PTHREAD_COND_INITIALIZER;
static char word[4096];

static void reply(const char *format, ...) {
	va_list values;
	va_start(values, format);
	fputs("ok ", stdout);
	vprintf(format, values);
	puts("");
	fflush(stdout);
	va_end(values);
}

/* Runs this program again, with one more word; the name of the process stays. */
static void run_again(void) {
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
	path[length < 0 ? 0 : length] = 0;
	execl(path, path, word, NULL);
	perror("exec");
	_exit(1);
}

static void *work(void *argument) {
	struct worker *self = argument;
	pthread_mutex_lock(&mutex);
	self->tid = syscall(SYS_gettid);
	pthread_cond_broadcast(&started);
	while (self->act != END) {
		enum act act = self->act;
		if (act == SLEEP) {
			pthread_cond_wait(&self->changed, &mutex);
			continue;
		}
		pthread_mutex_unlock(&mutex);
		if (act == POLL) usleep(20000);
		if (act == EXEC) run_again();
		if (act == SPIN) for (volatile int step = 0; step < 1000000; step++);
		pthread_mutex_lock(&mutex);
	}
	pthread_mutex_unlock(&mutex);
	return NULL;
}

static struct worker *start_worker(void) {
	pthread_attr_t small;
	struct worker *worker = &workers[worker_count++];
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, PTHREAD_STACK_MIN > 16384 ? PTHREAD_STACK_MIN : 16384);
	worker->act = SLEEP;
	worker->tid = 0;
	pthread_cond_init(&worker->changed, NULL);
	if (pthread_create(&worker->thread, &small, work, worker) != 0) {
		worker_count--;
		return NULL;
	}
	pthread_mutex_lock(&mutex);
	while (worker->tid == 0) pthread_cond_wait(&started, &mutex);
	pthread_mutex_unlock(&mutex);
	return worker;
}

static void let(pid_t tid, enum act act) {
	pthread_mutex_lock(&mutex);
	for (int index = 0; index < worker_count; index++)
		if (tid == 0 || workers[index].tid == tid) {
			workers[index].act = act;
			pthread_cond_signal(&workers[index].changed);
		}
	pthread_mutex_unlock(&mutex);
}

static void end_worker(pid_t tid) {
	let(tid, END);
	for (int index = 0; index < worker_count; index++)
		if (tid == 0 || workers[index].tid == tid) {
			pthread_join(workers[index].thread, NULL);
			workers[index].tid = -1;
		}
	if (tid == 0) worker_count = 0;
}

static pid_t start_child(int exits) {
	pid_t parent = getpid(), pid = fork();
	if (pid != 0) return pid;
	/* It is left behind by nobody, and keeps no pipe of those who wait for the end of its parent. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(LONGEST_SECONDS);
	for (int file = 0; file <= 2; file++) close(file);
	if (exits || getppid() != parent) _exit(0);
	for (;;) pause();
}

/* The name may hold any bytes: it comes as hexadecimal digits. */
static size_t decode(const char *text, char *into, size_t size) {
	size_t length = 0;
	unsigned byte;
	while (length < size && sscanf(text + 2 * length, "%2x", &byte) == 1) into[length++] = byte;
	return length;
}

static void rename_thread(pid_t tid, const char *digits) {
	char path[64], name[64];
	size_t length = decode(digits, name, sizeof name);
	snprintf(path, sizeof path, "/proc/self/task/%d/comm", tid);
	int file = open(path, O_WRONLY);
	if (file < 0 || write(file, name, length) < 0) perror("rename");
	close(file);
}

static void *go_on_reading(void *unused) {
	char rest[64];
	while (read(0, rest, sizeof rest) > 0);
	exit(0);
	return unused;
}

static int start_many(int count) {
	int begun = 0;
	while (begun < count && start_worker()) begun++;
	return begun;
}

static void leave(void) {
	pthread_t reader;
	pthread_create(&reader, NULL, go_on_reading, NULL);
	reply("%d", getpid());
	pthread_exit(NULL);
}

static void obey(const char *command, pid_t number) {
	if (!strcmp(command, "thread")) reply("%d", start_worker()->tid);
	else if (!strcmp(command, "many")) reply("%d", start_many(number));
	else if (!strcmp(command, "sleep")) let(number, SLEEP), reply("");
	else if (!strcmp(command, "poll")) let(number, POLL), reply("");
	else if (!strcmp(command, "spin")) let(number, SPIN), reply("");
	else if (!strcmp(command, "end")) end_worker(number), reply("");
	else if (!strcmp(command, "rename")) rename_thread(number, word), reply("");
	else if (!strcmp(command, "fork")) reply("%d", start_child(0));
	else if (!strcmp(command, "zombie")) reply("%d", start_child(1));
	else if (!strcmp(command, "reap")) reply("%d", waitpid(number, NULL, 0));
	else if (!strcmp(command, "kill")) kill(number, SIGKILL), reply("%d", waitpid(number, NULL, 0));
	else if (!strcmp(command, "exec")) run_again();
	else if (!strcmp(command, "exec-in-thread")) let(number, EXEC);
	else if (!strcmp(command, "leave")) leave();
	else fprintf(stderr, "unknown command %s\n", command);
}

int main(void) {
	char line[8192], command[32];
	alarm(LONGEST_SECONDS);
	setvbuf(stdin, NULL, _IONBF, 0);
	reply("%d", getpid());
	while (fgets(line, sizeof line, stdin)) {
		int number = 0;
		word[0] = 0;
		if (sscanf(line, "%31s %d %4095s", command, &number, word) >= 1) obey(command, number);
	}
	return 0;
}
