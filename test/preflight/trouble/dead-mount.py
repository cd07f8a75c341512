"""Mounts a FUSE file system that never answers, and keeps it until its input ends."""

import ctypes
import os
import sys

try:
    device = os.open("/dev/fuse", os.O_RDWR)
except OSError as error:
    sys.exit(f"no FUSE: {error}")

options = f"fd={device},rootmode=40000,user_id=0,group_id=0".encode()
libc = ctypes.CDLL(None, use_errno=True)
if libc.mount(b"server:/dead", sys.argv[1].encode(), b"fuse.sshfs", 0, options) != 0:
    sys.exit(f"no FUSE: {os.strerror(ctypes.get_errno())}")

print("mounted", flush=True)
sys.stdin.read()
