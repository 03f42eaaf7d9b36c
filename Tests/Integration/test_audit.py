"""What Landlock denies has receipts where the kernel's audit log is on already, and only there; nobody switches it on.

Where it is on, as in a guest that was booted with audit=1 (`scripts/kernels run --parameter audit=1`), other tests run than where it is off:
SANDBOXD_AUDIT=on says that it must be on. SANDBOXD_GUEST=own says that it is nobody's else, and may be switched off for a while.
"""

import json
import os
import re
import signal

import audit
from cases import StagedTests
from receivers import Receivers
from stage import until
from wire import Wire

PERMITTED, FORBIDDEN = 9301, 9302
POLICY = """sandboxd: 1
name: audited
include: [runtime-python]
inputs: {{programs: null}}
tools: {{default: allow}}
egress: {{tcp: ["*:{port}"]}}
files: {{read: ["${{programs}}"]}}
"""
ON = audit.is_on() and audit.landlock_abi() >= 7
if os.environ.get("SANDBOXD_AUDIT") == "on" and not ON:
    raise RuntimeError("SANDBOXD_AUDIT says that the kernel's audit log is on, and tells of Landlock: it does not")


class Bench(StagedTests):
    """In the host's own network namespace, which records are sent to alone; a server that reads and goes where it may not."""

    @classmethod
    def setUpClass(cls):
        cls.settings = audit.settings()
        super().setUpClass()
        cls.receivers = Receivers()
        for port in (PERMITTED, FORBIDDEN):
            cls.receivers.tcp("127.0.0.1", port)
        cls.receivers.start()
        cls.addClassCleanup(cls.receivers.close)

    def setUp(self):
        super().setUp()
        self.receivers.forget()
        self.secret = self.stage.root / "a \"sécret\" of others"
        self.secret.write_text("secret")
        self.secret.chmod(0o644)
        self.server = ["/usr/bin/python3", self.stage.servers / "denied_server.py"]

    def tearDown(self):
        super().tearDown()
        self.assertEqual(audit.settings(), self.settings, "nothing of audit was changed")

    def begun(self) -> Wire:
        policy = self.written_policy(POLICY.format(port=PERMITTED))
        wire = self.wire(self.wrap(policy, self.server, {"programs": self.stage.servers}))
        welcome = wire.begin()
        self.assertIn("result", welcome, f"{wire.said()}\n{self.stage.daemon.said()[-2000:]}")
        return wire

    def finished(self, wire: Wire) -> list[dict]:
        """The bodies of the session's denials, once the kernel has said that its domain is gone."""
        self.assertEqual(wire.close(), 0, wire.said())
        self.assert_nothing_left()
        self.evidence_verifies()
        return self.denials()

    def denials(self) -> list[dict]:
        return [receipt["body"] for receipt in self.receipts("kernel-denial") if receipt["body"].get("mechanism") == "landlock"]

    def events(self, name: str) -> list[dict]:
        return [receipt["body"] for receipt in self.receipts("lifecycle") if receipt["body"].get("event") == name]

    def observed(self) -> str:
        done = self.sandboxctl("doctor", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)["observed"]["audit-log"]

    def told(self) -> dict:
        [launch] = self.receipts("launch")
        return launch["body"]["kernelDenials"]


class Unconfined(Bench):
    def test_unconfined_it_reads_and_connects(self):
        with Wire(self.server, start=self.user.start, environment=self.stage.environment(self.user)) as wire:
            wire.begin()
            self.assertEqual(wire.text("read", path=str(self.secret)), "read")
            self.assertEqual(wire.text("connect", address="127.0.0.1", port=FORBIDDEN), "connected")
        until(lambda: len(self.receivers.strangers()) == 1, 10, "the connection")


class OffTests(Bench):
    def test_nothing_is_read_and_denials_are_said_to_be_absent(self):
        self.assertFalse(audit.listens(self.stage.daemon.process.pid))
        self.assertRegex(self.observed(), r"^absent \(")
        wire = self.begun()
        self.assertIn("failed", wire.text("read", path=str(self.secret)))
        self.assertIn("failed", wire.text("connect", address="127.0.0.1", port=FORBIDDEN))
        self.assertEqual(self.finished(wire), [])
        self.assertIn("files.read", self.told()["absent"])
        self.assertIn("egress.tcp", self.told()["absent"], "held by Landlock, which tells nobody")
        self.assertFalse(audit.listens(self.stage.daemon.process.pid))
        self.receivers.settle()
        self.assertEqual(self.receivers.strangers(), [])


