"""N processes that compute: more than there are CPUs."""
import os
import signal
import sys

import keeper

parent = os.getpid()
for _ in range(int(sys.argv[1])):
    if os.fork() == 0:
        signal.alarm(keeper.LONGEST_SECONDS)
        number = 0
        # The keeper ends the parent without a word; then the children have another parent.
        while number % 100000 or os.getppid() == parent:
            number += 1
        os._exit(0)

keeper.ready()
signal.pause()
