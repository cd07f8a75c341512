"""N threads of a C-speed loop in a cgroup with a quota, in per cent of a CPU: throttled.py THREADS PERCENT."""
import hashlib
import os
import sys
import threading

import keeper

threads, percent = int(sys.argv[1]), int(sys.argv[2])
folder = "/sys/fs/cgroup/%s/ctop-zoo-%d"
version1 = os.path.isdir("/sys/fs/cgroup/cpu")
group = folder % ("cpu" if version1 else ".", os.getpid())


def put(name, text):
    with open(os.path.join(group, name), "w") as file:
        file.write(text)


os.mkdir(group)
if os.fork() == 0:
    # Stays outside of the quota and takes the cgroup away at the end.
    # A session of its own, so that it outlives what ends the others.
    os.setsid()
    parent = os.getppid()
    import time

    while os.getppid() == parent:
        time.sleep(0.5)
    for _ in range(50):
        try:
            os.rmdir(group)
            break
        except OSError:
            time.sleep(0.1)
    os._exit(0)

if version1:
    put("cpu.cfs_quota_us", str(percent * 1000))
else:
    put("cpu.max", "%d 100000" % (percent * 1000))
put("cgroup.procs", str(os.getpid()))
block = b"x" * (8 * 1024 * 1024)


def compute():
    while True:
        hashlib.sha256(block).digest()


for _ in range(threads):
    thread = threading.Thread(target=compute)
    thread.daemon = True
    thread.start()
keeper.ready()
threading.Event().wait(keeper.LONGEST_SECONDS)
