"""A client's stdio may be pipes, sockets, files or a terminal; what is shared with others is left as it was."""

import fcntl
import json
import os
import pty
import select
import socket
import subprocess
import termios
import time

from cases import StagedTests
from wire import LEGACY

HELLO = {"jsonrpc": "2.0", "id": 1, "method": "initialize",
         "params": {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}}
READY = {"jsonrpc": "2.0", "method": "notifications/initialized"}
CALL = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "misbehave", "arguments": {"how": "none"}}}
LINES = b"".join(json.dumps(message).encode() + b"\n" for message in (HELLO, READY, CALL))


class StdioTests(StagedTests):
    def start(self, stdin, stdout) -> subprocess.Popen:
        command = self.wrap("raw", ["/usr/bin/python3", self.stage.servers / "raw_server.py"], {"programs": self.stage.servers}, ["--quiet"])
        process = self.user.start(command, self.stage.environment(self.user), stdin=stdin, stdout=stdout, stderr=subprocess.PIPE)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.kill)
        return process

    def assert_answered(self, said: bytes):
        answers = {message.get("id"): message for message in map(json.loads, said.splitlines())}
        self.assertEqual(answers[1]["result"]["serverInfo"]["name"], "raw")
        self.assertEqual(answers[2]["result"]["content"][0]["text"], "none")

    def read_answers(self, descriptor: int) -> bytes:
        said, deadline = b"", time.monotonic() + 20
        while said.count(b"\n") < 2:
            self.assertTrue(select.select([descriptor], [], [], max(0, deadline - time.monotonic()))[0], f"only {said!r} came")
            said += os.read(descriptor, 1 << 16)
        return said

    def test_files(self):
        asked, answered = self.user.home / "asked", self.user.home / "answered"
        asked.write_bytes(LINES)
        with asked.open("rb") as stdin, answered.open("wb") as stdout:
            process = self.start(stdin, stdout)
            self.assertEqual(process.wait(20), 0, process.stderr.read())
        self.assert_answered(answered.read_bytes())

    def test_nothing_to_read(self):
        process = self.start(subprocess.DEVNULL, subprocess.DEVNULL)
        self.assertEqual(process.wait(20), 0, process.stderr.read())

    def test_sockets(self):
        """As Node.js starts its servers; both directions on one socket, and on two."""
        for count in (1, 2):
            with self.subTest(sockets=count):
                pairs = [socket.socketpair() for _ in range(count)]
                process = self.start(pairs[0][1], pairs[-1][1])
                for _, theirs in pairs:
                    theirs.close()
                pairs[0][0].sendall(LINES)
                self.assert_answered(self.read_answers(pairs[-1][0].fileno()))
                pairs[0][0].shutdown(socket.SHUT_WR)
                self.assertEqual(process.wait(20), 0, process.stderr.read())
                for ours, _ in pairs:
                    ours.close()

    def test_a_terminal(self):
        ours, theirs = pty.openpty()
        attributes = termios.tcgetattr(theirs)
        attributes[3] &= ~termios.ECHO
        attributes[1] &= ~termios.OPOST
        termios.tcsetattr(theirs, termios.TCSANOW, attributes)
        process = self.start(theirs, theirs)
        os.write(ours, LINES)
        self.assert_answered(self.read_answers(ours))
        os.write(ours, b"\x04")  # end of input
        self.assertEqual(process.wait(20), 0, process.stderr.read())
        self.assertFalse(fcntl.fcntl(theirs, fcntl.F_GETFL) & os.O_NONBLOCK)
        os.close(ours)
        os.close(theirs)

    def test_shared_descriptors_stay_blocking(self):
        reading, asking = os.pipe()
        answering, writing = os.pipe()
        process = self.start(reading, writing)
        os.write(asking, LINES)
        self.assert_answered(self.read_answers(answering))
        for descriptor in (reading, writing):
            self.assertFalse(fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_NONBLOCK)
        os.close(asking)
        self.assertEqual(process.wait(20), 0, process.stderr.read())
        for descriptor in (reading, writing, answering):
            os.close(descriptor)

    def test_a_client_that_does_not_read(self):
        """Many answers for nobody: bounded memory, and an end when the client goes."""
        reading, asking = os.pipe()
        answering, writing = os.pipe()
        process = self.start(reading, writing)
        os.close(reading)
        os.close(writing)
        os.set_blocking(asking, False)
        lines = b"".join(json.dumps({**CALL, "id": number}).encode() + b"\n" for number in range(10, 2010))
        os.write(asking, json.dumps(HELLO).encode() + b"\n" + json.dumps(READY).encode() + b"\n")
        sent, deadline = 0, time.monotonic() + 20
        while sent < len(lines) and select.select([], [asking], [], 1)[1] and time.monotonic() < deadline:
            sent += os.write(asking, lines[sent : sent + 4096])
        os.close(answering)
        os.close(asking)
        process.wait(20)
        self.assert_nothing_left()
