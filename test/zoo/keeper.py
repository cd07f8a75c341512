"""Ends a zoo program when its standard input closes, or after two minutes: none is ever left behind."""
import os
import signal
import sys
import threading

LONGEST_SECONDS = 120


def _wait_for_end():
    while os.read(0, 4096):
        pass
    os._exit(0)


def limit():
    """The kernel's timer alone, for programs that read their standard input themselves."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(LONGEST_SECONDS)


def say_ready():
    sys.stdout.write("ready\n")
    sys.stdout.flush()


def ready():
    """Call when everything is up. Works without threads that wake: one blocks in read, the timer is the kernel's."""
    limit()
    keeper = threading.Thread(target=_wait_for_end)
    keeper.daemon = True
    keeper.start()
    say_ready()
