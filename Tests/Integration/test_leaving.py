"""A daemon that is told to leave ends alone: its sessions go on, and the next daemon, of whatever version, takes them over. SIGTERM ends both."""

import json
import os
import random
import re
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

from act_tests import ActTests
from cases import is_long
from hold_tests import HoldTests
from leaving_tests import Attempts, Listeners
from ledger_tests import LedgerTests, Load
from stage import until


class Restarting:
    """What these tests do to the daemon of their stage."""

    def leave(self, patience: float = 20):
        """SIGUSR1: it must end by itself, and well."""
        daemon = self.stage.daemon
        process, daemon.process = daemon.process, None
        process.send_signal(signal.SIGUSR1)
        self.assertEqual(process.wait(patience), 0, daemon.said()[-2000:])

    def killed(self):
        daemon = self.stage.daemon
        process, daemon.process = daemon.process, None
        process.kill()
        process.wait(20)

    def tearDown(self):
        if self.stage.daemon.process is None:
            self.stage.daemon.start()
        self.before = self.before[0], self.before[1], 1 << 20  # descriptors of another process
        super().tearDown()


class LeavingTests(Restarting, LedgerTests):
    def test_its_sessions_go_on_and_the_next_takes_them_over(self):
        wire = self.begun()
        self.call(wire, "before")
        self.leave()
        for _ in range(20):
            self.call(wire, "between")
        self.assertTrue(self.stage.own_processes())
        self.stage.daemon.start()
        self.call(wire, "after")
        self.end_session(wire)
        self.assert_all_recorded()
        self.assertEqual(self.bodies("left")[-1], {"event": "left", "sessions": 1})
        events = [receipt["body"]["event"] for receipt in self.log() if receipt["kind"] == "lifecycle" and "event" in receipt["body"]]
        self.assertEqual([event for event in events if event in ("left", "started", "stopped", "adopted")][-3:], ["left", "adopted", "started"])
        self.evidence_verifies()

    def test_what_it_leaves_is_signed(self):
        wire = self.begun()
        for _ in range(50):
            self.call(wire, "call")
        self.leave()
        done = subprocess.run([self.stage.sandboxctl, "receipts", "verify", "--json", self.evidence], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["pending"], 0)
        self.assert_all_recorded()
        self.stage.daemon.start()
        self.end_session(wire)

    def test_sigterm_ends_all_sessions(self):
        wire = self.begun()
        self.call(wire, "before")
        self.assertEqual(self.stage.daemon.stop(), 0)
        until(lambda: not self.stage.own_processes(), 10, "the end of all that runs")
        self.assertIsNotNone(wire.process.wait(10))
        self.assert_all_recorded()

    def test_sigterm_while_it_leaves_ends_all_sessions(self):
        """`systemctl stop` while it is being started anew."""
        wire = self.begun()
        process = self.stage.daemon.process
        process.send_signal(signal.SIGUSR1)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(20), 0)
        self.stage.daemon.process = None
        until(lambda: not self.stage.own_processes(), 10, "the end of all that runs")
        wire.process.wait(10)
        self.assertEqual(self.bodies("stopped")[-1], {"event": "stopped"})

    def test_another_version_follows(self):
        """The files are replaced as a package manager does it: those that run keep what they run."""
        wire = self.begun()
        for name in ("sandboxd", "sandbox-keeper", "sandbox-gate", "sandboxctl"):
            path = self.stage.programs / name
            new = path.with_suffix(".new")
            new.write_bytes(path.read_bytes() + b"\n")  # another file, that says the same
            new.chmod(0o755)
            new.rename(path)
        self.leave()
        self.stage.daemon.start()
        self.call(wire, "after")
        second = self.begun_beside()
        self.call(second, "of the new one")
        self.assertEqual(second.close(), 0, second.said())
        self.call(wire, "still")
        self.end_session(wire)
        self.assert_all_recorded()

    def test_a_session_whose_record_is_of_another_version_is_ended(self):
        """It is not gone on with: nobody could say what holds it."""
        wire = self.begun()
        self.call(wire, "before")
        for follow in ("leaves", "is killed"):
            with self.subTest(f"a daemon that {follow}"):
                self.leave() if follow == "leaves" else self.killed()
                (record,) = (self.stage.root / "state/sessions").glob("*.json")
                said = record.read_text()
                record.write_text(said.replace('"version":1', '"version":2'))
                self.assertNotEqual(record.read_text(), said)
                exits = self.exits()
                self.stage.daemon.start()
                until(lambda: not self.stage.own_processes(), 10, "the end of the session")
                wire.process.wait(10)
                until(lambda: self.exits() > exits, 10, "the receipt of its end")
                self.assert_all_recorded()
                self.assertEqual(self.bodies("not-adopted")[-1], {"event": "not-adopted", "error": "no record that this version reads"})
                self.assert_nothing_left()
                wire = self.begun()
        self.end_session(wire)
        self.evidence_verifies()


