"""The kernel's audit log, as the tests see it: asked and listened to, like sandboxd does, so that they can say what it did with it."""

import ctypes
import errno
import os
import socket
import struct
import subprocess
import sys
import time

NETLINK_AUDIT = 9
GET, SET, LIST_RULES = 1000, 1001, 1013
CONFIG_CHANGE, LANDLOCK_ACCESS, LANDLOCK_DOMAIN = 1305, 1423, 1424
READLOG = 1


def ask(kind: int, body: bytes = b"") -> list[tuple[int, bytes]]:
    """The kernel's answers to one request; the last is its error or the end of a list, where there is one."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_AUDIT) as asked:
        asked.bind((0, 0))
        asked.settimeout(2)
        asked.send(struct.pack("=IHHII", 16 + len(body), kind, 1 | 4, 1, 0) + body)  # NLM_F_REQUEST, NLM_F_ACK
        answers = []
        while True:
            try:
                message = asked.recv(65536)
            except TimeoutError:
                return answers
            answered, = struct.unpack_from("=H", message, 4)
            answers.append((answered, message[16:]))
            if kind == GET and answered == GET or kind == LIST_RULES and answered == 3 or kind == SET and answered == 2:
                return answers


def settings() -> dict:
    """What can be set of it, and its rules."""
    names = ("mask", "enabled", "failure", "pid", "rate_limit", "backlog_limit")
    [status] = [body for kind, body in ask(GET) if kind == GET]
    rules = [body for kind, body in ask(LIST_RULES) if kind == LIST_RULES]
    return dict(zip(names, struct.unpack_from("=6I", status))) | {"rules": rules}


def is_on() -> bool:
    try:
        return settings()["enabled"] != 0
    except (OSError, ValueError):  # who asks may not, or is not answered
        return False


def switch(on: bool):
    """For the tests' own guest: AUDIT_STATUS_ENABLED."""
    ask(SET, struct.pack("=11I", 1, int(on), *[0] * 9))


def landlock_abi() -> int:
    return ctypes.CDLL(None).syscall(444, None, 0, 1)


class Listener:
    """Every record of the log from here on."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_AUDIT)
        self.socket.setsockopt(socket.SOL_SOCKET, 33, 1 << 24)  # SO_RCVBUFFORCE
        self.socket.bind((0, READLOG))
        self.socket.setblocking(False)
        self.seen: list[tuple[int, str]] = []

    def close(self):
        self.socket.close()

    def records(self, kind: int) -> list[str]:
        while True:
            try:
                message = self.socket.recv(65536)
            except BlockingIOError:
                return [text for seen, text in self.seen if seen == kind]
            except OSError as error:
                if error.errno != errno.ENOBUFS:  # some were lost, and what follows is later
                    raise
                continue
            self.seen.append((struct.unpack_from("=H", message, 4)[0], message[16:].decode()))


OUTSIDER = """
import ctypes, struct, sys
libc = ctypes.CDLL(None)
ruleset = libc.syscall(444, ctypes.create_string_buffer(struct.pack("=QQQ", 1 << 2, 0, 0)), 24, 0)
libc.prctl(38, 1, 0, 0, 0)
if libc.syscall(446, ruleset, 0) != 0:
    sys.exit("not confined")
try:
    open(sys.argv[1])
except PermissionError:
    sys.exit(0)
sys.exit("it was read")
"""


def deny_outsider(path: str):
    """A process of the test's own, in a Landlock domain that is none of sandboxd's, is denied a file."""
    subprocess.run([sys.executable, "-c", OUTSIDER, path], check=True, timeout=60)


def await_record(listener: Listener, kind: int, part: str, seconds: float = 20) -> str:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for text in listener.records(kind):
            if part in text:
                return text
        time.sleep(0.02)
    raise TimeoutError(f"no record of type {kind} with {part!r}; there were {listener.seen[-20:]}")


def _sockets(process: int) -> list[list[str]]:
    """The lines of /proc/net/netlink about a process's sockets of the audit system."""
    held = set()
    for number in os.listdir(f"/proc/{process}/fd"):
        try:
            held.add(os.readlink(f"/proc/{process}/fd/{number}"))
        except OSError:
            continue
    with open(f"/proc/{process}/net/netlink") as table:
        lines = [line.split() for line in table.readlines()[1:]]
    return [line for line in lines if int(line[1]) == NETLINK_AUDIT and f"socket:[{line[-1]}]" in held]


def listens(process: int) -> bool:
    return bool(_sockets(process))


def waiting(process: int) -> int:
    """Bytes of records that a process has not read yet."""
    return sum(int(line[4]) for line in _sockets(process))
