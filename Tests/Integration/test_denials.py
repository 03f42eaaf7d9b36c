"""What the kernel denies is told: in the result of the only call in flight, in receipts, and by the counters when a gate keeps it to itself."""

import ctypes
import os
import platform
import signal
import struct

from cases import StagedTests, call, session_processes
from receivers import Receivers, network_namespace
from stage import required, until
from test_schema import VERSIONS, Schema
from wire import LEGACY, MODERN, Wire

PERMITTED, FORBIDDEN = 9001, 9002
POLICY = """sandboxd: 1
name: written
include: [runtime-python]
inputs: {{programs: null, signals: null}}
tools: {{default: allow}}
egress: {{tcp: ["127.0.0.1:9001"]}}
files: {{read: ["${{programs}}", "${{signals}}"{more}]}}
"""


class Bench(StagedTests):
    """An empty network namespace with who receives there, and a server that goes where its policy does not permit."""

    @classmethod
    def setUpClass(cls):
        space = network_namespace()
        space.__enter__()
        cls.addClassCleanup(space.__exit__, None, None, None)
        super().setUpClass()
        cls.signals = cls.stage.root / "signals"
        cls.signals.mkdir()
        cls.receivers = Receivers()
        for address in ("127.0.0.1", "::1"):
            for port in (PERMITTED, FORBIDDEN):
                cls.receivers.tcp(address, port)
        cls.receivers.start()
        cls.addClassCleanup(cls.receivers.close)

    def setUp(self):
        super().setUp()
        self.receivers.forget()
        self.server = ["/usr/bin/python3", self.stage.servers / "denied_server.py"]

    def command(self, python=None):
        policy = self.written_policy(POLICY.format(more=f', "{self.environment}"' if python else ""))
        server = [python or self.server[0], self.server[1]]
        return self.wrap(policy, server, {"programs": self.stage.servers, "signals": self.signals})

    def begun(self, version: str = LEGACY) -> Wire:
        wire = self.wire(self.command(), version)
        welcome = wire.begin()
        self.assertIn("result", welcome, f"{wire.said()}\n{self.stage.daemon.said()[-2000:]}")
        return wire

    def finished(self, wire: Wire) -> list[dict]:
        """The bodies of the session's denials."""
        self.assertEqual(wire.close(), 0, wire.said())
        self.assert_nothing_left()
        self.evidence_verifies()
        return [receipt["body"] for receipt in self.receipts("kernel-denial")]

    def spool_number(self, tool: str) -> int:
        """Of the decision about the one call of a tool."""
        [number] = [receipt["spoolNumber"] for receipt in self.receipts("decision") if receipt["body"].get("tool") == tool]
        return number

    def assert_nobody_came(self):
        self.receivers.settle()
        self.assertEqual(self.receivers.strangers(), [])

    def violations(self) -> list[dict]:
        return [receipt["body"] for receipt in self.receipts("lifecycle") if receipt["body"].get("event") == "violation"]

    def await_count(self, count: int):
        """Until the programs have counted so many."""
        [pin] = [pin for pin in self.stage.pins() if pin.endswith("/counters")]
        until(lambda: denied(pin) == count, 10, f"{count} denials in {pin}")

    def signal(self):
        """A file that `later` waits for; not there yet."""
        file = self.signals / "now"
        self.addCleanup(file.unlink, missing_ok=True)
        return file


def denied(pin: str) -> int:
    """The first counter of a pinned map: BPF_OBJ_GET, BPF_MAP_LOOKUP_ELEM."""
    def bpf(command: int, attributes: bytes) -> int:
        room = ctypes.create_string_buffer(attributes, 128)
        result = libc.syscall({"x86_64": 321, "aarch64": 280}[platform.machine()], command, room, len(room))
        if result < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), pin)
        return result

    libc = ctypes.CDLL(None, use_errno=True)
    path, key, value = ctypes.create_string_buffer(pin.encode()), ctypes.c_uint32(0), ctypes.create_string_buffer(256)
    number = bpf(7, struct.pack("=QII", ctypes.addressof(path), 0, 0))
    try:
        bpf(1, struct.pack("=IIQQ", number, 0, ctypes.addressof(key), ctypes.addressof(value)))
    finally:
        os.close(number)
    return struct.unpack_from("=Q", value)[0]


