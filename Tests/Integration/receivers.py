"""The other side of network acts: what it saw is the truth, not what the act returned."""

import contextlib
import ctypes
import fcntl
import os
import secrets
import selectors
import socket
import struct
import subprocess
import threading

from stage import until

CLONE_NEWNET = 0x40000000
CLONE_NEWNS = 0x00020000
IPPROTO_UDPLITE = 136


def _setns(kind: int, descriptor: int | None):
    libc = ctypes.CDLL(None, use_errno=True)
    result = libc.unshare(kind) if descriptor is None else libc.setns(descriptor, kind)
    if result != 0:
        raise OSError(ctypes.get_errno(), "unshare" if descriptor is None else "setns")


@contextlib.contextmanager
def _namespace(kind: int, file: str):
    """Puts the calling thread, and what it starts, into a namespace of its own."""
    descriptor = os.open(f"/proc/thread-self/ns/{file}", os.O_RDONLY | os.O_CLOEXEC)
    try:
        _setns(kind, None)
        try:
            yield
        finally:
            _setns(kind, descriptor)
    finally:
        os.close(descriptor)


def raise_loopback():
    """netdevice(7), SIOCSIFFLAGS: IFF_UP on lo."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh22x", b"lo", 1))


@contextlib.contextmanager
def network_namespace():
    """An empty network namespace with loopback alone."""
    with _namespace(CLONE_NEWNET, "net"):
        raise_loopback()
        yield


@contextlib.contextmanager
def within(space: int):
    """In a network namespace that is held open by a descriptor."""
    own = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        _setns(CLONE_NEWNET, space)
        yield
    finally:
        _setns(CLONE_NEWNET, own)
        os.close(own)


@contextlib.contextmanager
def mount_namespace():
    """A mount namespace that nobody hears of."""
    with _namespace(CLONE_NEWNS, "mnt"):
        subprocess.run(["mount", "--make-rprivate", "/"], check=True)
        yield


@contextlib.contextmanager
def mounted_over(path: str, source: str):
    """A mount namespace in which `path` is another file."""
    with mount_namespace():
        subprocess.run(["mount", "--bind", source, os.path.realpath(path)], check=True)
        yield


class Receivers:
    """Listens on many addresses and remembers all that comes."""

    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.seen = bytearray()
        self.visitors: list[tuple] = []  # accepted connections that were not made by `settle`
        self.own: set = set()
        self.listeners: list[socket.socket] = []
        self.lock = threading.Lock()
        self.waker, self.wake = socket.socketpair()
        self.waker.settimeout(10)
        self.selector.register(self.wake, selectors.EVENT_READ)
        self.stopped = False
        self.thread = threading.Thread(target=self.loop, daemon=True)

    def tcp(self, address: str, port: int):
        self.stream(socket.AF_INET6 if ":" in address else socket.AF_INET, (address, port))

    def stream(self, family: int, name, kind: int = socket.SOCK_STREAM):
        listener = socket.socket(family, kind)
        if family != socket.AF_UNIX:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(name)
        listener.listen(64)
        self.add(listener, self.accept)

    def datagram(self, family: int, name, protocol: int = 0):
        receiver = socket.socket(family, socket.SOCK_DGRAM, protocol)
        receiver.bind(name)
        self.add(receiver, self.take)

    def raw(self, family: int, protocol: int, address: str):
        """Sees every packet of that protocol."""
        receiver = socket.socket(family, socket.SOCK_RAW, protocol)
        receiver.bind((address, 0))
        self.add(receiver, self.take)

    def passing(self, path: str, to: tuple):
        """Passes a connected TCP socket to whoever comes to that unix socket."""
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(path)
        listener.listen(64)
        self.add(listener, lambda which: self.accept(which, to))

    def handing(self, path: str, make):
        """Passes whoever comes to that unix socket a socket that `make` made."""
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(path)
        listener.listen(64)
        self.add(listener, lambda which: self.hand(which, make))

    @staticmethod
    def hand(listener: socket.socket, make):
        connection, _ = listener.accept()
        with connection, make() as made, contextlib.suppress(OSError):  # it may have left
            socket.send_fds(connection, [b"x"], [made.fileno()])

    def add(self, receiver: socket.socket, handler):
        receiver.setblocking(False)
        name = receiver.getsockname()
        if receiver.family == socket.AF_UNIX and isinstance(name, str) and name:
            os.chmod(name, 0o666)
        self.listeners.append(receiver)
        self.selector.register(receiver, selectors.EVENT_READ, handler)

    # The thread

    def start(self):
        self.thread.start()
        return self

    def loop(self):
        while not self.stopped:
            ready = [key for key, _ in self.selector.select() if key.fileobj is not self.wake]
            for key in ready:
                key.data(key.fileobj)
            if not ready:
                self.answer()

    def answer(self):
        """Whoever asked knows that all that had come has been taken."""
        self.stopped = self.wake.recv(1) == b"e"
        self.wake.send(b"x")

    def wait(self, asked: bytes):
        self.waker.send(asked)
        self.waker.recv(1)

    def accept(self, listener: socket.socket, to: tuple | None = None):
        connection, peer = listener.accept()
        if to:
            self.pass_socket(connection, to)
        connection.setblocking(False)
        self.selector.register(connection, selectors.EVENT_READ, self.take)
        with self.lock:
            self.visitors.append((listener.family, peer))

    def pass_socket(self, connection: socket.socket, to: tuple):
        with socket.create_connection(to) as passed:
            self.own.add((passed.family, passed.getsockname()))
            with contextlib.suppress(OSError):  # it may have left
                socket.send_fds(connection, [b"x"], [passed.fileno()])

    def take(self, receiver: socket.socket):
        try:
            data = receiver.recv(1 << 16)
        except OSError:
            data = b""
        with self.lock:
            self.seen += data + b"\n"
        if not data and receiver not in self.listeners:
            self.selector.unregister(receiver)
            receiver.close()

    # What tests ask

    def saw(self, nonce: str) -> bool:
        with self.lock:
            return nonce.encode() in self.seen

    def settle(self):
        """Waits until all that was sent before has been taken. What came to a unix socket is there at once; what goes over loopback waits in one
        line, so that a sentinel to one receiver of each kind comes after it."""
        kinds = {(listener.family, listener.type, listener.proto): listener for listener in self.listeners
                 if listener.family != socket.AF_UNIX and listener.type != socket.SOCK_RAW}
        sentinels = [self.send_sentinel(receiver) for receiver in kinds.values()]
        until(lambda: all(self.saw(sentinel) for sentinel in sentinels), 10, "the receivers' sentinels")
        self.wait(b"d")

    def send_sentinel(self, receiver: socket.socket) -> str:
        sentinel = secrets.token_hex(8)
        with socket.socket(receiver.family, receiver.type, receiver.proto) as sender:
            sender.connect(receiver.getsockname())
            self.own.add((receiver.family, sender.getsockname()))
            sender.sendall(sentinel.encode())
        return sentinel

    def strangers(self) -> list:
        """Connections over IP that `settle` did not make, since the last `forget`."""
        with self.lock:
            return [visitor for visitor in self.visitors if visitor[0] != socket.AF_UNIX and visitor not in self.own]

    def forget(self):
        with self.lock:
            self.visitors.clear()
            self.seen.clear()

    def close(self):
        self.wait(b"e")
        self.thread.join()
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()
        self.selector.close()
        self.waker.close()
