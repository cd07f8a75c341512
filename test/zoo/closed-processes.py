"""Processes that nobody outside can wake, or nearly: closed-processes.py MODE [COUNT].

lost-producer: the one that filled their queue was killed, and each consumer keeps its pipe's other end open; the parent joins them.
fed: the parent could fill the queue, and waits for connections meanwhile.
piped: the parent writes more to its child than pipes take, and reads nothing of what that one writes back.
unread: the parent waits for the end of children that first have to put results where it would read them afterwards.
forked: a thread had a lock when its process forked, and in the child, for which the parent waits, nobody is left to give it back.
"""
import ctypes
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import time

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


def write_without_reading():
    child = subprocess.Popen(
        ["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=end_with_parent
    )
    keeper.say_ready()
    child.stdin.write(bytes(1 << 20))


def put_results(queue):
    end_with_parent()
    queue.put(bytes(1 << 20))


def join_before_reading():
    queue = multiprocessing.Queue()
    workers = [multiprocessing.Process(target=put_results, args=(queue,)) for _ in range(count)]
    for each in workers:
        each.start()
    keeper.say_ready()
    for each in workers:
        each.join()


def fork_with_lock():
    lock = threading.Lock()
    taken = threading.Event()

    def hold():
        with lock:
            taken.set()
            time.sleep(0.5)

    holder = threading.Thread(target=hold)
    holder.start()
    taken.wait()
    child = os.fork()
    if child == 0:
        end_with_parent()
        with lock:
            os._exit(0)
    holder.join()
    keeper.say_ready()
    os.waitpid(child, 0)


if __name__ == "__main__":
    keeper.limit()
    if mode == "piped":
        write_without_reading()
    if mode == "forked":
        fork_with_lock()
    multiprocessing.set_start_method("fork")
    if mode == "unread":
        join_before_reading()
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
