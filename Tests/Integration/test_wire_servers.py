"""The wire suite's smuggling matrix and hostile frames against servers on the official SDK, of both generations.

Without the gate, each input that is marked so runs the denied tool on that generation's server; with it, none does, every input is answered
as it is with the recording server, and the session lives on.
"""

import json
import time

from cases import StagedTests
from stage import required
from wire import MODERN, Wire
from wire_suite import Case, cases, fault
from wire_text import line_bytes

SERVERS = {"1": ("SANDBOXD_SDK1", ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"]),
           "2": ("SANDBOXD_SDK2", ["2025-03-26", "2025-11-25", MODERN])}
TOPICS = ("matrix", "hostile", "client")


class ServerTests(StagedTests):
    def server(self, generation: str) -> list:
        return [required(SERVERS[generation][0]) / "bin/python", "-B", self.stage.servers / "matrix_server.py"]

    def begun(self, command: list, version: str) -> Wire:
        wire = self.wire(command, version)
        self.controls = 0
        if version != MODERN:
            introduction = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "wire", "version": "1"}}
            wire.send({"jsonrpc": "2.0", "id": "begin", "method": "initialize", "params": introduction})
            self.assertEqual(wire.receive()["result"]["protocolVersion"], version)
            wire.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        self.ran(wire)
        return wire

    def ran(self, wire: Wire) -> tuple[str, list[bytes]]:
        """Which tools ran since the last time, and what came meanwhile."""
        self.controls += 1
        id = f"control-{self.controls}"
        wire.send(wire.message("tools/call", {"name": "control", "arguments": {}}, id))
        lines = []
        while True:
            line = wire.receive_line()
            message = json.loads(line)
            if isinstance(message, dict) and message.get("id") == id:
                return message["result"]["content"][0]["text"], lines
            lines.append(line)

    # Without the gate

    def test_each_marked_input_runs_the_denied_tool_without_the_gate(self):
        for generation, (_, versions) in SERVERS.items():
            wire = self.begun(self.server(generation), versions[-1])
            count = 0
            for case in cases("matrix"):
                if generation not in case.runs or versions[-1] not in case.versions or "client" not in case.steps[0]:
                    continue
                with self.subTest(generation=generation, what=case.what):
                    wire.send(line_bytes(case.steps[0]["client"], wire.version) + b"\n")
                    self.until_ran(wire, "never")
                    count += 1
            self.assertGreater(count, 10)

    def until_ran(self, wire: Wire, tool: str):
        """The server does several things at once: its answer may be there before the tool ran."""
        deadline = time.monotonic() + 10
        while tool not in self.ran(wire)[0]:
            self.assertLess(time.monotonic(), deadline, f"{tool} did not run")

    def test_a_line_without_an_end_runs_without_the_gate(self):
        for case in cases("matrix"):
            for generation in case.runs if "unfinished" in case.steps[0] else []:
                with self.subTest(generation=generation):
                    version = SERVERS[generation][1][-1]
                    wire = self.begun(self.server(generation), version)
                    wire.send(line_bytes(case.steps[0]["unfinished"], version))
                    wire.close()
                    self.assertIn("ran never", wire.said())

    # With it

    def test_no_denied_tool_runs(self):
        for generation, (_, versions) in SERVERS.items():
            for version in versions:
                inputs = {"environment": required(SERVERS[generation][0]), "programs": self.stage.servers}
                wire = self.begun(self.wrap("wire", self.server(generation), inputs, ["--quiet"]), version)
                for case in cases(*TOPICS):
                    if version in case.versions and not case.alone and all("client" in step for step in case.steps):
                        with self.subTest(generation=generation, version=version, topic=case.topic, what=case.what):
                            self.play(wire, case)
                wire.send(wire.message("tools/call", {"name": "ok", "arguments": {}}, "the last"))
                self.until_ran(wire, "ok")
                self.assertEqual(wire.close(), 0, wire.said())
                self.assertNotIn("ran never", wire.said())
        self.evidence_verifies()

    def play(self, wire: Wire, case: Case):
        """Each step of the client, with all that the gate itself answers to it among what comes."""
        answered = []
        for step in case.steps:
            began = time.monotonic()
            wire.send(line_bytes(step["client"], wire.version) + b"\n")
            ran, lines = self.ran(wire)
            answered += lines
            self.assertNotIn("never", ran)
            # In a case of several steps the server's own answers, which the suite does not know, decide what is pending.
            if len(case.steps) == 1:
                self.assertLess(time.monotonic() - began, 1)
                for expected in step.get("toClient", []):
                    self.assertTrue(any(fault(expected, line, wire.version) is None for line in lines), f"{expected} is not among {lines}")
        self.until_answered(wire, sum(len(step.get("toServer", [])) + len(step.get("toClient", [])) for step in case.steps), answered)

    def until_answered(self, wire: Wire, count: int, lines: list):
        """Each request has one answer, the gate's or the server's, which does several things at once; then their ids are free again."""
        deadline = time.monotonic() + 10
        while sum("method" not in json.loads(line) for line in lines) < count:
            self.assertLess(time.monotonic(), deadline, f"there should be {count} answers: {lines}")
            ran, more = self.ran(wire)
            lines += more
            self.assertNotIn("never", ran)

    def test_batches_are_answered_by_servers_that_know_none(self):
        for generation, (_, versions) in SERVERS.items():
            version = "2025-03-26"
            if version not in versions:
                continue
            with self.subTest(generation=generation):
                inputs = {"environment": required(SERVERS[generation][0]), "programs": self.stage.servers}
                wire = self.begun(self.wrap("wire", self.server(generation), inputs, ["--quiet"]), version)
                wire.send([wire.message("tools/call", {"name": "ok", "arguments": {}}, 1), wire.message("tools/call", {"name": "never", "arguments": {}}, 2),
                           wire.message("notifications/initialized"), wire.message("ping", id=3), wire.message("no/such", id=4)])
                answers = wire.receive()
                self.assertEqual([answer["id"] for answer in answers], [1, 2, 3, 4])
                self.assertEqual(answers[0]["result"]["content"][0]["text"], "ok")
                self.assertTrue(answers[1]["result"]["isError"])
                self.assertEqual(answers[2]["result"], {})
                self.assertEqual(answers[3]["error"]["code"], -32601)
                self.assertEqual(self.ran(wire)[0], "ok")

    def test_a_line_without_an_end_does_not_run(self):
        for case in cases("matrix"):
            for generation in case.runs if "unfinished" in case.steps[0] else []:
                for version in SERVERS[generation][1]:
                    with self.subTest(generation=generation, version=version):
                        inputs = {"environment": required(SERVERS[generation][0]), "programs": self.stage.servers}
                        wire = self.begun(self.wrap("wire", self.server(generation), inputs), version)
                        wire.send(line_bytes(case.steps[0]["unfinished"], version))
                        wire.close()
                        self.assertNotIn("ran never", wire.said())
                        self.assertIn("D213", wire.said())
