/* A library whose loading never ends: whoever loads it has the dynamic loader's lock. */
#include <unistd.h>

__attribute__((constructor)) static void load(void) {
	for (;;) pause();
}
