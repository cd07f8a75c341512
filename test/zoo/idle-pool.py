"""Healthy: a pool of N threads at rest."""
import sys
import threading

import keeper

condition = threading.Condition()


def work():
    with condition:
        condition.wait()


for _ in range(int((sys.argv + ["64"])[1])):
    thread = threading.Thread(target=work)
    thread.daemon = True
    thread.start()

keeper.ready()
threading.Event().wait(keeper.LONGEST_SECONDS)
