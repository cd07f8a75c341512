"""Consumers of a queue between processes: closed-processes.py MODE [COUNT].

lost-producer: the one that filled it was killed, and each consumer keeps its pipe's other end open; the parent joins them.
fed: the parent could fill it, and waits for connections meanwhile.
"""
import ctypes
import multiprocessing
import os
import signal
import socket
import sys

import keeper

mode, count = sys.argv[1], int((sys.argv + ["4"])[2])


def end_with_parent():
    """None of them reads its standard input, which ends others."""
    keeper.limit()
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def consume(queue, done):
    end_with_parent()
    while True:
        queue.get()
        done.release()


def produce(queue, done):
    end_with_parent()
    for number in range(20):
        queue.put(number)
    for _ in range(20):
        done.acquire()
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    keeper.limit()
    multiprocessing.set_start_method("fork")
    work, finished = multiprocessing.Queue(), multiprocessing.Semaphore(0)
    consumers = [multiprocessing.Process(target=consume, args=(work, finished)) for _ in range(count)]
    producer = multiprocessing.Process(target=produce, args=(work, finished))
    for each in [*consumers, producer]:
        each.start()
    producer.join()
    keeper.say_ready()
    if mode == "fed":
        listener = socket.create_server(("127.0.0.1", 0))
        while True:
            listener.accept()
            work.put(1)
    for each in consumers:
        each.join()
