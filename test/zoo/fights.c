/* Trouble with locks: fights MODE [THREADS]. */
#include "keeper.h"
#include <fcntl.h>
#include <malloc.h>
#include <semaphore.h>
#include <string.h>
#include <sys/file.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER, other = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t third = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t arrival = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_spinlock_t spinlock;
static pthread_barrier_t barrier;
static sem_t semaphore;
static int round_number;

static void compute(int steps) {
	for (volatile int step = 0; step < steps; step++) {
	}
}

static void *convoy(void *unused) {
	for (;;) {
		pthread_mutex_lock(&mutex);
		compute(2000);
		pthread_mutex_unlock(&mutex);
		compute(500);
	}
	return unused;
}

static void *hold_asleep(void *unused) {
	for (;;) {
		pthread_mutex_lock(&mutex);
		usleep(500);
		pthread_mutex_unlock(&mutex);
	}
	return unused;
}

static void *hold_computing(void *unused) {
	for (;;) {
		pthread_mutex_lock(&mutex);
		compute(1000000);
		pthread_mutex_unlock(&mutex);
		usleep(10);
	}
	return unused;
}

static void *look_up(void *unused) {
	for (;;) {
		pthread_mutex_lock(&mutex);
		compute(50000);
		pthread_mutex_unlock(&mutex);
		compute(200);
	}
	return unused;
}

/* All of them have some work at the beginning of each of 60 frames a second. */
static void *draw_frame(void *unused) {
	struct timespec next;
	clock_gettime(CLOCK_MONOTONIC, &next);
	next.tv_nsec = 0;
	for (;;) {
		next.tv_nsec += 16666667;
		if (next.tv_nsec >= 1000000000) {
			next.tv_nsec -= 1000000000;
			next.tv_sec++;
		}
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
		compute(6500000);
	}
	return unused;
}

/* Pieces of some milliseconds, of which some threads have longer ones; nobody starts the next before all are done. */
static void *work_in_pieces(void *number) {
	for (;;) {
		compute(7000000 + (long)number * 200000);
		pthread_barrier_wait(&barrier);
	}
	return number;
}

static void *allocate(void *unused) {
	for (;;) {
		void *blocks[64];
		for (int index = 0; index < 64; index++) blocks[index] = malloc(2000 + index * 64);
		for (int index = 0; index < 64; index++) free(blocks[index]);
	}
	return unused;
}

static void *write_locked(void *unused) {
	for (;;) {
		pthread_rwlock_wrlock(&rwlock);
		compute(2000);
		pthread_rwlock_unlock(&rwlock);
	}
	return unused;
}

static void *by_semaphore(void *unused) {
	for (;;) {
		sem_wait(&semaphore);
		compute(2000);
		sem_post(&semaphore);
	}
	return unused;
}

static void *compute_by_semaphore(void *unused) {
	for (;;) {
		sem_wait(&semaphore);
		compute(1000000);
		sem_post(&semaphore);
		usleep(200);
	}
	return unused;
}

/* A pool that gets one job at a time, and whose boss waits for it to be done. */
static sem_t jobs, done;

static void *do_job(void *unused) {
	for (;;) {
		sem_wait(&jobs);
		compute(1000000);
		sem_post(&done);
	}
	return unused;
}

static void *wait_for_mutex(void *unused) {
	pthread_mutex_lock(&mutex);
	return unused;
}

static void *hold_for_ever(void *unused) {
	pthread_mutex_lock(&mutex);
	sleep(1000);
	return unused;
}

static pthread_mutex_t *const ring[] = {&mutex, &other, &third};
static int ring_size;

static void *lock_two(void *argument) {
	long index = (long)argument;
	pthread_mutex_lock(ring[index]);
	pthread_barrier_wait(&barrier);
	pthread_mutex_lock(ring[(index + 1) % ring_size]);
	return NULL;
}

static void *herd(void *unused) {
	pthread_mutex_lock(&mutex);
	for (int seen = round_number;; seen = round_number)
		while (seen == round_number) pthread_cond_wait(&arrival, &mutex);
	return unused;
}

