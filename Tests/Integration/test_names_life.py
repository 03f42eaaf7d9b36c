"""Sessions with names while something of them dies, fills up or changes: without a daemon, and from one daemon to the next."""

import json
import os
import signal
import subprocess

from ledger_tests import small_disk
from names_tests import NamedTests
from stage import mounts_below, until
from wire import Closed


class NamesLifeTests(NamedTests):
    @classmethod
    def start_daemon(cls):
        cls.layers = cls.stage.root / "layers"
        cls.layers.mkdir(mode=0o755)
        cls.stage.daemon.options = ["--layers", cls.layers, "--drain", "2"]
        super().start_daemon()

    def reaches(self, wire) -> bool:
        return self.curl(wire, "https://api.test/")["out"] == "this is api.test"

    def another_daemon(self):
        """Its descriptors are no longer those of the one that the test began with."""
        self.before = self.before[0], self.before[1], 1 << 20

    def ended(self, wire):
        """The client sees the end of the session, and nothing is left of it."""
        with self.assertRaises(Closed):
            for _ in range(5):  # what was asked and not answered yet is, first
                wire.receive(15)
        until(lambda: not self.stage.own_processes(), 10, "the last process of the session")

    # The proxy

    def test_all_of_it_is_confined(self):
        wire = self.named("api.test:443")
        self.assertTrue(self.reaches(wire))
        (proxy,) = self.proxies()
        self.assertNotIn(proxy.uid, (0, self.user.uid))
        self.assert_confined()
        rest = {process.uid for process in self.stage.own_processes() if process.pid != proxy.pid}
        self.assertNotIn(proxy.uid, rest, "its uid is its own")

    def test_the_session_ends_with_its_proxy(self):
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV):
            with self.subTest(number=number):
                wire = self.named("api.test:443")
                self.assertTrue(self.reaches(wire))
                (proxy,) = self.proxies()
                os.kill(proxy.pid, number)
                self.ended(wire)
                self.assertNotEqual(wire.process.wait(10), 0)
                self.assertIn("name proxy", wire.said())
                self.assert_nothing_left()
                receipt = [one["body"] for one in self.log() if one["kind"] == "exit"][-1]
                self.assertEqual(receipt["first"], "proxy")
        self.evidence_verifies()

    def test_a_transfer_ends_with_the_proxy(self):
        """Killed in the middle of one: no other way is found for what is left of it."""
        wire = self.named("plain:api.test:80")
        script = r"""
import socket
s = socket.create_connection(("127.0.0.1", 3128)); s.sendall(b"CONNECT api.test:80 HTTP/1.1\r\n\r\n"); s.recv(100)
open(%r, "w").close()
s.recv(100); print("over")
"""
        mark = self.area / "connected"
        wire.ask("tools/call", {"name": "run", "arguments": {"argv": [str(self.python), "-c", script % str(mark)]}})
        until(mark.exists, 10, "the connection")
        mark.unlink()
        self.proxies()[0].kill()
        self.ended(wire)

    # Without a daemon

    def test_without_a_daemon(self):
        wire = self.named("api.test:443", "inside.test:443", **self.without_daemon())
        self.assertTrue(self.reaches(wire))
        for name in ("evil", "inside"):
            self.assertIn("403", self.curl(wire, "-k", f"https://{name}.test/")["error"])
        self.assertEqual((self.evil.seen, self.inside[0].seen), ([], []))
        self.assert_confined(private=True)
        self.assertEqual(wire.close(), 0, wire.said())
        self.assertIn("private", wire.said())
        self.assert_nothing_left()
        (log,) = self.user.home.glob(".local/state/sandboxd/sessions/*/evidence")
        self.assertEqual([one["state"] for one in self.connections(log)], ["opened", "closed", "refused", "refused"])
        done = self.user.run([self.stage.sandboxctl, "receipts", "verify", log])
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_without_a_daemon_the_session_ends_with_its_proxy(self):
        wire = self.named("api.test:443", **self.without_daemon())
        self.assertTrue(self.reaches(wire))
        (proxy,) = self.proxies()
        self.assertEqual(proxy.uid, self.user.uid)
        proxy.kill()
        self.ended(wire)

    # From one daemon to the next

    def test_the_next_daemon_adopts_it(self):
        """The proxy serves on meanwhile, and what it stated is in the log afterwards: each connection once."""
        self.another_daemon()
        wire = self.named("api.test:443")
        self.assertTrue(self.reaches(wire))
        for end in (lambda daemon: daemon.process.kill(), lambda daemon: daemon.process.send_signal(signal.SIGUSR1)):
            daemon = self.stage.daemon
            end(daemon)
            daemon.process.wait(20)
            self.assertTrue(self.reaches(wire))
            daemon.start()
            self.assertTrue(self.reaches(wire))
        self.assert_confined()
        self.assertEqual(wire.close(), 0, wire.said())
        self.assert_nothing_left()
        self.assertEqual([one["connection"] for one in self.connections() if one["state"] == "opened"], [1, 2, 3, 4, 5])
        self.assertEqual(len(self.good.seen), 5)
        self.evidence_verifies()

    def test_it_ends_while_there_is_no_daemon(self):
        self.another_daemon()
        wire = self.named("api.test:443")
        self.assertTrue(self.reaches(wire))
        self.stage.daemon.process.kill()
        self.stage.daemon.process.wait(20)
        self.assertEqual(wire.close(), 0, wire.said())
        self.stage.daemon.start()
        self.assert_nothing_left()
        self.assertEqual([one["state"] for one in self.connections()], ["opened", "closed"])
        self.evidence_verifies()

    # Less than it was started with

    def test_names_that_are_taken_end_it(self):
        """A proxy that runs is not told of another policy: nothing new is let through, and the session ends."""
        wire = self.named("api.test:443", "evil.test:443")
        self.assertTrue(self.reaches(wire))
        layer = self.layers / "company.yaml"
        layer.write_text("sandboxd-layer: 1\nname: company\negress: {names: [\"api.test:443\"]}\n")
        self.addCleanup(layer.unlink, missing_ok=True)
        done = subprocess.run([self.stage.sandboxctl, "reload", "--json"], capture_output=True, text=True, timeout=60,
                              env={"PATH": "/usr/bin:/bin", "HOME": "/root", "SANDBOXD_SOCKET": str(self.stage.daemon.socket)})
        (session,) = json.loads(done.stdout)["sessions"]
        self.assertEqual((session["outcome"], session["why"]), ("draining", ["egress.names"]))
        blocked = wire.call("run", argv=["/bin/true"])["result"]
        self.assertIn("D310", blocked["content"][0]["text"])
        self.ended(wire)
        new = self.named("api.test:443", "evil.test:443")
        self.assertTrue(self.reaches(new))
        self.assertIn("403", self.curl(new, "https://evil.test/")["error"])
        self.assertEqual(self.evil.seen, [])

    # A full disk

    def test_what_cannot_be_recorded_is_not_connected(self):
        self.another_daemon()
        daemon = self.stage.daemon
        daemon.stop()
        try:
            with small_disk(self.stage.root / "state/connections", "tmpfs", 1) as disk:
                try:
                    daemon.start()
                    self.at_first = self.files_of_sessions(), set(mounts_below(self.stage.root))
                    self.filled(disk)
                finally:
                    self.end_wires()
                    daemon.stop()
        finally:
            daemon.start()
        self.evidence_verifies()

    def filled(self, disk):
        wire = self.named("api.test:443")
        self.assertTrue(self.reaches(wire))
        disk.fill()
        # What is left of the last block is used up.
        count = next(count for count in range(1, 100) if not self.reaches(wire))
        self.assertFalse(self.reaches(wire))
        self.assertEqual(len(self.good.seen), count)
        disk.free()
        self.assertTrue(self.reaches(wire))
        self.assertEqual(wire.close(), 0, wire.said())
        self.assert_nothing_left()
        opened = [one for one in self.connections() if one["state"] == "opened"]
        self.assertEqual(len(opened), len(self.good.seen), "each connection, and no other, has a receipt")
