"""Budgets per day: one for all sessions of a user, kept by the daemon, or by private ones in a file that they share."""

import json
import os
import signal
import subprocess
import threading
import time

from cases import StagedTests
from stage import required, until
from wire import LEGACY, MODERN, Wire


class BudgetTests(StagedTests):
    def setUp(self):
        super().setUp()
        self.addCleanup(self.reset)

    def reset(self):
        subprocess.run([self.stage.sandboxctl, "budgets", "reset", "--socket", self.stage.daemon.socket], check=True, capture_output=True, timeout=60)

    def command(self) -> list:
        till = [self.environment / "bin/python", self.stage.servers / "till_server.py"]
        return self.wrap("shared-till", till, {"environment": self.environment, "programs": self.stage.servers})

    def session_environment(self) -> dict:
        return self.stage.environment(self.user)

    def begun(self, version: str = LEGACY) -> Wire:
        """One more session beside those that run."""
        wire = Wire(self.command(), start=self.user.start, version=version, environment=self.session_environment())
        self.wires.append(wire)
        self.assertIn("result", wire.begin(), wire.said())
        return wire

    def refund(self, wire: Wire, amount) -> int:
        return wire.ask("tools/call", {"name": "refund", "arguments": {"amount": amount}})

    def code(self, answer: dict) -> str | None:
        return answer["result"].get("_meta", {}).get("io.sandboxd/decision", {}).get("code")

    def refunded(self, wire: Wire, amount) -> str | None:
        """The code of the denial; nothing when the call was made."""
        return self.code(wire.answer(self.refund(wire, amount)))

    def seen(self, wire: Wire) -> list:
        """The truth is what the server was told to do."""
        return json.loads(wire.text("seen"))

    def budgets(self, *words, user=None):
        user = user or self.user
        return user.run([self.stage.sandboxctl, "budgets", *words], environment=self.session_environment())

    def restarted(self):
        """The daemon, with what it makes at its first session and keeps."""
        if self.stage.daemon.process is None:
            self.start_daemon()
        self.before = self.before[0], self.before[1], self.stage.daemon.descriptors()

    def spent(self) -> list:
        done = self.budgets("list", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return [(one["document"], one["budget"], one["spent"], one["limit"], one["caller"]) for one in json.loads(done.stdout)["budgets"]]


class SharedTests(BudgetTests):
    def test_sessions_share_a_budget(self):
        for version in (LEGACY, MODERN):
            with self.subTest(version=version):
                self.reset()
                first, second = self.begun(version), self.begun(version)
                self.assertEqual([self.refunded(first, 6), self.refunded(second, 5), self.refunded(second, 3.5)], [None, "D107", None])
                self.assertEqual(self.refunded(first, 1), "D107")
                self.assertEqual((self.seen(first), self.seen(second)), ([6], [3.5]))
                self.assertEqual(self.spent(), [("shared-till", "refunds", "9.5", "10", self.user.uid)])
                self.end_wires()
                third = self.begun(version)
                self.assertEqual([self.refunded(third, 1), self.refunded(third, 0.5)], ["D107", None])
                self.end_wires()

    def test_many_at_once_never_take_more(self):
        wires = [self.begun() for _ in range(3)]
        for _ in range(8):
            for wire in wires:
                self.refund(wire, 1)
        answers = [self.code(wire.answer(id)) for wire in wires for id in range(2, wire.next_id + 1)]
        self.assertEqual(sorted(code or "" for code in answers), [""] * 10 + ["D107"] * 14)
        self.assertEqual(sum(len(self.seen(wire)) for wire in wires), 10)

    def test_who_lists_and_who_resets(self):
        wire = self.begun()
        self.assertEqual(self.refunded(wire, 10), None)
        other = self.stage.user("other")
        listed = other.run([self.stage.sandboxctl, "budgets", "list", "--json"], environment=self.stage.environment(other))
        self.assertEqual(json.loads(listed.stdout), {"budgets": []}, listed.stderr)
        self.assertIn("`refunds` of `shared-till`: 10 of 10 spent", self.budgets("list").stdout)
        for user in (self.user, other):
            refused = user.run([self.stage.sandboxctl, "budgets", "reset"], environment=self.stage.environment(user))
            self.assertEqual(refused.returncode, 1, refused.stderr)
            self.assertIn("only root", refused.stderr)
        self.assertEqual(self.refunded(wire, 1), "D107")
        self.reset()
        self.assertEqual(self.spent(), [])
        self.assertEqual(self.refunded(wire, 1), None)

    def test_a_session_that_is_killed_has_spent(self):
        wire = self.begun()
        self.assertEqual(self.refunded(wire, 7), None)
        os.killpg(wire.process.pid, signal.SIGKILL)
        self.end_wires()
        self.assertEqual(self.refunded(self.begun(), 4), "D107")

    def test_a_session_that_would_need_a_damaged_store_does_not_start(self):
        self.stage.daemon.stop()
        store = self.stage.daemon.state / "store"
        kept = {path: path.read_bytes() for path in store.iterdir()}
        try:
            for path in kept:
                path.unlink()
            damaged = store / "sandboxd.sqlite"
            damaged.write_bytes(b"no database at all " * 1000)
            damaged.chmod(0o600)
            self.stage.daemon.start()
            refused = self.user.run(self.command(), environment=self.session_environment())
            self.assertEqual(refused.returncode, 125, refused.stderr)
            self.assertIn("refused[R212]", refused.stderr)
            self.assertIn("it is damaged", refused.stderr)
            listed = self.budgets("list")
            self.assertEqual(listed.returncode, 5, listed.stderr)
            bare = self.written_policy("sandboxd: 1\nname: bare\ninclude: [runtime-python]\n")
            done = self.user.run(self.wrap(bare, ["/bin/true"]), environment=self.session_environment())
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(damaged.read_bytes(), b"no database at all " * 1000)
        finally:
            self.stage.daemon.stop()
            for path in store.iterdir():
                path.unlink()
            for path, content in kept.items():
                path.write_bytes(content)
                path.chmod(0o600)
            self.restarted()

    def test_a_full_disk_blocks_what_needs_the_store(self):
        wire = self.begun()
        self.assertEqual(self.refunded(wire, 1), None)
        store = self.stage.daemon.state / "store"
        self.stage.daemon.stop()
        self.end_wires()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "none", store], check=True)
        try:
            self.stage.daemon.start()
            wire = self.begun()
            self.assertEqual(self.refunded(wire, 1), None)
            filler = store / "filler"
            with filler.open("wb", buffering=0) as file:
                try:
                    while True:
                        file.write(bytes(4096))
                except OSError:
                    pass
            codes = [self.refunded(wire, 0.01) for _ in range(40)]
            self.assertIn("D305", codes)
            made = codes.count(None)
            self.assertEqual(self.seen(wire), [1] + [0.01] * made)
            filler.unlink()
            self.assertEqual(self.refunded(wire, 1), None)
            self.assertEqual(float(self.spent()[0][2]), round(2 + 0.01 * made, 2))
        finally:
            self.end_wires()
            self.stage.daemon.stop()
            subprocess.run(["umount", store], check=True)
            self.restarted()