static void *spin(void *unused) {
	for (;;) {
		pthread_spin_lock(&spinlock);
		compute(2000);
		pthread_spin_unlock(&spinlock);
	}
	return unused;
}

static void *lost_wake(void *unused) {
	pthread_mutex_lock(&mutex);
	for (;;) pthread_cond_wait(&arrival, &mutex);
	return unused;
}

static int own_ends[2];

/* Nobody else has the other end, and here all wait. */
static void *read_own_pipe(void *unused) {
	char byte;
	while (read(own_ends[0], &byte, 1) > 0) continue;
	return unused;
}

static void *short_locks(void *unused) {
	for (;;) {
		compute(2000000);
		pthread_mutex_lock(&mutex);
		compute(100);
		pthread_mutex_unlock(&mutex);
	}
	return unused;
}

/* Two counters in one cache line: slow, and nothing that /proc could show. */
static volatile unsigned long counters[8];

static void *share_line(void *argument) {
	for (;;) counters[(long)argument % 8]++;
	return NULL;
}

static void *tick(void *unused) {
	for (;;) usleep(1000);
	return unused;
}

static const char *file_name;

static void *lock_file(void *unused) {
	int file = open(file_name, O_RDWR | O_CREAT, 0600);
	for (;;) {
		flock(file, LOCK_EX);
		usleep(20000);
		flock(file, LOCK_UN);
	}
	return unused;
}

struct mode {
	const char *name;
	void *(*run)(void *);
};

static const struct mode modes[] = {
	{"convoy", convoy}, {"held-asleep", hold_asleep}, {"held-computing", hold_computing},
	{"look-up", look_up}, {"frames", draw_frame},
	{"malloc", allocate}, {"rwlock", write_locked}, {"semaphore", by_semaphore},
	{"stuck", wait_for_mutex}, {"deadlock", lock_two}, {"herd", herd}, {"pieces", work_in_pieces}, {"spinlock", spin},
	{"hung", lost_wake}, {"own-pipe", lost_wake}, {"own-pipe", read_own_pipe}, {"short", short_locks}, {"file", lock_file},
	{"false-sharing", share_line}, {"ticks", tick}, {"semaphore-computing", compute_by_semaphore}, {"pool", do_job},
};

static int is(const char *name, const char *mode) { return strcmp(name, mode) == 0; }

int main(int count, char **words) {
	const char *mode = words[1];
	long threads = count > 2 ? atol(words[2]) : 16;
	pthread_t thread;
	pthread_spin_init(&spinlock, PTHREAD_PROCESS_PRIVATE);
	sem_init(&semaphore, 0, 1);
	file_name = count > 3 ? words[3] : "/tmp/ctop-zoo-lock";
	if (is(mode, "malloc")) mallopt(M_ARENA_MAX, 1);
	if (is(mode, "deadlock")) ring_size = threads;
	pthread_barrier_init(&barrier, NULL, threads);
	if (is(mode, "stuck")) {
		pthread_create(&thread, NULL, hold_for_ever, NULL);
		usleep(100000);
	}
	int is_hung = is(mode, "hung") || is(mode, "own-pipe");
	if (is_hung) {
		/* Without the keeper: a thread that reads could still wake the others. */
		alarm(120);
		if (pipe(own_ends) != 0) return 1;
		puts("ready");
		fflush(stdout);
	}
	for (unsigned index = 0; index < sizeof modes / sizeof *modes; index++)
		for (long number = 0; is(modes[index].name, mode) && number < threads; number++)
			pthread_create(&thread, NULL, modes[index].run, (void *)number);
	if (is_hung) pthread_join(thread, NULL);
	ready();
	while (is(mode, "pool")) {
		sem_post(&jobs);
		sem_wait(&done);
	}
	while (is(mode, "herd")) {
		usleep(100);
		pthread_mutex_lock(&mutex);
		round_number++;
		pthread_cond_broadcast(&arrival);
		pthread_mutex_unlock(&mutex);
	}
	for (;;) pause();
}
