import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.StampedLock;

/** Trouble and health in a JVM: Trouble MODE [THREADS]. */
public class Trouble {
	static final Object monitor = new Object();
	static final ReentrantLock fair = new ReentrantLock(true);
	static final BlockingQueue<Runnable> queue = new LinkedBlockingQueue<>();
	static volatile long sink;

	static class Account {}
	static class Ledger {}
	static final Account account = new Account();
	static final Ledger ledger = new Ledger();
	static final ReentrantLock till = new ReentrantLock();

	static void compute(int steps) {
		long number = 0;
		for (int step = 0; step < steps; step++) number = number * 31 + 7;
		sink = number;
	}

	static void fight() {
		for (;;) {
			synchronized (monitor) {
				compute(20_000);
			}
		}
	}

	static void takeTurns() {
		for (;;) {
			fair.lock();
			compute(500);
			fair.unlock();
		}
	}

	/** Whoever finds it free takes it: threads that wait for it are often late. */
	static void takeAnyTurn() {
		for (;;) {
			till.lock();
			compute(5000);
			till.unlock();
		}
	}

	static final Semaphore permits = new Semaphore(1);

	static void computeByPermit() {
		for (;;) {
			permits.acquireUninterruptibly();
			compute(10_000_000);
			permits.release();
			nap(1);
		}
	}

	static final StampedLock stamped = new StampedLock();

	static void sleepStamped() {
		for (;;) {
			long stamp = stamped.writeLock();
			nap(2);
			stamped.unlockWrite(stamp);
		}
	}

	static void sleepInside() {
		for (;;) {
			synchronized (ledger) {
				nap(3);
			}
		}
	}

	/** A service that makes a lot of short-lived objects, and has the memory for it. */
	static void makeObjects() {
		for (;;) {
			for (int index = 0; index < 2000; index++) sink += new byte[200].length;
			nap(1);
		}
	}

