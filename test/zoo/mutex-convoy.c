/* N threads that all want one mutex for a short piece of work, over and over. */
#include "keeper.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void *work(void *unused) {
	for (;;) {
		pthread_mutex_lock(&mutex);
		for (volatile int step = 0; step < 2000; step++) {
		}
		pthread_mutex_unlock(&mutex);
	}
	return unused;
}

int main(int count, char **words) {
	int threads = count > 1 ? atoi(words[1]) : 16;
	pthread_t thread;
	while (threads-- > 0) pthread_create(&thread, NULL, work, NULL);
	ready();
	pause();
	return 0;
}
