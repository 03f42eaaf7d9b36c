"""Without a daemon: `sandboxd --private` as the caller, for one session.  Exact, or refused with the way out."""

import json
import os
import signal

from cases import StagedTests, session_processes
from stage import Process, until
from wire import LEGACY, MODERN, Closed


class PrivateTests(StagedTests):
    def private(self, **more) -> dict:
        return self.user.environment(SANDBOXD_SOCKET="none", **more)

    def raw(self, version: str = LEGACY):
        command = ["/usr/bin/python3", self.stage.servers / "raw_server.py"]
        return self.wire(self.wrap("raw", command, {"programs": self.stage.servers}), version, environment=self.private())

    def test_a_session_without_a_daemon(self):
        for version in (LEGACY, MODERN):
            with self.subTest(version=version):
                wire = self.raw(version)
                self.assertIn("result", wire.begin(), wire.said())
                self.assertEqual(wire.text("misbehave", how="none"), "none")
                denied = wire.call("no_such_tool")
                self.assertTrue("error" in denied or denied["result"]["isError"], denied)
                self.assertEqual(wire.close(), 0, wire.said())
                self.assertIn("private", wire.said())
                self.assert_nothing_left()

    def test_its_receipts_verify(self):
        self.raw().begin()
        self.end_wires()
        logs = until(lambda: list(self.user.home.glob(".local/state/sandboxd/sessions/*/evidence")), 10, "the record")
        self.assert_nothing_left()
        for log in logs:
            done = self.user.run([self.stage.sandboxctl, "receipts", "verify", log])
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_its_user_exchanges_the_key_of_its_log(self):
        rotate = [self.stage.sandboxctl, "receipts", "rotate-key"]
        before = set(self.user.home.glob(".local/state/sandboxd/sessions/*/evidence"))
        self.assertEqual(self.user.run(rotate, environment=self.private()).returncode, 5, "none runs")
        wire = self.raw()
        wire.begin()
        self.assertEqual(wire.text("misbehave", how="none"), "none")
        done = self.user.run(rotate, environment=self.private())
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(wire.text("misbehave", how="none"), "none", "the session goes on")
        self.assertEqual(wire.close(), 0, wire.said())
        self.assert_nothing_left()
        (log,) = set(self.user.home.glob(".local/state/sandboxd/sessions/*/evidence")) - before
        earlier = (log / "keys").read_text().split()
        self.assertEqual(len(earlier), 1)
        for key in (*earlier, (log / "key.pub").read_text().strip()):
            self.assertIn(key, done.stdout)
            told = self.user.run([self.stage.sandboxctl, "receipts", "verify", log, "--key", key])
            self.assertEqual(told.returncode, 0, told.stdout + told.stderr)

    def test_what_needs_a_daemon_is_refused_and_says_so(self):
        path = self.written_policy('sandboxd: 1\nname: written\ntools: {default: allow}\negress: {tcp: ["192.0.2.1:443"]}\n')
        wire = self.wire(self.wrap(path, ["/bin/true"]), environment=self.private())
        answer = wire.begin()
        self.assertIn("start sandboxd", answer["error"]["message"])
        self.assertEqual(wire.close(), 125, wire.said())

    def daemon(self) -> Process:
        """The one private daemon."""
        (found,) = [process for process in session_processes(self.stage, "sandboxd") if process.uid == self.user.uid]
        return found

    def logs(self) -> set:
        return set(self.user.home.glob(".local/state/sandboxd/sessions/*/evidence"))

    def test_a_signal_ends_it_and_its_session(self):
        """No daemon follows: SIGUSR1, on which the system's leaves its sessions to the next, ends this one's, as each of the others does."""
        for number in (signal.SIGUSR1, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(number=number):
                before, wire = self.logs(), self.raw()
                self.assertIn("result", wire.begin(), wire.said())
                self.assertEqual(wire.text("misbehave", how="none"), "none")
                self.assert_confined(private=True)
                os.kill(self.daemon().pid, number)
                with self.assertRaises(Closed):
                    wire.receive(10)
                wire.process.wait(10)
                self.assert_nothing_left()
                (log,) = self.logs() - before
                done = self.user.run([self.stage.sandboxctl, "receipts", "show", "--json", log])
                found = [json.loads(line) for line in done.stdout.splitlines()]
                self.assertEqual([receipt["body"].get("event", receipt["kind"]) for receipt in found[-2:]], ["exit", "stopped"])
                self.assertEqual([receipt["body"]["decision"] for receipt in found if receipt["kind"] == "decision"].count("forward"), 1)
                done = self.user.run([self.stage.sandboxctl, "receipts", "verify", log])
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_it_is_killed(self):
        """The session is held as before, and ends with its client."""
        wire = self.raw()
        self.assertIn("result", wire.begin(), wire.said())
        self.daemon().kill()
        self.assertEqual(wire.text("misbehave", how="none"), "none")
        self.assert_confined(private=True)
        self.assertEqual(wire.close(), 0, wire.said())
        self.assert_nothing_left()

    def test_wrap_is_killed(self):
        wire = self.raw()
        wire.begin()
        wire.process.kill()
        wire.process.wait(20)
        self.assert_nothing_left()
