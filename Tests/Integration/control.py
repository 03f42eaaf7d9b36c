"""Speaks to a control socket without any of our code: JSON, each message ended by NUL."""

import array
import json
import socket


class Refused(Exception):
    """An error was answered: its name, and its parameters."""

    def __init__(self, name: str, parameters: dict):
        super().__init__(f"{name}: {parameters}")
        self.name, self.parameters = name, parameters


class Control:
    """One connection."""

    def __init__(self, path, timeout: float = 20):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        self.buffer = b""
        try:
            self.socket.connect(str(path))
        except BaseException:
            self.socket.close()
            raise

    def send(self, method: str, parameters: dict | None = None, more: bool = False, descriptors=()):
        message = {"method": method} | ({"parameters": parameters} if parameters is not None else {}) | ({"more": True} if more else {})
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
        self.socket.sendmsg([json.dumps(message).encode() + b"\0"], rights)

    def receive(self) -> dict:
        while b"\0" not in self.buffer:
            chunk = self.socket.recv(1 << 16)
            if not chunk:
                raise ConnectionError("closed instead of an answer")
            self.buffer += chunk
        message, _, self.buffer = self.buffer.partition(b"\0")
        reply = json.loads(message)
        if "error" in reply:
            raise Refused(reply["error"], reply.get("parameters", {}))
        return reply["parameters"]

    def call(self, method: str, **parameters) -> dict:
        self.send(f"io.sandboxd.{method}" if "." not in method else method, parameters)
        return self.receive()

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def call(path, method: str, **parameters) -> dict:
    with Control(path) as control:
        return control.call(method, **parameters)
