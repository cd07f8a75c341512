/* Two threads that hand each message over by a condition variable, one at a time. */
#include "keeper.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int turn;

static void *play(void *argument) {
	int mine = (int)(long)argument;
	pthread_mutex_lock(&mutex);
	for (;;) {
		while (turn != mine) pthread_cond_wait(&changed, &mutex);
		turn = !mine;
		pthread_cond_signal(&changed);
	}
	return NULL;
}

int main(void) {
	pthread_t thread;
	pthread_create(&thread, NULL, play, (void *)0);
	pthread_create(&thread, NULL, play, (void *)1);
	ready();
	for (;;) pause();
}
