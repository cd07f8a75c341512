# -*- coding: utf-8 -*-
"""Threads at rest in all kinds of Python code, or one that keeps the GIL. It tells what it knows of them itself, as JSON.

`rest`: a line on standard input is answered with the stacks of all threads but the one that answers. `hold`: one
thread keeps the GIL; its id is told at once. `interpreters`: two interpreters compute, each with a GIL of its own.
"""
import ctypes
import json
import os
import platform
import sys
import threading

import keeper

C_LIBRARY = ctypes.CDLL(None)
GETTID = 186 if platform.machine() == "x86_64" else 178
tids = {}
never = threading.Lock()
never.acquire()
resting = threading.Semaphore(0)


def note_thread():
    tids[threading.current_thread().ident] = C_LIBRARY.syscall(GETTID)


def rest():
    resting.release()
    never.acquire()


def deep(depth):
    if depth == 0:
        rest()
    else:
        deep(depth - 1)


class Producer(object):
    def __init__(self, wait):
        self.wait = wait

    def poll(self):
        return (
            1,
            self.wait(),
            2,
        )

    @staticmethod
    def of_class():
        rest()

    @property
    def attribute(self):
        return self.wait()


def generate():
    for number in range(3):
        if number == 2:
            rest()
        yield number


def in_comprehension():
    return [rest() if number else None for number in range(2)]


def in_exception():
    try:
        raise ValueError("expected")
    except ValueError:
        with threading.Lock():
            rest()


# What was compiled from a text has lines of its own: far apart, and going backwards.
FAR = {"rest": rest}
exec(compile("def far_apart():\n    pass" + "\n" * 700 + "    rest()\n", "/srv/shop/views.py", "exec"), FAR)
LONG = {"rest": rest}
exec(
    compile(
        "def much_code():\n    number = 0\n" + "    number = number + 1\n" * 400 + "    rest()\n",
        "/opt/venv/lib/python3/site-packages/pykafka/producer.py",
        "exec",
    ),
    LONG,
)
if sys.version_info[0] > 2:
    NAMED = {"rest": rest}
    exec("def gr\u00fc\u00dfe():\n    rest()\ndef \u8cb7\u3044\u7269():\n    rest()", NAMED)
    named = [NAMED["gr\u00fc\u00dfe"], NAMED["\u8cb7\u3044\u7269"]]
else:
    named = []

WAYS = [
    rest,
    lambda: deep(30),
    Producer(rest).poll,
    Producer.of_class,
    lambda: Producer(lambda: rest()).attribute,
    lambda: list(generate()),
    in_comprehension,
    in_exception,
    FAR["far_apart"],
    LONG["much_code"],
    lambda: sorted([2, 1], key=lambda number: rest()),
    lambda: threading.Thread(target=rest).run(),
] + named


def start(target):
    def run():
        note_thread()
        target()

    thread = threading.Thread(target=run)
    thread.daemon = True
    thread.start()


def tell_name(code):
    return getattr(code, "co_qualname", code.co_name)


def tell_stack(frame):
    stack = []
    while frame is not None:
        stack.append([tell_name(frame.f_code), frame.f_code.co_filename, frame.f_lineno])
        frame = frame.f_back
    return stack


def answer():
    while sys.stdin.readline():
        stacks = {
            str(tids[ident]): tell_stack(frame)
            for ident, frame in sys._current_frames().items()
            if ident in tids
        }
        print(json.dumps(stacks))
        sys.stdout.flush()
    os._exit(0)


def keep_gil():
    print(tids[threading.current_thread().ident])
    sys.stdout.flush()
    # Other than CDLL it doesn't let go of the GIL for the call.
    library = ctypes.PyDLL(None)
    while True:
        library.usleep(20000)


def compute_apart():
    try:
        import _interpreters as interpreters
    except ImportError:
        import _xxsubinterpreters as interpreters
    interpreters.run_string(interpreters.create(), "while True: pass")


def compute():
    while True:
        pass


MODE = sys.argv[1]
if MODE == "rest":
    for way in WAYS:
        start(way)
    for way in WAYS:
        resting.acquire()
    answering = threading.Thread(target=answer)
    answering.daemon = True
    answering.start()
    keeper.limit()
    keeper.say_ready()
elif MODE == "hold":
    keeper.ready()
    start(keep_gil)
else:
    start(compute)
    start(compute_apart)
    keeper.ready()
never.acquire()
