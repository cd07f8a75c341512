/* Healthy: N threads wait at one condition variable; with a second argument they get that many jobs a second. */
#include "keeper.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t arrival = PTHREAD_COND_INITIALIZER;
static int jobs;

static void *work(void *unused) {
	for (;;) {
		pthread_mutex_lock(&mutex);
		while (jobs == 0) pthread_cond_wait(&arrival, &mutex);
		jobs--;
		pthread_mutex_unlock(&mutex);
		for (volatile int step = 0; step < 50000; step++) {
		}
	}
	return unused;
}

int main(int count, char **words) {
	int threads = count > 1 ? atoi(words[1]) : 8, rate = count > 2 ? atoi(words[2]) : 0;
	pthread_t thread;
	while (threads-- > 0) pthread_create(&thread, NULL, work, NULL);
	ready();
	for (;;) {
		usleep(rate ? 1000000 / rate : 60000000);
		pthread_mutex_lock(&mutex);
		jobs += rate > 0;
		pthread_mutex_unlock(&mutex);
		pthread_cond_signal(&arrival);
	}
}