	static void nap(long milliseconds) {
		try {
			Thread.sleep(milliseconds);
		} catch (InterruptedException interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	static void rest() {
		try {
			Thread.sleep(120_000);
		} catch (InterruptedException interrupted) {
			// Ends as well.
		}
	}

	static Thread startOne(String name, Runnable run) {
		Thread thread = new Thread(run, name);
		thread.setDaemon(true);
		thread.start();
		return thread;
	}

	/** Until each of the threads is in that state. */
	static void await(Thread.State state, Thread... threads) throws InterruptedException {
		for (Thread thread : threads) {
			while (thread.getState() != state) Thread.sleep(5);
		}
	}

	/** Two threads that want each other's monitor, and one behind them. */
	static void deadlock() throws InterruptedException {
		CountDownLatch both = new CountDownLatch(2);
		Thread first = startOne("transfer-from-account-to-ledger", () -> take(account, ledger, both));
		Thread second = startOne("transfer-back", () -> take(ledger, account, both));
		both.await();
		Thread behind = startOne("report", () -> take(account, account, new CountDownLatch(1)));
		await(Thread.State.BLOCKED, first, second, behind);
	}

	static void take(Object outer, Object inner, CountDownLatch taken) {
		synchronized (outer) {
			taken.countDown();
			try {
				taken.await();
			} catch (InterruptedException interrupted) {
				return;
			}
			synchronized (inner) {
				compute(1);
			}
		}
	}

	/** A thread that sleeps with a monitor, one with the monitor of a class, one with a lock; and those that want them. */
	static void hold() throws InterruptedException {
		CountDownLatch held = new CountDownLatch(3);
		startOne("keeper", () -> {
			synchronized (ledger) {
				held.countDown();
				rest();
			}
		});
		startOne("class-keeper", () -> {
			synchronized (Ledger.class) {
				held.countDown();
				rest();
			}
		});
		startOne("till-keeper", () -> {
			till.lock();
			held.countDown();
			rest();
		});
		held.await();
		await(
			Thread.State.BLOCKED,
			startOne("wants-ledger-0", () -> take(ledger, ledger, new CountDownLatch(1))),
			startOne("wants-ledger-1", () -> take(ledger, ledger, new CountDownLatch(1))),
			startOne("wants-class", () -> take(Ledger.class, Ledger.class, new CountDownLatch(1))));
		await(Thread.State.WAITING, startOne("wants-till-ä", till::lock));
		await(Thread.State.TIMED_WAITING, startOne("sleeps-in-the-open", Trouble::rest));
	}

	interface Orders {
		void put() throws InterruptedException;
		void take() throws InterruptedException;
	}

	/** Wakes all for each order. */
	static class Bell implements Orders {
		private int orders;

		public synchronized void put() {
			orders++;
			notifyAll();
		}

		public synchronized void take() throws InterruptedException {
			while (orders == 0) wait();
			orders--;
		}
	}

	/** Wakes all for each order, by a condition. */
	static class Board implements Orders {
		private final ReentrantLock lock = new ReentrantLock();
		private final Condition arrival = lock.newCondition();
		private int orders;

		public void put() {
			lock.lock();
			orders++;
			arrival.signalAll();
			lock.unlock();
		}

		public void take() throws InterruptedException {
			lock.lock();
			while (orders == 0) arrival.await();
			orders--;
			lock.unlock();
		}
	}

	/** Wakes one for each order. */
	static class Window implements Orders {
		private int orders;

		public synchronized void put() {
			orders++;
			notify();
		}

		public synchronized void take() throws InterruptedException {
			while (orders == 0) wait();
			orders--;
		}
	}

	/** So many orders at once, again and again; each thread takes one at a time. */
	static void order(Orders orders, int threads, int atOnce) {
		start(threads, () -> {
			try {
				for (;;) {
					orders.take();
					compute(100);
				}
			} catch (InterruptedException ended) {
				Thread.currentThread().interrupt();
			}
		});
		startOne("customer", () -> {
			try {
				for (;;) {
					for (int order = 0; order < atOnce; order++) orders.put();
					Thread.sleep(4);
				}
			} catch (InterruptedException ended) {
				Thread.currentThread().interrupt();
			}
		});
	}

	abstract static class Shape {
		abstract void draw();
	}

	static class Square extends Shape {
		@Override
		void draw() {
			rest();
		}
	}

	static class Circle extends Shape {
		@Override
		void draw() {
			compute(1);
		}
	}

	static void show(Shape shape) {
		shape.draw();
	}

	/** A thread sleeps in code that was compiled while there was one class of shapes; the JVM gives that code up for the second. */
	static void giveUpCode() throws ReflectiveOperationException, InterruptedException {
		await(Thread.State.TIMED_WAITING, startOne("shows-a-square", () -> show(new Square())));
		// By name: else the check of this class has loaded the other one before.
		show((Shape) Class.forName("Trouble$Circle").getDeclaredConstructor().newInstance());
	}

	static void poll() {
		for (;;) {
			try {
				queue.poll(10, TimeUnit.MILLISECONDS);
			} catch (InterruptedException interrupted) {
				return;
			}
		}
	}

	static void fillHeap() {
		List<byte[]> kept = new ArrayList<>();
		long room = Runtime.getRuntime().maxMemory() * 7 / 10;
		for (long bytes = 0; bytes < room; bytes += 10_000) kept.add(new byte[10_000]);
		for (int index = 0;; index = (index + 1) % kept.size()) kept.set(index, new byte[10_000]);
	}

	static void start(int threads, Runnable run) {
		for (int index = 0; index < threads; index++) {
			Thread thread = new Thread(run, "worker-" + index);
			thread.setDaemon(true);
			thread.start();
		}
	}

	public static void main(String[] words) throws Exception {
		int threads = words.length > 1 ? Integer.parseInt(words[1]) : 8;
		switch (words[0]) {
			case "monitor" -> start(threads, Trouble::fight);
			case "fair-lock" -> start(threads, Trouble::takeTurns);
			case "lock" -> start(threads, Trouble::takeAnyTurn);
			case "monitor-asleep" -> start(threads, Trouble::sleepInside);
			case "semaphore" -> start(threads, Trouble::computeByPermit);
			case "stamped-asleep" -> start(threads, Trouble::sleepStamped);
			case "objects" -> start(threads, Trouble::makeObjects);
			case "deadlock" -> deadlock();
			case "hold" -> hold();
			case "given-up" -> giveUpCode();
			case "notify-all" -> order(new Bell(), threads, 1);
			case "signal-all" -> order(new Board(), threads, 1);
			case "notify-one" -> order(new Window(), threads, threads);
			case "poll" -> start(threads, Trouble::poll);
			case "garbage" -> start(threads, Trouble::fillHeap);
			case "compute" -> start(threads, () -> {
				for (;;) compute(1_000_000);
			});
			default -> {
				var pool = Executors.newFixedThreadPool(threads);
				for (int index = 0; index < threads; index++) pool.submit(() -> compute(1));
				if (words[0].startsWith("pool-bu")) {
					boolean bursts = words[0].equals("pool-bursts");
					start(1, () -> {
						for (;;) {
							for (int index = 0; index < (bursts ? 20 : 10); index++) pool.submit(() -> compute(bursts ? 100 : 300_000));
							try {
								Thread.sleep(bursts ? 10 : 20);
							} catch (InterruptedException interrupted) {
								return;
							}
						}
					});
				}
			}
		}
		System.out.println("ready");
		Thread end = new Thread(() -> {
			rest();
			Runtime.getRuntime().halt(0);
		});
		end.setDaemon(true);
		end.start();
		while (System.in.read() >= 0) {
		}
		Runtime.getRuntime().halt(0);
	}
}
