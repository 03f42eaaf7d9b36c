"""Sessions that go on while one daemon follows another: what they try meanwhile, and what came of it where it would arrive."""

import json
import selectors
import socket
import threading
import time
from contextlib import suppress

from wire import Closed, Wire


class Listeners:
    """TCP listeners on loopback, one that a policy grants and one that it does not, and how many connected to each."""

    def __init__(self):
        self.sockets = {name: socket.create_server(("127.0.0.1", 0), backlog=256) for name in ("granted", "other")}
        self.came = dict.fromkeys(self.sockets, 0)
        self.selector, self.wake = selectors.DefaultSelector(), socket.socketpair()
        for name, one in self.sockets.items():
            self.selector.register(one, selectors.EVENT_READ, name)
        self.selector.register(self.wake[0], selectors.EVENT_READ)
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def port(self, name: str) -> int:
        return self.sockets[name].getsockname()[1]

    def accept(self):
        while True:
            for key, _ in self.selector.select():
                if key.data is None:
                    return
                key.fileobj.accept()[0].close()
                self.came[key.data] += 1

    def close(self):
        self.wake[1].send(b"x")
        self.thread.join(10)
        for one in (*self.sockets.values(), *self.wake):
            one.close()


class Attempts:
    """A session of sandbox-prober that connects to both listeners in turn, without end. `wrong` is what came out otherwise than the policy says."""

    def __init__(self, wire: Wire, listeners: Listeners, pause: float = 0):
        self.wire, self.listeners, self.pause, self.calls, self.wrong, self.stopping = wire, listeners, pause, 0, [], False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        with suppress(BrokenPipeError, Closed, OSError):
            while not self.stopping:
                for name in self.listeners.sockets:
                    self.one(name)
                time.sleep(self.pause)

    def one(self, name: str):
        answer = self.wire.call("act", words=f"tcp 127.0.0.1 {self.listeners.port(name)} x")
        self.calls += 1
        try:
            error = json.loads(answer["result"]["content"][0]["text"])["errno"]
        except (KeyError, ValueError):  # a call that was blocked
            error = None
        if error is None or (error == 0) != (name == "granted"):
            self.wrong.append((name, answer))

    def stop(self):
        self.stopping = True
        self.thread.join(20)
        if self.thread.is_alive():
            raise TimeoutError(f"no answers any more: {self.wire.said()}")
