"""Trouble and health in Python: trouble.py MODE [COUNT]."""
import hashlib
import multiprocessing
import os
import subprocess
import sys
import threading
import time

import keeper

mode, count = sys.argv[1], int((sys.argv + ["8"])[2])
lock = threading.Lock()
other = threading.Lock()


def start(run, *words):
    thread = threading.Thread(target=run, args=words)
    thread.daemon = True
    thread.start()


def compute(steps):
    number = 0
    for _ in range(steps):
        number = (number * 31 + 7) % 1000003
    return number


def hold_asleep():
    while True:
        with lock:
            time.sleep(0.002)


def cpu_under_lock():
    while True:
        with lock:
            compute(20)


def hash_under_lock():
    """hashlib lets go of the GIL while it computes."""
    data = bytes(2_000_000)
    while True:
        with lock:
            hashlib.sha256(data).digest()


def poll_lock():
    while True:
        if lock.acquire(False):
            lock.release()
        time.sleep(0.005)


def poll_event():
    event = threading.Event()
    while not event.wait(0.02):
        pass


def compute_and_wait():
    while True:
        compute(1000)


def answer(pipe):
    while True:
        pipe.send(pipe.recv())


def take_two(first, second):
    first.acquire()
    time.sleep(0.2)
    second.acquire()


def log_to_full_pipe():
    import logging

    reader, writer = os.pipe()
    logger = logging.getLogger("orders")
    logger.addHandler(logging.StreamHandler(os.fdopen(writer, "w")))

    def log():
        while True:
            logger.error("order %s", "placed " * 200)

    for _ in range(count):
        start(log)


def serve_loop():
    import asyncio

    async def turn():
        while True:
            compute(200000)
            await asyncio.sleep(0)

    keeper.ready()
    asyncio.run(turn())


def small_jobs():
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(count)
    while True:
        for _ in range(4):
            pool.submit(compute, 20000)
        time.sleep(0.05)


def pool_of_hashes():
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(count)
    data = bytes(500_000)
    while True:
        pool.submit(lambda: hashlib.sha256(data).digest())
        time.sleep(0.004)


modes = {
    "lock-asleep": hold_asleep,
    "lock-compute": cpu_under_lock,
    "lock-hash": hash_under_lock,
    "poll-lock": poll_lock,
    "poll-event": poll_event,
    "compute": compute_and_wait,
}
threading.stack_size(256 * 1024)
if mode in modes:
    for _ in range(count):
        start(modes[mode])
if mode == "compute-and-io":
    start(compute_and_wait)
    start(poll_lock)
if mode == "log-stuck":
    log_to_full_pipe()
if mode == "deadlock":
    start(take_two, lock, other)
    start(take_two, other, lock)
if mode == "loop-busy":
    serve_loop()
keeper.ready()
if mode == "storm":
    while True:
        subprocess.call(["/bin/true"])
if mode == "zombies":
    children = [subprocess.Popen(["/bin/true"]) for _ in range(count)]
if mode == "messages":
    here, there = multiprocessing.Pipe()
    if os.fork() == 0:
        here.close()
        answer(there)
    there.close()
    while True:
        here.send(1)
        here.recv()
if mode == "small-jobs":
    small_jobs()
if mode == "pool-hash":
    pool_of_hashes()
if mode == "hourly":
    while True:
        time.sleep(0.5)
        subprocess.call(["/bin/true"])
while True:
    time.sleep(keeper.LONGEST_SECONDS)