class LoadTests(Restarting, ActTests, LedgerTests):
    def test_enforcement_does_not_lapse_and_no_receipt_is_lost(self):
        """Two sessions under load through restarts and kills: calls that are counted, and connections of which every second one must not get through."""
        rounds = 200 if is_long() else 12
        listeners = Listeners()
        self.addCleanup(listeners.close)
        clauses = f'egress: {{tcp: ["127.0.0.1:{listeners.port("granted")}"]}}\nprocesses: {{spawn: any, tasks: 8, memory: 64MiB}}\n'
        acting = self.held(clauses + 'files: {read: ["${server}"]}')
        self.wires = []
        attempts = Attempts(acting, listeners)
        try:
            noting = self.begun()
            load = Load(noting, f"{self.id()}.{self.tag}.load")
            gaps = [self.followed(index % 3 == 2) for index in range(rounds)]
            load.stop()
            attempts.stop()
            self.assertEqual(attempts.wrong, [])
            self.assertGreater(attempts.calls, rounds)
            self.assertEqual(self.act(acting, "fork-bomb", "20")["said"].split()[0], "7", "the limit of tasks holds still")
            self.end_session(noting)
            self.assertEqual(acting.close(), 0, acting.said())
        finally:
            self.wires.append(acting)
        until(lambda: listeners.came["granted"] >= attempts.calls // 2, 10, "the connections that are granted")
        self.assertEqual(listeners.came["other"], 0, "a connection that is not granted got through")
        self.assertEqual(self.free("tcp", "127.0.0.1", listeners.port("other"), "x")["errno"], 0, "positive control")
        until(lambda: listeners.came["other"] == 1, 10, "the positive control")
        self.assert_all_recorded()
        self.evidence_verifies()
        print(f"         {rounds} daemons: {load.sent} calls, all with their receipts; {attempts.calls} attempts, {attempts.calls // 2} of them forbidden, "
              f"none through; without a daemon {sorted(gaps)[len(gaps) // 2] * 1000:.0f} ms (median), {max(gaps) * 1000:.0f} ms (longest)", flush=True)

    def followed(self, is_killed: bool) -> float:
        """One daemon follows another; how many seconds there was none that accepts."""
        time.sleep(0.1)  # under load
        began = time.monotonic()
        if is_killed:
            self.killed()
        else:
            self.leave()
            began = time.monotonic()
        looked = time.monotonic()
        self.assert_confined()
        began += time.monotonic() - looked
        self.stage.daemon.start()
        took = time.monotonic() - began
        self.assert_confined()
        return took


class HeldTests(Restarting, HoldTests):
    def test_a_call_that_waits_is_asked_about_again_and_decided_once(self):
        wire = self.begun(approvals="{by: [caller], wait: 20s, within: 1m}")
        call = self.refund(wire, 12)
        self.one_waiting()
        self.leave()
        self.assertEqual(self.approvals_command("list").returncode, 5, "nobody can be asked meanwhile")
        small = wire.call("refund", amount=3)
        self.assertIn("refunded 3", small["result"]["content"][0]["text"], "what the gate decides alone goes on")
        self.stage.daemon.start()
        waits = self.one_waiting()
        self.decide("approve", waits["id"])
        self.assertIn("refunded 12", wire.answer(call)["result"]["content"][0]["text"])
        self.assertEqual(self.approvals_command("approve", waits["id"]).returncode, 1)
        self.assert_refunded(wire, 3, 12)
        self.assertEqual(wire.close(), 0, wire.said())

    def test_what_is_asked_without_a_daemon_is_blocked_and_what_was_asked_before_waits_on(self):
        wire = self.begun(approvals="{by: [caller], wait: 40s, within: 1m}")
        before = self.refund(wire, 12)
        self.one_waiting()
        self.leave()
        self.assertEqual(self.code(wire.answer(self.refund(wire, 13), 30)), "D304")
        self.stage.daemon.start()
        self.decide("approve", self.one_waiting()["id"])
        self.assertIn("refunded 12", wire.answer(before)["result"]["content"][0]["text"])
        self.assert_refunded(wire, 12)
        self.assertEqual(wire.close(), 0, wire.said())

    def test_a_signal_that_comes_while_it_starts_waits_until_it_can_be_followed(self):
        """Sessions are there already: SIGTERM ends them, and SIGUSR1 does not."""
        for number, ends in ((signal.SIGUSR1, False), (signal.SIGTERM, True)):
            with self.subTest(number=number):
                wire = self.begun()
                self.leave()
                process = self.begun_to_start(number)
                process.send_signal(number)
                self.assertEqual(process.wait(30), 0)
                if ends:
                    wire.process.wait(10)
                    until(lambda: not self.stage.own_processes(), 10, "the end of the session")
                self.stage.daemon.start()
                if not ends:
                    self.assertIn("refunded 3", wire.call("refund", amount=3)["result"]["content"][0]["text"])
                    self.assertEqual(wire.close(), 0, wire.said())

    def begun_to_start(self, number: int) -> subprocess.Popen:
        """A daemon that does not accept yet, and already holds that signal back."""
        daemon = self.stage.daemon
        with daemon.log.open("ab") as log:
            process = subprocess.Popen([daemon.program, "--state", daemon.state, "--socket", daemon.socket], stdin=subprocess.DEVNULL, stdout=log,
                                       stderr=log, env=daemon.environment, cwd="/", preexec_fn=daemon.cgroup.enter)

        def holds() -> bool:
            status = Path(f"/proc/{process.pid}/status").read_text()
            return int(re.search(r"^SigBlk:\s*([0-9a-f]+)$", status, re.MULTILINE)[1], 16) >> (number - 1) & 1 == 1

        until(holds, 10, "signals to be held back")
        with socket.socket(socket.AF_UNIX) as probe:
            self.assertNotEqual(probe.connect_ex(str(daemon.socket)), 0, "it accepts already")
        return process


class PassedSocketTests(Restarting, LedgerTests):
    """With a socket that somebody else keeps, as a service manager does, nobody who connects is turned away while one daemon follows another."""

    LAUNCHER = "import os, sys\nos.dup2(int(sys.argv[1]), 3)\nos.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1', LISTEN_FDNAMES='control')\n" \
               "os.execv(sys.argv[2], sys.argv[2:])"

    def test_sessions_begin_without_a_gap(self):
        rounds = 60 if is_long() else 6
        seed = int(os.environ.get("SANDBOXD_SEED", random.randrange(1 << 32)))
        chance, daemon = random.Random(seed), self.stage.daemon
        self.assertEqual(daemon.stop(), 0)
        daemon.socket.unlink()
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(daemon.socket))
            daemon.socket.chmod(0o666)
            listening.listen(128)
            daemon.through, daemon.passes = ["/usr/bin/python3", "-c", self.LAUNCHER, str(listening.fileno())], (listening.fileno(),)
            try:
                daemon.start()
                outcomes = self.wrapped_meanwhile(rounds, chance)
                print(f"         {rounds} daemons, one after another: {len(outcomes)} sessions asked for, seed {seed}", flush=True)
                self.assertGreater(len(outcomes), rounds)
                self.assertEqual([outcome for outcome in outcomes if outcome[0] != 0], [])
                self.assertEqual(daemon.stop(), 0)
                self.assertTrue(daemon.socket.exists(), "whose it is not, is let alone")
            finally:
                daemon.through, daemon.passes = [], ()
                if daemon.process is not None:
                    daemon.stop()
                daemon.socket.unlink(missing_ok=True)
                daemon.start()

    def wrapped_meanwhile(self, rounds: int, chance: random.Random) -> list:
        """What came of sessions that three clients begin without end, while one daemon follows another."""
        outcomes, done = [], threading.Event()
        threads = [threading.Thread(target=self.wrap_until, args=(done, outcomes)) for _ in range(3)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(rounds):
                time.sleep(chance.uniform(0.05, 0.4))
                self.leave(40)
                self.stage.daemon.start()
        finally:
            done.set()
            for thread in threads:
                thread.join(60)
        return outcomes

    def wrap_until(self, done: threading.Event, outcomes: list):
        while not done.is_set():
            ran = self.user.run(self.wrap("raw", ["/bin/true"], {"programs": self.stage.servers}), input="", environment=self.stage.environment(self.user), cwd="/")
            outcomes.append((ran.returncode, ran.stderr[-300:]))
