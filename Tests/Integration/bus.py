"""A bus with a service manager on it, hand-made so that it can lie: as much of D-Bus as one request needs.  Standard library only.

Run as root it moves whoever is named into a cgroup, as a manager does; which, and whether at all, a test says."""

import os
import socket
import struct
import threading
from pathlib import Path

UUID = b"0123456789abcdef0123456789abcdef"
METHOD_RETURN, ERROR = 2, 3
REPLY_SERIAL, DESTINATION, ERROR_NAME, SIGNATURE, SENDER = 5, 6, 4, 8, 7


class Writer:
    """Little-endian marshalling."""

    def __init__(self):
        self.bytes = bytearray()

    def align(self, size: int):
        self.bytes += bytes(-len(self.bytes) % size)

    def number(self, value: int):
        self.align(4)
        self.bytes += struct.pack("<I", value)

    def string(self, text: str):
        self.number(len(text.encode()))
        self.bytes += text.encode() + b"\0"

    def signature(self, text: str):
        self.bytes += bytes([len(text)]) + text.encode() + b"\0"


def message(kind: int, serial: int, reply_to: int, signature: str = "", body: bytes = b"", error: str = "") -> bytes:
    writer = Writer()
    writer.bytes += bytes([ord("l"), kind, 0, 1])
    writer.number(len(body))
    writer.number(serial)
    fields = Writer()

    def field(code: int, type: str, value):
        fields.align(8)
        fields.bytes.append(code)
        fields.signature(type)
        fields.number(value) if type == "u" else fields.signature(value) if type == "g" else fields.string(value)

    field(REPLY_SERIAL, "u", reply_to)
    field(DESTINATION, "s", ":1.1")
    field(SENDER, "s", "org.freedesktop.DBus")
    if error:
        field(ERROR_NAME, "s", error)
    if signature:
        field(SIGNATURE, "g", signature)
    writer.number(len(fields.bytes))
    writer.bytes += fields.bytes
    writer.align(8)
    return bytes(writer.bytes) + body


def text_body(text: str) -> bytes:
    writer = Writer()
    writer.string(text)
    return bytes(writer.bytes)


class Bus:
    """Serves one connection after the other until it is closed. `answers` is called with the unit's name and the pid of each request; what it returns is sent back:
    None: nothing; a string: refused with these words; True: accepted."""

    def __init__(self, path: Path, answers, uid: int, silent_from_the_start: bool = False):
        self.path, self.answers, self.silent, self.requests = path, answers, silent_from_the_start, []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        os.chown(path, uid, -1)
        self.listener.listen(8)
        self.held: list[socket.socket] = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            self.held.append(peer)
            if not self.silent:
                self.serve(peer)

    def serve(self, peer: socket.socket):
        try:
            self.authenticate(peer)
            serial = 0
            while True:
                serial += 1
                self.reply(peer, serial, *self.receive(peer))
        except (OSError, EOFError, UnicodeDecodeError):
            return

    def authenticate(self, peer: socket.socket):
        """SASL EXTERNAL. The client sends its part in one go; what comes behind BEGIN is its first message."""
        self.rest = b""
        while b"BEGIN\r\n" not in self.rest:
            chunk = peer.recv(4096)
            if not chunk:
                raise EOFError
            self.rest += chunk
        lines, _, self.rest = self.rest.partition(b"BEGIN\r\n")
        answers = [b"DATA"] if b"DATA" in lines else []
        answers += [b"OK " + UUID] + ([b"AGREE_UNIX_FD"] if b"NEGOTIATE_UNIX_FD" in lines else [])
        peer.sendall(b"".join(answer + b"\r\n" for answer in answers))

    def take(self, peer: socket.socket, count: int) -> bytes:
        while len(self.rest) < count:
            chunk = peer.recv(4096)
            if not chunk:
                raise EOFError
            self.rest += chunk
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken

    def receive(self, peer: socket.socket) -> tuple[int, bytes, bytes]:
        head = self.take(peer, 16)
        assert head[:1] == b"l", "sd-bus on this machine writes little-endian"
        body, serial, fields = struct.unpack("<III", head[4:16])
        names = self.take(peer, fields + -fields % 8)
        return serial, names, self.take(peer, body)

    def reply(self, peer: socket.socket, serial: int, to: int, fields: bytes, body: bytes):
        if b"Hello\0" in fields:
            return peer.sendall(message(METHOD_RETURN, serial, to, "s", text_body(":1.1")))
        if b"StartTransientUnit\0" not in fields:
            return
        length = struct.unpack("<I", body[:4])[0]
        name = body[4 : 4 + length].decode()
        at = body.index(b"\x02au\0") + 4
        at += -at % 4
        pid = struct.unpack("<I", body[at + 4 : at + 8])[0]
        self.requests.append((name, pid, b"Delegate\0" in body))
        answer = self.answers(name, pid)
        if answer is True:
            peer.sendall(message(METHOD_RETURN, serial, to, "o", text_body("/org/freedesktop/systemd1/job/1")))
        elif answer is not None:
            peer.sendall(message(ERROR, serial, to, "s", text_body(answer), "org.freedesktop.systemd1.Refused"))

    def close(self):
        self.listener.close()
        for peer in self.held:
            peer.close()
        self.path.unlink(missing_ok=True)
