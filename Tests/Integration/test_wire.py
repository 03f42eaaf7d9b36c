"""The wire suite against the real gate, whose server records what it gets and writes what it is told to.

Between the steps the test speaks to its server through a tool of its own: its calls, which are forwarded, part the receipts, and their
answers come behind all that a step led to.
"""

import json
import time

from cases import StagedTests
from stage import until
from wire_suite import VERSIONS, Case, cases, fault
from wire_text import MODERN, line_bytes

SLOWEST = 1.0  # seconds in which every request is answered


class Session:
    """A session of one version, and what its steps must have left in the receipts."""

    def __init__(self, test, version: str):
        self.test, self.version, self.controls, self.expected, self.slowest = test, version, 0, [], 0.0
        command = ["/usr/bin/python3", "-B", test.stage.servers / "recording_server.py"]
        inputs = {"environment": test.environment, "programs": test.stage.servers}
        self.wire = test.wire(test.wrap("wire", command, inputs, ["--quiet"]), version)
        self.begin()

    def begin(self):
        if self.version != MODERN:
            introduction = {"protocolVersion": self.version, "capabilities": {"sampling": {}}, "clientInfo": {"name": "wire", "version": "1"}}
            self.wire.send({"jsonrpc": "2.0", "id": "control-0", "method": "initialize", "params": introduction})
            self.test.assertIn(b'"result"', self.wire.receive_line(), self.wire.said())
            self.wire.send({"jsonrpc": "2.0", "method": "notifications/initialized", "params": {"_meta": {"control": True}}})
        self.control()

    def control(self, **arguments) -> tuple[list[str], list[bytes]]:
        """What the server got since the last time, and what came from it before its answer."""
        self.controls += 1
        id = f"control-{self.controls}"
        self.wire.send(self.wire.message("tools/call", {"name": "control", "arguments": {**arguments, "version": self.version}}, id))
        lines = []
        while True:
            line = self.wire.receive_line()
            if f'"id": "{id}"'.encode() in line or f'"id":"{id}"'.encode() in line:
                return json.loads(json.loads(line)["result"]["content"][0]["text"]), lines
            lines.append(line)

    def play(self, case: Case):
        for number, step in enumerate(case.steps, 1):
            before = self.controls
            began = time.monotonic()
            if "server" in step:
                early, first = self.control(emit=step["server"])
            else:
                self.wire.send(line_bytes(step["client"], self.version) + b"\n")
                early, first = [], []
            received, then = self.control()
            if self.version == "2025-03-26":
                # The array that answers a batch follows whatever came in the same breath.
                late, last = self.control()
                received, then = received + late, then + last
            while len(first + then) < len(step.get("toClient", [])) and time.monotonic() - began < SLOWEST:
                # What the gate asks sandboxd about comes behind what it answers itself.
                late, last = self.control()
                received, then = received + late, then + last
            self.slowest = max(self.slowest, time.monotonic() - began)
            where = f"{case.topic}, {self.version}: {case.what}, step {number}"
            self.compare(early + received, step.get("toServer", []), f"{where}, to the server")
            self.compare(first + then, step.get("toClient", []), f"{where}, to the client")
            self.expected.append((where, before, self.controls, step.get("reasons", [])))
        self.control(settle=True)
        self.control()  # what came of settling belongs to no step

    def compare(self, lines: list, expected: list, where: str):
        self.test.assertEqual(len(lines), len(expected), f"{where}: {lines}")
        for line, one in zip(lines, expected):
            line = line.encode() if isinstance(line, str) else line
            found = fault(one, line, self.version)
            self.test.assertIsNone(found, f"{where}: {line[:500]}")

    def end(self):
        """Everything that was blocked has its receipt, where it belongs."""
        self.test.assertEqual(self.wire.close(), 0, self.wire.said())
        blocked = self.test.blocked_between_controls()
        for where, before, after, reasons in self.expected:
            found = [reason for number in range(before, after) for reason in blocked.get(number, [])]
            self.test.assertEqual(found, reasons, where)
        self.test.assertLess(self.slowest, SLOWEST)


class WireTests(StagedTests):
    def blocked_between_controls(self) -> dict[int, list[str]]:
        """The codes of what was blocked in the session that ended last, by how many calls of the test's own were before."""
        until(lambda: self.receipts("exit"), 10, "the end of the session in the log")
        found, controls = {}, 0
        for receipt in self.receipts("decision"):
            body = receipt["body"] if "body" in receipt else receipt
            if body.get("tool") == "control":
                controls += 1
            elif body["decision"] == "block":
                found.setdefault(controls, []).append(body["reason"])
        return found

    def play(self, version: str):
        session = Session(self, version)
        for case in cases():
            if version in case.versions and not case.alone:
                with self.subTest(topic=case.topic, what=case.what):
                    session.play(case)
        session.end()
        for case in cases():
            if version in case.versions and case.alone and "unfinished" not in case.steps[0]:
                with self.subTest(topic=case.topic, what=case.what):
                    session = Session(self, version)
                    session.play(case)
                    session.end()
        self.evidence_verifies()

    def test_2024_11_05(self):
        self.play("2024-11-05")

    def test_2025_03_26(self):
        self.play("2025-03-26")

    def test_2025_06_18(self):
        self.play("2025-06-18")

    def test_2025_11_25(self):
        self.play("2025-11-25")

    def test_2026_07_28(self):
        self.play(MODERN)

    def test_what_has_no_line_end_reaches_nobody(self):
        for case in cases():
            if "unfinished" not in case.steps[0]:
                continue
            for version in VERSIONS:
                with self.subTest(what=case.what, version=version):
                    session = Session(self, version)
                    session.wire.send(line_bytes(case.steps[0]["unfinished"], version))
                    self.assertEqual(session.wire.close(), 0)
                    self.assertIn("received until the end: []", session.wire.said())
                    self.assertEqual(self.blocked_between_controls(), {1: case.steps[0]["reasons"]})