class RestartTests(BudgetTests):
    """The daemon goes while a call waits for its lease."""

    def stopped_with_a_call(self) -> tuple[Wire, int]:
        wire = self.begun()
        self.assertEqual(self.refunded(wire, 1), None)
        daemon = self.stage.daemon.process
        os.kill(daemon.pid, signal.SIGSTOP)
        id = self.refund(wire, 2)
        # Others pass while it waits.
        self.assertEqual(self.seen(wire), [1])
        daemon.kill()
        daemon.wait()
        return wire, id

    def test_the_next_daemon_answers(self):
        wire, id = self.stopped_with_a_call()
        self.stage.daemon.start()
        self.assertEqual(self.code(wire.answer(id)), None)
        self.assertEqual(self.seen(wire), [1, 2])
        self.assertEqual(self.spent(), [("shared-till", "refunds", "3", "10", self.user.uid)])
        self.assertEqual(self.refunded(wire, 8), "D107")
        self.end_wires()
        self.restarted()

    def test_no_daemon_comes(self):
        wire, id = self.stopped_with_a_call()
        began = time.monotonic()
        self.assertEqual(self.code(wire.answer(id)), "D304")
        self.assertTrue(8 < time.monotonic() - began < 14)
        self.assertEqual(self.seen(wire), [1])
        self.stage.daemon.start()
        self.assertEqual(until(lambda: self.refunded(wire, 2) is None, 20, "a lease of the next daemon"), True)
        self.assertEqual(self.seen(wire), [1, 2])
        self.end_wires()
        self.restarted()


