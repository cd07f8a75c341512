"""N threads that ask again and again, every SECONDS, by sleep, select or queue."""
import select
import sys
import threading
import time

try:
    import queue
except ImportError:
    import Queue as queue

import keeper

count, seconds, how = int(sys.argv[1]), float(sys.argv[2]), (sys.argv + ["sleep"])[3]
jobs = queue.Queue()


def poll():
    while True:
        if how == "queue":
            try:
                jobs.get(timeout=seconds)
            except queue.Empty:
                pass
        elif how == "select":
            select.select([], [], [], seconds)
        else:
            time.sleep(seconds)


threading.stack_size(256 * 1024)
for _ in range(count):
    thread = threading.Thread(target=poll)
    thread.daemon = True
    thread.start()

keeper.ready()
while True:
    time.sleep(keeper.LONGEST_SECONDS)
