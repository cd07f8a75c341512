"""N threads that compute in Python: they hand the GIL around."""
import sys
import threading

import keeper


def compute():
    number = 0
    while True:
        number = (number * 31 + 7) % 1000003


for _ in range(int(sys.argv[1])):
    thread = threading.Thread(target=compute)
    thread.daemon = True
    thread.start()

keeper.ready()
threading.Event().wait(keeper.LONGEST_SECONDS)