class DenialTests(Bench):
    def test_unconfined_it_gets_through(self):
        with Wire(self.server, start=self.user.start, environment=self.stage.environment(self.user)) as wire:
            wire.begin()
            for address in ("127.0.0.1", "::1"):
                self.assertEqual(wire.text("connect", address=address, port=FORBIDDEN), "connected")
        until(lambda: len(self.receivers.strangers()) == 2, 10, "both connections")

    def test_the_only_call_in_flight_is_held_to_be_the_cause(self):
        for address in ("127.0.0.1", "::1"):
            with self.subTest(address=address):
                wire = self.begun()
                self.assertEqual(wire.text("connect", address="127.0.0.1", port=PERMITTED), "connected", "a permitted one")
                self.receivers.settle()
                self.receivers.forget()
                result = wire.call("connect", address=address, port=FORBIDDEN, count=3)["result"]
                texts = [item["text"] for item in result["content"]]
                self.assertEqual(len(texts), 2, texts)
                self.assertIn("failed", texts[0])
                where = f"[{address}]" if ":" in address else address
                self.assertIn(f"connect to {where}:{FORBIDDEN} (tcp), 3 times", texts[1])
                self.assertIn("inferred: only call in flight", texts[1])
                self.assertEqual(result["structuredContent"], {"said": texts[0]})
                self.assertEqual(wire.text("release"), "done", "the next call has no part in it")
                denials = self.finished(wire)
                self.assertEqual(sum(denial["count"] for denial in denials), 3)
                outcomes = self.receipts("outcome")
                for denial in denials:
                    self.assertEqual(denial["calls"], [outcomes[1]["body"]["decision"]])
                    self.assertEqual({name: denial[name] for name in ("address", "port", "transport", "hook", "attribution", "rule", "claim")},
                                     {"address": address, "port": FORBIDDEN, "transport": "tcp", "hook": "connect6" if ":" in address else "connect4",
                                      "attribution": "inferred", "rule": "only call in flight", "claim": "observed"})
                told = [receipt["spoolNumber"] for receipt in self.receipts("kernel-denial")]
                self.assertEqual([outcome["body"].get("denials") for outcome in outcomes], [None, {"receipts": told}, None])
                self.assertLess(max(told), outcomes[1]["spoolNumber"], "receipt first")
                self.assertEqual(self.violations(), [])
                self.assert_nobody_came()

    def test_of_several_calls_in_flight_each_is_named_and_none_is_blamed(self):
        wire = self.begun()
        held = wire.ask("tools/call", {"name": "hold", "arguments": {}})
        result = wire.call("connect", address="127.0.0.1", port=FORBIDDEN)["result"]
        self.assertEqual(len(result["content"]), 1, result)
        wire.call("release")
        self.assertIn("result", wire.answer(held))
        [denial] = self.finished(wire)
        self.assertEqual(denial["attribution"], "several")
        self.assertNotIn("rule", denial)
        self.assertEqual(denial["calls"], sorted([self.spool_number("hold"), self.spool_number("connect")]))
        [told] = [receipt["spoolNumber"] for receipt in self.receipts("kernel-denial")]
        bound = {receipt["body"]["decision"]: receipt["body"].get("denials") for receipt in self.receipts("outcome")}
        self.assertEqual(bound, {self.spool_number("hold"): {"receipts": [told]}, self.spool_number("connect"): {"receipts": [told]},
                                 self.spool_number("release"): None})
        self.assert_nobody_came()

    def test_the_launch_says_which_denials_can_be_seen(self):
        wire = self.begun()
        self.finished(wire)
        [launch] = self.receipts("launch")
        seen = launch["body"]["kernelDenials"]
        self.assertEqual(seen["observed"], ["egress.tcp"])
        self.assertIn("files.read", seen["absent"])

    def test_with_no_call_in_flight_it_is_the_sessions(self):
        wire = self.begun()
        signal_file = self.signal()
        self.assertEqual(wire.text("later", when=str(signal_file), address="127.0.0.1", port=FORBIDDEN), "done")
        signal_file.touch()
        until(lambda: "the kernel denied the server: connect to 127.0.0.1:9002 (tcp) (no call in flight)" in wire.said(), 10, "a line on stderr")
        [denial] = self.finished(wire)
        self.assertEqual((denial["attribution"], denial["calls"]), ("none", []))
        self.assert_nobody_came()

    def test_results_with_a_note_are_valid_in_every_version(self):
        for version in VERSIONS:
            with self.subTest(version=version):
                schema, wire = Schema(version), self.begun(version)
                answer = wire.call("connect", address="127.0.0.1", port=FORBIDDEN)
                self.assertEqual(len(answer["result"]["content"]), 2)
                self.assertEqual(schema.faults("JSONRPCMessage", answer) + schema.faults("CallToolResult", answer["result"]), [])
                self.finished(wire)

    def test_the_official_client_takes_results_with_a_note(self):
        for sdk, mode in ((required("SANDBOXD_SDK2"), "auto"), (required("SANDBOXD_SDK2"), "legacy"), (required("SANDBOXD_SDK1"), "legacy")):
            with self.subTest(sdk=sdk.name, mode=mode):
                events = self.session(sdk, mode, self.command(), ["--list"], call("connect", address="127.0.0.1", port=FORBIDDEN))
                answer = self.answers(events)[1]
                self.assertEqual(answer["outcome"], "result", answer)
                self.assertIn("inferred: only call in flight", answer["text"])
                self.assertIn("failed", answer["data"]["structuredContent"]["said"])

    def test_many_are_counted_and_none_is_lost_silently(self):
        wire = self.begun()
        result = wire.call("spread", address="127.0.0.1", count=40)["result"]
        self.assertIn("and more", result["content"][1]["text"])
        wire.call("spread", address="127.0.0.1", count=400)
        denials = self.finished(wire)
        told = sum(denial.get("count", 0) for denial in denials)
        lost = sum(denial.get("lost", 0) for denial in denials)
        self.assertEqual(told + lost, 440, denials)
        self.assertGreater(lost, 0, "more than the ring has room for")
        self.assertLess(len(denials), 40)
        self.assertTrue(any("kinds" in denial for denial in denials))
        self.assertEqual(self.violations(), [])

    def test_what_the_gate_did_not_come_to_read_is_told_by_the_daemon(self):
        """It is stopped, and then killed with the rest."""
        wire = self.begun()
        signal_file = self.signal()
        wire.call("later", when=str(signal_file), address="127.0.0.1", port=FORBIDDEN)
        [gate] = session_processes(self.stage, "sandbox-gate")
        os.kill(gate.pid, signal.SIGSTOP)
        signal_file.touch()
        self.await_count(1)
        gate.kill()
        wire.process.wait(20)
        self.assert_nothing_left()
        [receipt] = self.receipts("kernel-denial")
        self.assertNotIn("spoolNumber", receipt)
        self.assertEqual((receipt["body"]["attribution"], receipt["body"]["count"]), ("none", 1))
        self.assertEqual(self.violations(), [])

    def test_the_next_daemon_compares_what_the_first_one_cannot(self):
        wire = self.begun()
        wire.call("connect", address="127.0.0.1", port=FORBIDDEN, count=2)
        daemon = self.stage.daemon
        daemon.process.send_signal(signal.SIGKILL)
        daemon.process.wait(20)
        wire.call("connect", address="127.0.0.1", port=FORBIDDEN, count=3)
        daemon.start()
        self.before = self.before[0], self.before[1], 1 << 20
        denials = self.finished(wire)
        self.assertEqual(sum(denial["count"] for denial in denials), 5)
        self.assertEqual(self.violations(), [])


