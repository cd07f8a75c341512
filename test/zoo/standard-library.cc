// Trouble and health with the C++ library: standard-library MODE [THREADS].
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <queue>
#include <shared_mutex>
#include <thread>
#include <vector>

extern "C" {
#include "keeper.h"
}

using namespace std::chrono_literals;

static std::mutex mutex;
static std::shared_mutex shared;
static std::condition_variable arrival;
static std::queue<int> jobs;
static std::atomic<bool> done;

static void compute(int steps) {
	for (volatile int step = 0; step < steps; step = step + 1) {
	}
}

static void count() {
	for (;;) {
		std::lock_guard guard(mutex);
		compute(1500);
	}
}

static void read_mostly() {
	for (int round = 0;; round++) {
		if (round % 4) {
			std::shared_lock guard(shared);
			compute(300);
		} else {
			std::unique_lock guard(shared);
			compute(3000);
		}
	}
}

static void poll_flag() {
	while (!done) std::this_thread::sleep_for(1ms);
}

static void poll_queue() {
	std::unique_lock guard(mutex);
	for (;;) arrival.wait_for(guard, 5ms);
}

static void work() {
	for (;;) {
		std::unique_lock guard(mutex);
		arrival.wait(guard, [] { return !jobs.empty(); });
		jobs.pop();
		guard.unlock();
		compute(200000);
	}
}

static std::condition_variable room;

static void work_on_full_queue() {
	for (;;) {
		std::unique_lock guard(mutex);
		arrival.wait(guard, [] { return !jobs.empty(); });
		jobs.pop();
		guard.unlock();
		room.notify_one();
		compute(8000);
	}
}

/* Never sleeps while there is room: who it wakes puts it aside, thousands of times a second. */
static void feed() {
	for (;;) {
		compute(3000);
		std::unique_lock guard(mutex);
		room.wait(guard, [] { return jobs.size() < 100; });
		jobs.push(0);
		arrival.notify_one();
	}
}

static void yield_until_done() {
	while (!done) std::this_thread::yield();
}

int main(int words_count, char **words) {
	const struct {
		const char *name;
		void (*run)();
	} modes[] = {{"mutex", count}, {"shared-mutex", read_mostly}, {"poll-flag", poll_flag},
		{"poll-queue", poll_queue}, {"pool", work}, {"pool-full", work_on_full_queue},
		{"yield", yield_until_done}};
	const char *mode = words[1];
	int threads = words_count > 2 ? atoi(words[2]) : 8;
	std::vector<std::thread> running;
	for (const auto &each : modes)
		for (int index = 0; !strcmp(each.name, mode) && index < threads; index++)
			running.emplace_back(each.run);
	if (!strcmp(mode, "pool-full")) running.emplace_back(feed);
	ready();
	for (;;) {
		if (strcmp(mode, "pool")) {
			std::this_thread::sleep_for(60s);
			continue;
		}
		std::this_thread::sleep_for(20ms);
		std::lock_guard guard(mutex);
		for (int index = 0; index < 8; index++) jobs.push(index);
		arrival.notify_one();
		arrival.notify_one();
	}
}
