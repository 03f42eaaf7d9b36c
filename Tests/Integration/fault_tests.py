"""Sessions under load, several at the same time, for tests in which something dies, fills up or stands still: what must be true afterwards."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bpf_objects import objects
from cases import is_long
from confinement import held, of_session
from ledger_tests import LedgerTests, Load, code
from stage import until
from test_serving import Service
from wire import Wire

# Seconds between two calls, of which 32 are in flight: what the log takes while all of it runs on two processors.
PAUSE = 0.002 if is_long() else 0.0005
SLOTS = 8  # sessions that can have uids at the same time
# No other policy of these tests has as many; their objects are told from those of others by it.
ENDPOINTS = 41
# All that a session can have and must give back: a uid and a home, programs and maps, limits.
CLAUSES = f"""
server: {{user: session}}
egress: {{tcp: [{", ".join(f'"192.0.2.{number}:9"' for number in range(1, ENDPOINTS + 1))}]}}
processes: {{tasks: 8, memory: 64MiB}}
"""


@dataclass
class Pressed:
    """A session with calls in flight."""

    id: str
    kind: str
    wire: Wire
    load: Load

    def goes_on(self) -> bool:
        """More calls are answered than have been sent by now."""
        sent = self.load.sent
        until(lambda: self.load.sent > sent + self.load.window or not self.load.thread.is_alive(), 20, f"the load of session {self.id} to go on")
        return self.load.thread.is_alive()


class FaultTests(LedgerTests):
    """The kinds of sessions: by `wrap`, as the caller or with a uid of their own, with either durability; and by `connect`, through a service."""

    patience = 30
    KINDS = ("ledger", "held", "ledger-disk", "connect")

    @classmethod
    def start_daemon(cls):
        cls.stage.daemon.options = ["--users", f"100000-{100_000 + 4 * SLOTS - 1}"]
        super().start_daemon()

    def setUp(self):
        super().setUp()
        self.ledgers = self.stage.root / "ledgers"  # whoever writes there
        self.ledgers.mkdir(exist_ok=True)
        self.ledgers.chmod(0o777)
        self.services: list[Service] = []
        self.pressed: list[Pressed] = []
        self.held = self.written_policy(self.policy("ledger").read_text().replace("name: ledger", "name: held") + CLAUSES, "held.yaml")

    def tearDown(self):
        for one in self.pressed:
            one.load.stopping = True
        self.end_wires()
        for service in list(self.services):
            service.remove()
        super().tearDown()

    # Sessions

    def press(self, kind: str, **options) -> Pressed:
        """One more session beside those that run, and calls on it without end."""
        before = self.keepers()
        wire = self.connected() if kind == "connect" else self.begun_beside(self.held if kind == "held" else kind)
        (session,) = self.keepers() - before
        # Until then a daemon that dies takes it along: the launch is not over when the server answers.
        until(lambda: [held(keeper)["Seccomp"] for keeper in of_session(session, "keeper")] == ["2"], 10, "the end of the launch")
        load = Load(wire, f"{self.id()}.{self.tag}.load", **{"pause": PAUSE} | options)
        self.pressed.append(Pressed(session, kind, wire, load))
        return self.pressed[-1]

    def keepers(self) -> set[str]:
        return set(os.listdir(self.stage.root / "state/keepers"))

    def connected(self) -> Wire:
        """A session of the service, by the client's side of it."""
        self.tag += 1
        wire = Wire([self.stage.sandboxctl, "connect", self.service().path], start=self.user.start)
        self.wires.append(wire)
        self.assertIn("result", wire.begin(), f"{wire.said()}\n{self.services[0].said()}")
        wire.tag = self.tag
        return wire

    def service(self) -> Service:
        """The one service, whose sessions have uids of their own."""
        if not self.services:
            ledger = self.ledgers / f"{self.id()}.service"
            text = self.policy("ledger").read_text().replace("name: ledger", "name: served").replace("inputs: {programs: null, ledger: null}\n", "")
            text = text.replace("${programs}", str(self.stage.servers)).replace("${ledger}", str(self.ledgers))
            ledger.touch()
            ledger.chmod(0o666)
            command = f'server: {{command: [/usr/bin/python3, "{self.stage.servers}/ledger_server.py", "{ledger}"]}}\n'
            Service(self, "served", "--policy", self.written_policy(text + command, "served.yaml")).ready()
        return self.services[0]

    def end_service(self):
        """And nobody else's session with it."""
        wires, self.wires = self.wires, []
        try:
            self.services[0].remove()
        finally:
            self.wires = wires

    def end_pressed(self):
        """All of them, as clients that have finished do."""
        for one in self.pressed:
            one.load.stop()
        while self.pressed:
            one = self.pressed.pop()
            self.assertEqual(one.wire.close(), 0, one.wire.said())
            self.wires.remove(one.wire)

    def sent(self) -> int:
        return sum(one.load.sent for one in self.pressed)

    # What came of it

    def assert_ended(self, gone: Pressed) -> float:
        """The client sees the end of its session, and no process of it lives on; after how many seconds."""
        began = time.monotonic()
        until(lambda: not of_session(gone.id), 20, f"the end of session {gone.id}: {of_session(gone.id)}")
        took = time.monotonic() - began
        gone.load.thread.join(20)
        self.assertFalse(gone.load.thread.is_alive(), "the client sees the end")
        gone.wire.process.wait(20)
        self.pressed.remove(gone)
        self.wires.remove(gone.wire)
        gone.wire.end()
        return took

    def assert_others_go_on(self):
        with ThreadPoolExecutor(max(1, len(self.pressed))) as pool:
            self.assertEqual(list(pool.map(Pressed.goes_on, self.pressed)), [True] * len(self.pressed))
        self.assert_confined()

    def assert_recovered(self) -> tuple[int, int]:
        """All sessions are over: nothing is left of them, in the kernel neither, what servers saw has receipts, each call was made once, and the daemon
        serves as many sessions as ever. How many calls servers saw, and how many more have receipts."""
        while self.services:
            self.end_service()
        self.assert_nothing_left()
        until(lambda: not any(objects(ENDPOINTS).values()), 10, "the end of what the kernel held")
        seen, recorded = self.seen(), self.recorded()
        self.assertEqual((len(set(seen)), len(set(recorded))), (len(seen), len(recorded)))
        self.assertEqual(set(seen) - set(recorded), set(), "calls without receipts")
        self.assert_serves()
        self.evidence_verifies()
        return len(seen), len(recorded) - len(seen)

    def assert_serves(self):
        """As many sessions at the same time as there are uids: none is lost. The kernel then holds something for each, and the daemon has as many
        descriptors afterwards as before."""
        self.before = self.before[0], self.before[1], 1 << 20  # another process, perhaps, which has had no session yet
        self.served(1)
        self.before = self.before[0], self.before[1], self.stage.daemon.descriptors()
        self.served(SLOTS)

    def served(self, count: int):
        wires = [self.begun_beside(self.held) for _ in range(count)]
        self.assertEqual([code(self.call(wire, "serves")) for wire in wires], [""] * count)
        self.assertGreater(min(objects(ENDPOINTS).values()), 0, "a session's objects are found")
        self.assert_confined()
        self.assertEqual([wire.close() for wire in wires], [0] * count)
        self.wires = [wire for wire in self.wires if wire not in wires]
        self.assert_nothing_left()
        until(lambda: not any(objects(ENDPOINTS).values()), 10, "the end of what the kernel held")
