// One lock of each kind that C++ and the C library make for themselves, with a thread that has it and threads that wait for it.
#include <condition_variable>
#include <csetjmp>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <dlfcn.h>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <thread>
#include <vector>

extern "C" {
#include "keeper.h"
}

static void nap() {
	for (;;) pause();
}

static void name(const char *text) { pthread_setname_np(pthread_self(), text); }

template <typename Work> static void begin(const char *text, Work work) {
	std::thread([=] {
		name(text);
		work();
		nap();
	}).detach();
}

namespace shop {
	class Shelf {
	public:
		virtual ~Shelf() = default;
		virtual int count() const = 0;
	};

	class Inventory : public Shelf {
		std::string label = "all that there is";
		int counts[3] = {1, 2, 3};
		std::mutex guard;

	public:
		int count() const override { return counts[0]; }
		void keep() {
			guard.lock();
			nap();
		}
		__attribute__((noinline)) void restock(int by) {
			std::lock_guard<std::mutex> hold(guard);
			counts[0] += by;
		}
	};
}

class Account {
	std::mutex guard;
	long balance = 0;

public:
	void keep() {
		guard.lock();
		nap();
	}
	__attribute__((noinline)) void transfer(long amount) {
		std::lock_guard<std::mutex> hold(guard);
		balance += amount;
	}
};

static std::shared_mutex shared;
static std::once_flag once;
static std::recursive_timed_mutex timed;

static int initialised_slowly() {
	static int value = (nap(), 1);
	return value;
}

static void nap_in_handler(int) { nap(); }

// malloc looks at free memory while it has the arena's lock. The page of that is closed, and the handler of the signal that tells so naps.
static __attribute__((always_inline)) inline void hold_main_arena() {
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_MMAP_THRESHOLD, 1 << 30);
	struct sigaction action = {};
	action.sa_handler = nap_in_handler;
	sigaction(SIGSEGV, &action, nullptr);
	void *before = malloc(8192), *closed = malloc(100000), *behind = malloc(8192);
	begin("arena_holder", [=] {
		free(closed);
		uintptr_t page = (reinterpret_cast<uintptr_t>(closed) - 16) & ~uintptr_t{4095};
		mprotect(reinterpret_cast<void *>(page), 4096, PROT_NONE);
		static_cast<void>(*static_cast<volatile char *>(malloc(3000)));
		static_cast<void>(before), static_cast<void>(behind);
	});
	usleep(200000);
	name("arena");
	*static_cast<volatile char *>(malloc(60000)) = 1;
}

int main(int count, char **words) {
	if (count > 1 && std::strcmp(words[1], "arena") == 0) {
		// First, as even this takes memory.
		ready();
		hold_main_arena();
		nap();
	}

	auto *inventory = new shop::Inventory;
	auto *account = new Account;
	begin("member_holder", [=] { inventory->keep(); });
	begin("heap_holder", [=] { account->keep(); });
	begin("shared_holder", [] { shared.lock(); });
	begin("once_holder", [] { std::call_once(once, nap); });
	begin("static_holder", [] { initialised_slowly(); });
	begin("timed_holder", [] { timed.lock(); });
	flockfile(stderr);
	const char *library = count > 1 ? words[1] : nullptr;
	if (library) begin("loader_holder", [=] { dlopen(library, RTLD_NOW); });
	usleep(200000);
	begin("member", [=] { inventory->restock(4); });
	begin("heap", [=] { account->transfer(5); });
	begin("shared", [] { shared.lock_shared(); });
	begin("once", [] { std::call_once(once, nap); });
	begin("once_too", [] { std::call_once(once, nap); });
	begin("static", [] { initialised_slowly(); });
	begin("static_too", [] { initialised_slowly(); });
	begin("timed", [] { timed.try_lock_for(std::chrono::seconds(600)); });
	begin("stdio", [] { fputs("never\n", stderr); });
	if (library) begin("loader", [] { dlopen("libm.so.6", RTLD_NOW); dlopen("libutil.so.1", RTLD_NOW); });
	std::thread joined([] { name("joined"); nap(); });
	begin("joiner", [&] { joined.join(); });
	ready();
	nap();
}
