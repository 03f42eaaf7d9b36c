"""The host's clock is set by hours, forwards and back, while sessions run: what has a time limit keeps it, and nothing is given twice.

A guest has a clock of its own; on a machine that others use nobody sets it.
"""

import grp
import json
import subprocess
import time
import unittest
from contextlib import contextmanager
from pathlib import Path

from guest import SANDBOXD, SESSIONS, install, journal, require_guest, show, systemctl
from stage import HERE, User, until
from wire import Wire

HOUR, DAY = 3_600, 86_400
LIMIT, BUDGET, AWAITS = "D106", "D107", "D122"
POLICY = """\
sandboxd: 1
name: timed
include: [runtime-python]
server: {user: session, command: [/usr/bin/python3, /usr/local/lib/timed/ledger_server.py, /usr/local/lib/timed/ledger]}
tools:
  rules:
    - {id: note, tools: [note], effect: allow}
    - {id: few, tools: [few], effect: allow, limit: {calls: 3, per: hour}}
    - {id: pay, tools: [pay], effect: allow, budget: {name: pays, of: /amount, limit: 5, per: day}}
    - {id: ask, tools: [ask], effect: ask}
    - {id: long, tools: [long], effect: ask}
approvals: {by: [caller], wait: WAIT, within: 5m}
files:
  read: [/usr/local/lib/timed]
  write: [/usr/local/lib/timed/ledger]
"""


