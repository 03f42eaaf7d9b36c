"""The daemon stands still for a while and goes on, as after SIGSTOP, or on a host that was frozen: what the gates decide alone goes on meanwhile, what needs
the daemon is blocked or waits, and afterwards nothing is missing and nothing was done twice."""

import os
import signal
import time
from concurrent.futures import Future, ThreadPoolExecutor

from cases import is_long
from confinement import of_session
from fault_tests import FaultTests
from ledger_tests import code
from stage import until
from wire import Wire

# Longer than a gate waits for a daemon that does not answer (10 s), and than sandboxctl does (15 s).
SECONDS = 30 if is_long() else 16.5
ABSENT, SPENT, BEHIND = "D304", "D107", "D309"
RULES = """\
    - {id: ask, tools: [ask], effect: ask}
    - {id: pay, tools: [pay], effect: allow, budget: {name: pays, of: /amount, limit: 5, per: day}}
approvals: {by: [caller], wait: 90s, within: 5m}
"""


class StandingStillTests(FaultTests):
    def asking(self) -> Wire:
        """A session of which some calls need the daemon."""
        text = self.policy("ledger").read_text().replace("name: ledger", "name: asking").replace("effect: allow}\n", "effect: allow}\n" + RULES)
        return self.begun_beside(self.written_policy(text, "asking.yaml"))

    def talkative(self) -> Wire:
        """A session whose receipts are long, so that its record is soon as far ahead of the log as it may be."""
        text = self.policy("ledger").read_text().replace("effect: allow}", f"effect: allow, labels: {{long: {'x' * 100_000}}}}}")
        return self.begun_beside(self.written_policy(text, "talkative.yaml"))

    def ask(self, wire: Wire, tool: str, name: str, **arguments) -> str:
        id = f"{self.id()}.{name}"
        wire.send({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": tool, "arguments": arguments}})
        return id

    def pay(self, wire: Wire, name: str, amount: int) -> str:
        return code(wire.answer(self.ask(wire, "pay", name, amount=amount)))

    def waiting(self) -> list[str]:
        lines = self.sandboxctl("approvals", "list").stdout.splitlines()[1:]
        return [line.split()[0] for line in lines]

    def timed(self, *words) -> tuple[int, float, str]:
        began = time.monotonic()
        done = self.sandboxctl(*words)
        return done.returncode, time.monotonic() - began, done.stderr

    def test_what_the_gate_decides_alone_goes_on_and_nothing_is_lost_or_done_twice(self):
        for kind in ("ledger", "held", "connect"):
            self.press(kind, window=4)
            self.pressed[-1].load.pause = 0.005
        leaving, asking, talkative = self.press("held", window=1), self.asking(), self.talkative()
        self.assertEqual(self.pay(asking, "pay.before", 1), "")
        listed = self.ask(asking, "ask", "ask.listed")
        until(self.waiting, 10, "the call that waits")
        pool = ThreadPoolExecutor(4)
        daemon = self.stage.daemon.process
        os.kill(daemon.pid, signal.SIGSTOP)
        began = time.monotonic()
        try:
            clients, launched, killed = self.clients_come(pool)
            late = listed, self.ask(asking, "ask", "ask.meanwhile"), self.ask(asking, "pay", "pay.meanwhile", amount=2)
            leaving.wire.process.kill()
            ended = self.assert_ended(leaving)
            self.assert_others_go_on()
            behind = self.blocked(talkative)
            self.assertEqual([code(asking.answer(id)) for id in late], [ABSENT] * 3)
            waited = time.monotonic() - began
            self.assertTrue(9 < waited < 15, waited)
            self.assertEqual(code(self.call(asking, "alone")), "", "what the gate decides alone goes on")
            killed.process.kill()
            killed.process.wait(20)
            until(lambda: time.monotonic() - began > SECONDS - 3, SECONDS, "the end of the standstill")
            self.assert_others_go_on()
            early, launched = launched, self.begins()
            until(lambda: time.monotonic() - began > SECONDS, SECONDS, "the end of the standstill")
            self.assertEqual(of_session(leaving.id), [])
        finally:
            os.kill(daemon.pid, signal.SIGCONT)
        self.assert_bounded(clients)
        self.assertIn("no answer", early.answer(1)["error"]["message"])
        self.assertEqual(early.close(), 125)
        self.wires.remove(early)
        self.assertIn("result", launched.answer(1, 40), launched.said())
        until(lambda: not code(self.call(talkative, "again")), 20, "the log to have caught up")
        self.assertEqual(self.waiting(), [], "what was answered meanwhile waits no longer")
        again = self.ask(asking, "ask", "ask.after")
        (approval,) = until(self.waiting, 10, "the call that waits")
        self.assertEqual(self.sandboxctl("approvals", "approve", approval).returncode, 0)
        self.assertEqual(code(asking.answer(again)), "")
        # Of the five one was spent before, and what was blocked meanwhile was not.
        self.assertEqual([self.pay(asking, f"pay.{amount}", amount) for amount in (4, 1)], ["", SPENT])
        sent = self.sent()
        self.end_pressed()
        for wire in (asking, talkative, launched):
            self.assertEqual(wire.close(), 0, wire.said())
            self.wires.remove(wire)
        seen, more = self.assert_recovered()
        ids = [id.removeprefix(f"{self.id()}.") for id in self.seen() if id.split(".")[-2] in ("ask", "pay")]
        self.assertEqual(ids, ["pay.before", "ask.after", "pay.4"], "what was blocked was not done")
        self.assertIsNone(daemon.poll())
        print(f"         {SECONDS} s without a turn of the daemon: {sent} calls sent in 3 sessions, {seen} seen by servers, each with a receipt, {more} more "
              f"receipts; a session whose client was killed meanwhile was gone after {1000 * ended:.0f} ms; blocked after {waited:.1f} s without an answer; "
              f"{behind} calls of 100 kB receipts until the record was too far ahead", flush=True)

    def clients_come(self, pool: ThreadPoolExecutor) -> tuple[list[Future], Wire, Wire]:
        """Those who ask while nobody answers: two for the state of things; one who wants a session and waits; one who wants one and is killed."""
        clients = [pool.submit(self.timed, *words) for words in (("status",), ("approvals", "list"))]
        return clients, self.begins(), self.begins()

    def begins(self) -> Wire:
        """A session that is asked for."""
        command = self.wrap("raw", ["/usr/bin/python3", self.stage.servers / "raw_server.py"], {"programs": self.stage.servers})
        wire = Wire(command, start=self.user.start, environment=self.stage.environment(self.user))
        self.wires.append(wire)
        wire.ask("initialize", {"protocolVersion": wire.version, "capabilities": {}, "clientInfo": {"name": "wire", "version": "1"}})
        return wire

    def assert_bounded(self, clients: list[Future]):
        """Each has an answer, or an error that says that the daemon does not answer, in a bounded time."""
        for client in clients:
            status, seconds, said = client.result(30)
            self.assertLess(seconds, SECONDS + 3)
            if seconds < SECONDS - 1:
                self.assertEqual(status, 5, said)
                self.assertRegex(said, "does not answer|no answer")

    def blocked(self, wire: Wire) -> int:
        for count in range(1_000):
            if found := code(self.call(wire, "talks")):
                self.assertEqual(found, BEHIND)
                return count
        self.fail("no call was blocked")