class KilledTests(BudgetTests):
    """The daemon dies when a lease is in the store, and the gate has not been told."""

    @classmethod
    def start_daemon(cls):
        cls.stage.install(required("SANDBOXD_BIN") / "faulty-sandboxd", "sandboxd")
        cls.faults = cls.stage.programs / "faults"
        super().start_daemon()

    def test_it_is_charged_once(self):
        wire = self.begun()
        self.assertEqual(self.refunded(wire, 1), None)
        self.faults.write_text("1 daemon took-lease 1 0\n")
        id, other = self.refund(wire, 2), self.refund(wire, 4)
        daemon = self.stage.daemon
        self.assertEqual(daemon.process.wait(20), -signal.SIGKILL)
        self.faults.unlink()
        # Others pass while it waits, and nothing of it was done.
        self.assertEqual(self.seen(wire), [1])
        daemon.start()
        self.assertEqual([self.code(wire.answer(one)) for one in (id, other)], [None, None])
        # Both were in flight, and the next daemon may be asked for the later one first.
        self.assertEqual(sorted(self.seen(wire)), [1, 2, 4])
        self.assertEqual(self.spent(), [("shared-till", "refunds", "7", "10", self.user.uid)])
        self.assertEqual([self.refunded(wire, 4), self.refunded(wire, 3)], ["D107", None])
        self.end_wires()
        self.restarted()

    def test_without_the_kill_nothing_else_is_charged(self):
        """The control: the same calls, and the same daemon."""
        wire = self.begun()
        self.assertEqual([self.refunded(wire, amount) for amount in (1, 2, 4)], [None, None, None])
        self.assertEqual(self.spent(), [("shared-till", "refunds", "7", "10", self.user.uid)])


class PrivateTests(BudgetTests):
    """Private daemons share one file below the user's state directory."""

    def session_environment(self) -> dict:
        return self.user.environment(SANDBOXD_SOCKET="none")

    def reset(self):
        done = self.budgets("reset")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_private_daemons_share_a_budget(self):
        first, second = self.begun(), self.begun()
        self.assertEqual([self.refunded(first, 6), self.refunded(second, 5), self.refunded(second, 4)], [None, "D107", None])
        self.assertEqual(self.spent(), [("shared-till", "refunds", "10", "10", self.user.uid)])
        self.end_wires()
        store = self.user.home / ".local/state/sandboxd/store"
        self.assertEqual(store.stat().st_mode & 0o777, 0o700)
        self.assertEqual((store / "sandboxd.sqlite").stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.refunded(self.begun(), 1), "D107")
        self.assertEqual(self.budgets("reset", "--budget", "refunds").stdout, "1 budget starts anew\n")
        self.assertEqual(self.refunded(self.wires[-1], 1), None)

    def test_private_daemons_at_once_never_take_more(self):
        wires = [self.begun() for _ in range(3)]
        codes: list = []

        def spend(wire):
            for _ in range(6):
                codes.append(self.refunded(wire, 1))

        threads = [threading.Thread(target=spend, args=[wire]) for wire in wires]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual(sum(len(self.seen(wire)) for wire in wires), codes.count(None))
        self.assertEqual(sorted(code or "" for code in codes), [""] * 10 + ["D107"] * 8)