class HidingGateTests(Bench):
    """A gate that takes what the kernel denied out of the ring buffer, and says nothing of it."""

    @classmethod
    def start_daemon(cls):
        cls.stage.install(required("SANDBOXD_BIN") / "hiding-gate", "sandbox-gate")
        super().start_daemon()

    def assert_found(self, count: int):
        [violation] = self.violations()
        facts = {name: violation[name] for name in ("peer", "fault", "counted", "told", "hidden", "invented", "lost", "waiting")}
        self.assertEqual(facts, {"peer": "gate", "fault": "untold-denials", "counted": count, "told": 0, "hidden": count, "invented": 0, "lost": 0,
                                 "waiting": 0})
        self.assertEqual(self.receipts("kernel-denial"), [])

    def test_it_is_found_while_the_session_runs_and_the_session_ends(self):
        wire = self.begun()
        self.assertEqual(len(wire.call("connect", address="127.0.0.1", port=FORBIDDEN)["result"]["content"]), 1, "it says nothing")
        wire.process.wait(20)
        self.assert_nothing_left()
        self.assert_found(1)
        self.evidence_verifies()

    def test_it_is_found_at_the_end(self):
        wire = self.begun()
        wire.call("connect", address="127.0.0.1", port=FORBIDDEN, count=2)
        self.assertEqual(self.finished(wire), [])
        self.assert_found(2)

    def test_it_is_found_by_the_next_daemon(self):
        wire = self.begun()
        daemon = self.stage.daemon
        daemon.process.send_signal(signal.SIGKILL)
        daemon.process.wait(20)
        wire.call("connect", address="127.0.0.1", port=FORBIDDEN)
        wire.close()
        daemon.start()
        self.before = self.before[0], self.before[1], 1 << 20
        self.assert_nothing_left()
        self.assert_found(1)

    def test_where_nothing_was_denied_nothing_is_found(self):
        wire = self.begun()
        self.assertEqual(wire.text("connect", address="127.0.0.1", port=PERMITTED), "connected")
        self.assertEqual(self.finished(wire), [])
        self.assertEqual(self.violations(), [])
