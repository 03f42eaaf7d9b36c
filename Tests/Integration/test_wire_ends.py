"""However a session ends, everybody who waits is told, and nothing is left: the ends of streams, signals to one process and to groups."""

import json
import os
import signal
import time

from cases import StagedTests
from stage import until
from wire import MODERN, Closed, Wire

STUBBORN = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nsignal.signal(signal.SIGHUP, signal.SIG_IGN)\nprint(flush=True)\ntime.sleep(120)"


class WireEndTests(StagedTests):
    def recording(self, version: str) -> Wire:
        """A session whose server answers nothing but its own test."""
        command = ["/usr/bin/python3", "-B", self.stage.servers / "recording_server.py"]
        inputs = {"environment": self.environment, "programs": self.stage.servers}
        wire = self.wire(self.wrap("wire", command, inputs, ["--quiet"]), version)
        if version != MODERN:
            introduction = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "wire", "version": "1"}}
            wire.send({"jsonrpc": "2.0", "id": "control-0", "method": "initialize", "params": introduction})
            self.assertIn("result", wire.receive(), wire.said())
        return wire

    def ask_much(self, wire: Wire) -> list:
        """Requests of all forms that stay unanswered; their ids."""
        for id in (1, "a"):
            wire.send(wire.message("tools/call", {"name": "ok", "arguments": {}}, id))
        wire.send(wire.message("tools/list", id=2))
        ids = [1, "a", 2]
        if wire.version == "2025-03-26":
            wire.send([wire.message("ping", id=3), wire.message("tools/call", {"name": "ok", "arguments": {}}, 4),
                       wire.message("tools/call", {"name": "never", "arguments": {}}, 5)])
            ids += [3, 4, 5]
        wire.send(wire.message("tools/call", {"name": "control", "arguments": {"version": wire.version}}, "control-1"))
        self.assertEqual(wire.receive()["id"], "control-1")
        return ids

    def servers(self):
        return [process for process in self.stage.own_processes() if any(argument.endswith(b"recording_server.py") for argument in process.arguments)]

    def test_a_server_that_is_killed_leaves_nobody_waiting(self):
        for version in ("2024-11-05", "2025-03-26", "2025-11-25", MODERN):
            for number in (signal.SIGKILL, signal.SIGTERM):
                with self.subTest(version=version, signal=number.name):
                    wire = self.recording(version)
                    ids = self.ask_much(wire)
                    server = [process for process in self.servers() if b"wrap" not in process.arguments]
                    self.assertEqual(len(server), 1, server)
                    began = time.monotonic()
                    os.kill(server[0].pid, number)
                    answered = self.answers_to_the_end(wire)
                    self.assertEqual(sorted(map(str, answered)), sorted(map(str, ids)))
                    self.assertLess(max(answered.values()) - began, 1)
                    self.assertEqual(wire.close(), 128 + number)
                    self.assert_nothing_left()
        self.evidence_verifies()

    def answers_to_the_end(self, wire: Wire) -> dict:
        """The ids of all answers that come until the stream ends, those of an array too, and when each came."""
        ids = {}
        while True:
            try:
                message = wire.receive()
            except Closed:
                return ids
            for member in message if isinstance(message, list) else [message]:
                self.assertNotIn("method", member)
                self.assertNotIn(member["id"], ids)
                ids[member["id"]] = time.monotonic()

    def test_a_signal_to_the_whole_group_ends_the_session(self):
        """As the official SDK ends what it started, in a session of its own."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL):
            with self.subTest(signal=number.name):
                wire = self.recording(MODERN)
                self.ask_much(wire)
                os.killpg(wire.process.pid, number)
                wire.process.wait(20)
                self.assert_nothing_left()
                self.evidence_verifies()

    def test_the_end_of_the_client_reaches_a_server_that_has_answers_left(self):
        """What was asked before the end of input is judged, forwarded and recorded."""
        wire = self.recording("2025-11-25")
        wire.send(b"".join(json.dumps(wire.message("tools/call", {"name": "ok", "arguments": {"n": number}}, number)).encode() + b"\n"
                           for number in range(100)))
        self.assertEqual(wire.close(), 0, wire.said())
        self.assertIn("received until the end: ", wire.said())
        self.assert_nothing_left()
        forwarded = [receipt for receipt in self.receipts("decision") if receipt["body"].get("tool") == "ok"]
        self.assertEqual([receipt["body"]["id"] for receipt in forwarded], list(range(100)))
        self.assertEqual({receipt["body"]["decision"] for receipt in forwarded}, {"forward"})
        self.assertEqual(len(self.receipts("outcome")), 100)

    def stubborn(self) -> bool:
        return any(STUBBORN.encode() in process.arguments and b"wrap" not in process.arguments for process in self.stage.own_processes())

    def test_a_server_that_ends_for_nothing_is_ended(self):
        inputs = {"environment": self.environment, "programs": self.stage.servers}
        for how in ("end of input", signal.SIGTERM, signal.SIGKILL):
            with self.subTest(how=how):
                wire = self.wire(self.wrap("wire", ["/usr/bin/python3", "-c", STUBBORN], inputs, ["--quiet"]))
                wire.send(wire.message("ping", id=1))
                until(self.stubborn, 20, "the server")
                if how == "end of input":
                    self.assertNotEqual(wire.close(), 0)
                else:
                    os.killpg(wire.process.pid, how)
                    wire.process.wait(20)
                self.assert_nothing_left()
