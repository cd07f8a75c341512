"""Healthy: one thread computes, 44 wait for work that doesn't come."""
import threading

try:
    import queue
except ImportError:
    import Queue as queue

import keeper

jobs = queue.Queue()
for _ in range(44):
    thread = threading.Thread(target=jobs.get)
    thread.daemon = True
    thread.start()

keeper.ready()
number = 0
while True:
    number = (number * 31 + 7) % 1000003
