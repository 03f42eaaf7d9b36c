"""crowd.py SOCKET WAY: misuses a control socket until stdin ends, and says so in a line when it has begun.

WAY is `many` (10,000 connections), `halves` (as many unfinished messages as it gets), `descriptors` (the same with descriptors), `slow` (a byte at a
time), `closing` (closes in mid-message, again and again), or `deaf` (asks and never reads).
"""

import array
import contextlib
import json
import os
import resource
import socket
import sys

CALL = json.dumps({"method": "io.sandboxd.HostProfile"}).encode() + b"\0"


def connected(path: str) -> socket.socket:
    one = socket.socket(socket.AF_UNIX)
    one.connect(path)  # waits where the queue of the listener is full
    one.settimeout(10)
    return one


def many(path: str) -> tuple:
    kept = [connected(path) for _ in range(10_000)]
    return f"{len(kept)} connections", kept


def held(path: str, send) -> tuple:
    kept, refused = [], 0
    for _ in range(128):
        one = connected(path)
        try:
            send(one)
        except OSError:
            refused += 1
        kept.append(one)
    return f"{refused} of {len(kept)} were closed at once", kept


def send_half(one: socket.socket):
    one.sendall(b'{"method":"' + b"x" * 900_000)


def send_descriptors(one: socket.socket):
    null = os.open("/dev/null", os.O_RDONLY)
    rights = array.array("i", [null] * 60)
    one.sendmsg([b'{"method":'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
    os.close(null)


def slow(path: str) -> tuple:
    kept = [connected(path) for _ in range(100)]
    for at in range(20):
        for one in kept:
            one.sendall(CALL[at : at + 1])
    return "a byte at a time", kept


def closing(path: str) -> tuple:
    for _ in range(2_000):
        with contextlib.suppress(OSError), connected(path) as one:
            one.sendall(CALL * 3 + b'{"met')
    return "2000 closed in mid-message", []


def deaf(path: str) -> tuple:
    kept = []
    for _ in range(100):
        one = connected(path)
        one.setblocking(False)
        with contextlib.suppress(OSError):
            while True:
                one.send(CALL)
        kept.append(one)
    return "100 that never read", kept


WAYS = {"many": many, "halves": lambda path: held(path, send_half), "descriptors": lambda path: held(path, send_descriptors), "slow": slow,
        "closing": closing, "deaf": deaf}

if __name__ == "__main__":
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 12_000), hard))
    said, kept = WAYS[sys.argv[2]](sys.argv[1])
    print(said, flush=True)
    sys.stdin.read()