class OnTests(Bench):
    @classmethod
    def setUpClass(cls):
        cls.listener = audit.Listener()
        cls.addClassCleanup(cls.listener.close)
        super().setUpClass()

    def tearDown(self):
        super().tearDown()
        self.assertEqual(self.listener.records(audit.CONFIG_CHANGE), [], "nobody changed it and put it back")

    def ended_domain(self) -> int:
        """How many denials the kernel counted of the session's domain, which is gone."""
        named = re.compile(r" domain=([0-9a-f]+) status=allocated .* exe=\"[^\"]*/sandbox-keeper\" ")
        [*_, domain] = [found[1] for text in self.listener.records(audit.LANDLOCK_DOMAIN) if (found := named.search(text))]
        gone = audit.await_record(self.listener, audit.LANDLOCK_DOMAIN, f" domain={domain} status=deallocated ")
        return int(gone.rsplit("denials=", 1)[1])

    def of_path(self, path) -> list[dict]:
        return [denial for denial in self.denials() if denial.get("path") == str(path)]

    def test_a_file_and_a_port_that_are_denied_have_receipts(self):
        self.assertTrue(audit.listens(self.stage.daemon.process.pid))
        self.assertEqual(self.observed(), "works")
        wire = self.begun()
        self.assertEqual(wire.text("read", path=str(self.stage.servers / "wire.py")), "read", "a permitted one")
        self.assertEqual(wire.text("connect", address="127.0.0.1", port=PERMITTED), "connected", "a permitted one")
        self.receivers.settle()
        self.receivers.forget()
        for _ in range(2):
            self.assertIn("failed", wire.text("read", path=str(self.secret)))
        self.assertIn("failed", wire.text("connect", address="127.0.0.1", port=FORBIDDEN))
        self.finished(wire)
        until(lambda: sum(one["count"] for one in self.of_path(self.secret)) == 2, 20, "two denials")
        for denial in self.of_path(self.secret):
            facts = {name: denial[name] for name in ("attribution", "blockers", "claim", "mechanism", "inode")}
            self.assertEqual(facts, {"attribution": "absent", "blockers": ["fs.read_file"], "claim": "observed", "mechanism": "landlock",
                                     "inode": str(self.secret.stat().st_ino)})
        [port] = until(lambda: [denial for denial in self.denials() if "port" in denial], 20, "the port's denial")
        self.assertEqual({name: port[name] for name in ("address", "port", "transport", "blockers", "count")},
                         {"address": "127.0.0.1", "port": FORBIDDEN, "transport": "tcp", "blockers": ["net.connect_tcp"], "count": 1})
        self.assertFalse([one for one in self.denials() if one.get("path") == str(self.stage.servers / "wire.py") or one.get("port") == PERMITTED])
        self.assertEqual([name for name in ("egress.tcp", "files.read", "files.write") if name not in self.told()["observed"]], [])
        self.assertIn("files.execute", self.told()["absent"], "seccomp tells nobody")
        self.receivers.settle()
        self.assertEqual(self.receivers.strangers(), [])

    def test_all_that_the_kernel_counted_is_told_or_said_to_be_lost(self):
        """Many kinds at once: few have receipts of their own."""
        wire = self.begun()
        for number in range(600):
            (self.stage.root / f"many-{number}").write_text("x")
        self.assertIn("failed", wire.text("read", path=f"{self.stage.root}/many-", count=600))
        self.finished(wire)
        counted = self.ended_domain()
        self.assertGreaterEqual(counted, 600)

        def sums():
            return sum(denial.get("count", 0) + denial.get("lost", 0) for denial in self.denials())
        until(lambda: sums() == counted, 20, f"{counted} denials, of {sums()}")
        self.assertTrue(any(denial.get("others") for denial in self.denials()))
        self.assertLess(len(self.denials()), 200)
        self.assertEqual(self.events("denials-uncounted"), [])

    def test_what_finds_no_room_while_the_daemon_does_not_read_is_counted(self):
        wire = self.begun()
        self.assertIn("failed", wire.text("read", path=str(self.secret)))
        until(lambda: self.of_path(self.secret), 20, "the first")
        os.kill(self.stage.daemon.process.pid, signal.SIGSTOP)
        try:
            for _ in range(24):
                self.assertIn("failed", wire.text("read", path=str(self.secret), times=500))
                self.listener.records(0)
        finally:
            os.kill(self.stage.daemon.process.pid, signal.SIGCONT)
        # Until it has read what there was room for it gets nothing more, the end of the domain neither.
        until(lambda: audit.waiting(self.stage.daemon.process.pid) == 0, 30, "the daemon to have read all that waited")
        self.finished(wire)
        counted = self.ended_domain()
        self.assertGreater(counted, 12_000)

        def sums():
            return [sum(denial.get(name, 0) for denial in self.denials()) for name in ("count", "lost")]
        until(lambda: sum(sums()) >= counted, 20, f"{counted} denials")
        self.assertEqual(sum(sums()), counted)
        self.assertGreater(sums()[1], 0, "more than there is room for")
        self.assertLess(len(self.denials()), 200)

    def test_other_software_in_a_domain_of_its_own_is_none_of_a_sessions(self):
        wire = self.begun()
        elsewhere = self.stage.root / "elsewhere"
        elsewhere.write_text("x")
        audit.deny_outsider(str(elsewhere))
        audit.await_record(self.listener, audit.LANDLOCK_ACCESS, f'path="{elsewhere}"')
        wire.text("read", path=str(self.secret))
        self.finished(wire)
        until(lambda: self.of_path(self.secret), 20, "the session's own")
        self.assertEqual(self.of_path(elsewhere), [])

    def test_what_a_server_denies_itself_is_not_told_and_hides_what_the_session_denies(self):
        """Of several domains that deny the kernel tells of the innermost, which may ask for no records: README names this limit."""
        wire = self.begun()
        self.assertIn("failed", wire.text("read", path=str(self.secret), confined=True))
        self.assertIn("failed", wire.text("connect", address="127.0.0.1", port=FORBIDDEN))
        self.finished(wire)
        until(lambda: [denial for denial in self.denials() if denial.get("port") == FORBIDDEN], 20, "what only the session denies")
        self.assertEqual(self.of_path(self.secret), [])

    def test_a_session_that_outlives_its_daemon_says_that_no_more_is_told(self):
        wire = self.begun()
        daemon = self.stage.daemon
        daemon.process.send_signal(signal.SIGKILL)
        daemon.process.wait(20)
        daemon.start()
        self.before = self.before[0], self.before[1], 1 << 20
        self.assertIn("failed", wire.text("read", path=str(self.secret)))
        self.finished(wire)
        self.assertEqual(self.of_path(self.secret), [])
        [said] = self.events("denials-uncounted")
        self.assertEqual(len(self.events("adopted")), 1)
        self.assertEqual(said["mechanism"], "landlock")

    def test_when_the_daemon_ends_what_the_last_sessions_were_denied_is_told(self):
        wire = self.begun()
        self.assertIn("failed", wire.text("read", path=str(self.secret)))
        self.assertEqual(self.stage.daemon.stop(), 0)
        wire.close()
        self.stage.daemon.start()
        self.before = self.before[0], self.before[1], 1 << 20
        self.assertEqual(sum(one["count"] for one in self.of_path(self.secret)), 1)
        self.assertEqual(self.events("denials-uncounted"), [])


class SwitchedOffTests(Bench):
    def test_sessions_are_told_and_no_other_is_promised_any(self):
        wire = self.begun()
        self.assertIn("failed", wire.text("read", path=str(self.secret)))
        until(lambda: [denial for denial in self.denials() if denial.get("path") == str(self.secret)], 20, "the first")
        audit.switch(False)
        self.addClassCleanup(audit.switch, True)
        until(lambda: self.events("denials-uncounted"), 20, "a word that no more is told")
        self.assertIn("files.read", self.told()["observed"], "as was promised at the launch")
        self.assertEqual(self.observed(), "absent (switched off)")
        self.assertEqual([body["error"] for body in self.events("denials-uncounted")], ["switched off"])
        self.finished(wire)
        self.finished(self.begun())
        self.assertIn("files.read", self.told()["absent"])
        audit.switch(True)
        self.stage.daemon.stop()
        self.stage.daemon.start()
        self.assertEqual(self.observed(), "works", "for the next daemon")


# What is not for this kernel is not there, rather than skipped: it is for another one.
if ON:
    del OffTests
else:
    del OnTests
if not ON or os.environ.get("SANDBOXD_GUEST") != "own":
    del SwitchedOffTests
