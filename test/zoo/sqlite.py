"""Processes with one SQLite database: sqlite.py FOLDER writers|threads|polling|paced [COUNT].

writers, threads: each holds the writer's lock for some milliseconds, and the others' busy handlers sleep.
polling: one writes all the time; the others have the database open and poll something else, which is no wait for it.
paced: each writes a short transaction now and then.
"""
import os
import signal
import sqlite3
import sys
import threading
import time

import keeper

folder, mode, count = sys.argv[1], sys.argv[2], int((sys.argv + ["5"])[3])
path = os.path.join(folder, "orders.db")
parent = os.getpid()


def connect():
    return sqlite3.connect(path, timeout=120, isolation_level=None)


def write(seconds_held, seconds_between):
    orders = connect()
    # The keeper ends the parent without a word; then the children have another one.
    while parent in (os.getpid(), os.getppid()):
        orders.execute("BEGIN IMMEDIATE")
        orders.execute("INSERT INTO orders VALUES (1)")
        if seconds_held:
            time.sleep(seconds_held)
        orders.execute("COMMIT")
        if seconds_between:
            time.sleep(seconds_between)


def poll():
    orders = connect()
    orders.execute("SELECT count(*) FROM orders").fetchone()
    while os.getppid() == parent:
        time.sleep(0.2)


first = connect()
first.execute("CREATE TABLE orders (number)")
first.close()
for index in range(count):
    if mode == "threads":
        thread = threading.Thread(target=write, args=(0.02, 0))
        thread.daemon = True
        thread.start()
    elif os.fork() == 0:
        signal.alarm(keeper.LONGEST_SECONDS)
        if mode == "paced":
            write(0, 0.3)
        elif mode == "polling" and index > 0:
            poll()
        else:
            write(0.02, 0)
        os._exit(0)
keeper.ready()
while True:
    time.sleep(keeper.LONGEST_SECONDS)
