"""Healthy: N threads hash large blocks, for which Python lets go of the GIL."""
import hashlib
import sys
import threading

import keeper

block = b"x" * (8 * 1024 * 1024)


def compute():
    while True:
        hashlib.sha256(block).digest()


for _ in range(int((sys.argv + ["2"])[1])):
    thread = threading.Thread(target=compute)
    thread.daemon = True
    thread.start()

keeper.ready()
threading.Event().wait(keeper.LONGEST_SECONDS)