class ClockTests(unittest.TestCase):
    jumps = 0

    @classmethod
    def setUpClass(cls):
        require_guest()
        install()
        cls.user = User("timed", Path("/home/timed"))
        cls.user.gid = grp.getgrnam("sandboxd-users").gr_gid
        cls.addClassCleanup(cls.user.remove)
        cls.place = Path("/usr/local/lib/timed")
        cls.place.mkdir()
        (cls.place / "ledger_server.py").write_bytes((HERE / "ledger_server.py").read_bytes())
        cls.ledger = cls.place / "ledger"
        cls.ledger.touch()
        cls.ledger.chmod(0o666)

    @classmethod
    def tearDownClass(cls):
        print(f"         {cls.jumps} times the clock was set in all", flush=True)

    def setUp(self):
        self.wires: list[Wire] = []
        self.set = 0  # seconds that the clock is ahead of what it would show
        self.addCleanup(self.clock, 0)
        systemctl("start", SANDBOXD)

    def tearDown(self):
        for wire in self.wires:
            wire.__exit__()
        systemctl("stop", SANDBOXD, SESSIONS, check=False)
        systemctl("reset-failed", SANDBOXD, SESSIONS, check=False)

    def clock(self, ahead: int):
        """Sets it to so many seconds ahead of what it was at the beginning, and counts."""
        require_guest()
        if ahead != self.set:
            time.clock_settime(time.CLOCK_REALTIME, time.time() + ahead - self.set)
            self.set = ahead
            type(self).jumps += 1

    @contextmanager
    def ahead(self, seconds: int):
        before = self.set
        self.clock(before + seconds)
        try:
            yield
        finally:
            self.clock(before)

    def begun(self, wait: str = "60s") -> Wire:
        policy = Path(f"/etc/sandboxd/policies/timed-{wait}.yaml")
        self.addCleanup(policy.unlink, missing_ok=True)
        policy.write_text(POLICY.replace("WAIT", wait))
        policy.chmod(0o644)
        self.wires.append(Wire(["sandboxctl", "wrap", "--policy", policy], start=self.user.start))
        self.assertIn("result", self.wires[-1].begin(60), f"{self.wires[-1].said()}\n{journal(SANDBOXD)[-3000:]}")
        return self.wires[-1]

    def send(self, wire: Wire, tool: str, name: str, **arguments) -> str:
        wire.next_id += 1
        id = f"{self.id()}.{name}.{len(self.wires)}.{wire.next_id}"
        wire.send({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": tool, "arguments": arguments}})
        return id

    def called(self, wire: Wire, tool: str, **arguments) -> str:
        """What a call was blocked with; nothing when it was made."""
        return self.code(wire.answer(self.send(wire, tool, tool, **arguments), 40))

    @staticmethod
    def code(answer: dict) -> str:
        return answer["result"].get("_meta", {}).get("io.sandboxd/decision", {}).get("code", "")

    def seen(self, name: str) -> int:
        """How many calls of that kind the server of this test saw."""
        return sum(f"{self.id()}.{name}." in line for line in self.ledger.read_text().splitlines())

    def approvals(self, *words, status: int = 0) -> str:
        done = self.user.run(["sandboxctl", "approvals", *words])
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout

    def waiting(self) -> list[dict]:
        return json.loads(self.approvals("list", "--json"))["approvals"]

    def test_limits_by_the_hour_do_not_follow_the_clock(self):
        wire = self.begun()
        self.assertEqual([self.called(wire, "few") for _ in range(4)], ["", "", "", LIMIT])
        for ahead in (3 * HOUR, -6 * HOUR, 10 * DAY, -10 * DAY):
            self.clock(ahead)
            self.assertEqual([self.called(wire, "few"), self.called(wire, "note")], [LIMIT, ""], ahead)
        self.assertEqual(self.seen("few"), 3)
        self.assertEqual(wire.close(), 0, wire.said())

    def test_a_day_budget_is_one_for_each_day_and_none_comes_twice(self):
        wire = self.begun()
        self.clock(DAY)  # a day of this test's own
        self.assertEqual([self.called(wire, "pay", amount=amount) for amount in (4, 2, 1)], ["", BUDGET, ""])
        for ahead in (DAY - 6 * HOUR, DAY + 6 * HOUR, 0, -DAY):
            if (int(time.time()) - self.set + ahead) // DAY <= (int(time.time()) - self.set + DAY) // DAY:
                self.clock(ahead)
                self.assertEqual(self.called(wire, "pay", amount=1), BUDGET, ahead)
        self.clock(3 * DAY)
        self.assertEqual([self.called(wire, "pay", amount=amount) for amount in (5, 1)], ["", BUDGET], "another day")
        self.clock(DAY)
        self.assertEqual(self.called(wire, "pay", amount=1), BUDGET, "what was spent tomorrow is spent today")
        self.assertEqual(self.seen("pay"), 3)
        self.assertEqual(wire.close(), 0, wire.said())

    def test_a_question_is_open_for_as_long_as_it_says(self):
        wire = self.begun()
        for ahead in (3 * HOUR, -3 * HOUR):
            id = self.send(wire, "ask", "ask")
            (one,) = until(self.waiting, 20, "the call that waits")
            self.clock(ahead)
            (later,) = self.waiting()
            self.assertEqual(later["id"], one["id"])
            self.assertTrue(0 < later["expires"] - time.time() <= 301, later)
            self.assertTrue(-2 <= time.time() - later["asked"] < 120, later)
            self.approvals("approve", one["id"])
            self.assertEqual(self.code(wire.answer(id)), "")
            self.clock(0)
        self.assertEqual(self.seen("ask"), 2)
        self.assertEqual(wire.close(), 0, wire.said())

    def test_a_grant_is_for_its_time_and_for_one_call(self):
        wire = self.begun("1s")
        for ahead in (HOUR, -HOUR):
            self.assertEqual(self.called(wire, "long"), AWAITS)
            (one,) = until(self.waiting, 20, "the call that is for the next one")
            self.approvals("approve", one["id"])
            with self.ahead(ahead):
                self.assertEqual(self.called(wire, "long"), AWAITS, f"a grant of another time, {ahead} s away")
                for one in self.waiting():
                    self.approvals("deny", one["id"])
                self.assertEqual(self.called(wire, "long"), "D121")
            self.assertEqual([self.called(wire, "long") for _ in range(2)], ["", AWAITS], "its time has come, for one call")
            for one in self.waiting():
                self.approvals("deny", one["id"])
            self.assertEqual(self.called(wire, "long"), "D121")
        self.assertEqual(self.seen("long"), 2)
        self.assertEqual(wire.close(), 0, wire.said())

    def test_receipts_are_in_order_and_signed_and_the_daemon_goes_on(self):
        wire = self.begun()
        before = self.jumps
        restarts = show(SANDBOXD, "NRestarts", "MainPID")
        aheads = (2 * HOUR, -2 * HOUR, 30 * HOUR, -30 * HOUR, 5, 0)
        for ahead in aheads:
            self.clock(ahead)
            self.assertEqual([self.called(wire, "note") for _ in range(5)], [""] * 5)
            if ahead in (-2 * HOUR, 30 * HOUR):
                until(lambda: " 0 of them pending" in self.log_status(), 30, "all to be signed, whatever the time")
            other = self.begun()
            self.assertEqual(self.called(other, "note"), "")
            self.assertEqual(other.close(), 0, other.said())
        self.assertEqual(show(SANDBOXD, "NRestarts", "MainPID"), restarts, "the watchdog does not go by it")
        systemctl("restart", SANDBOXD)
        self.assertEqual(self.called(wire, "note"), "")
        self.assertEqual(wire.close(), 0, wire.said())
        until(lambda: not self.of_sessions(), 20, "the end of the session")
        systemctl("stop", SANDBOXD)
        verified = subprocess.run(["sandboxctl", "receipts", "verify", "/var/lib/sandboxd/evidence"], capture_output=True, text=True, timeout=60)
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)
        receipts = [json.loads(line) for segment in sorted(Path("/var/lib/sandboxd/evidence/segments").iterdir()) for line in segment.read_text().splitlines()]
        recorded = {receipt["body"].get("id") for receipt in receipts if receipt["kind"] == "decision" and receipt["body"]["decision"] == "forward"}
        seen = [line for line in self.ledger.read_text().splitlines() if line]
        self.assertEqual(set(seen) - recorded, set())
        self.assertEqual(len(set(seen)), len(seen))
        back = sum(later["time"] < earlier["time"] for earlier, later in zip(receipts, receipts[1:]))
        print(f"         {self.jumps - before} times the clock was set, by 5 s to 60 h: {len(seen)} calls that servers saw, each with a receipt; {len(receipts)} "
              f"receipts verify, {back} of them earlier by the clock than the one before", flush=True)
        self.assertGreaterEqual(back, 2)

    def log_status(self) -> str:
        return self.user.run(["sandboxctl", "status"]).stdout

    @staticmethod
    def of_sessions() -> list:
        return list(Path("/sys/fs/cgroup/system.slice").glob(f"{SESSIONS}/sandboxd.*"))
