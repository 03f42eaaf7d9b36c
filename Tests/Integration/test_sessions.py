"""`sandboxctl sessions` and `status`: whose sessions run, and who keeps them; and who may ask a private daemon for that."""

import json
import os
import signal
import subprocess

from act_tests import ActTests
from cases import StagedTests
from stage import until
from wire import Wire


class SessionsTests(StagedTests):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.stage.user("other")

    def private(self) -> dict:
        return self.user.environment(SANDBOXD_SOCKET="none")

    def begun(self, environment: dict, name: str) -> Wire:
        """One more session beside those that run."""
        command = self.wrap("raw", ["/usr/bin/python3", self.stage.servers / "raw_server.py"], {"programs": self.stage.servers}, ["--name", name])
        wire = Wire(command, start=self.user.start, environment=environment)
        self.wires.append(wire)
        self.assertIn("result", wire.begin(), wire.said())
        return wire

    def run_command(self, *words, environment=None, status: int = 0, user=None) -> str:
        user = user or self.user
        done = user.run([self.stage.sandboxctl, *words], environment=environment)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def listed(self, environment: dict, user=None) -> list[dict]:
        answer = json.loads(self.run_command("sessions", "--json", environment=environment, user=user))
        self.assertEqual(answer["omitted"], 0)
        return answer["sessions"]
    def test_with_a_daemon(self):
        own = self.stage.environment(self.user)
        self.assertEqual(self.listed(own), [])
        self.assertEqual(self.run_command("sessions", environment=own), "no session runs\n")
        wire = self.begun(own, "first")
        [one] = self.listed(own)
        self.assertEqual({name: one[name] for name in ("server", "caller", "state", "custody", "process", "socket")},
                         {"server": "first", "caller": self.user.uid, "state": "running", "custody": "daemon",
                          "process": self.stage.daemon.process.pid, "socket": str(self.stage.daemon.socket)})
        self.assertEqual(one["client"]["pid"], os.getpid())
        text = self.run_command("sessions", environment=own)
        self.assertIn("kept by the system's sandboxd at ", text)
        self.assertRegex(text, f"\n  {one['id']}  first +{self.user.uid}  running +[0-9]+ s ")
        self.assertEqual(self.listed(self.stage.environment(self.other), self.other), [])
        root = subprocess.run([self.stage.sandboxctl, "sessions", "--json", "--socket", self.stage.daemon.socket], capture_output=True, check=True,
                              env={"PATH": "/usr/bin:/bin", "HOME": "/root"})
        self.assertEqual([session["server"] for session in json.loads(root.stdout)["sessions"]], ["first"])
        self.assertEqual(wire.close(), 0)
        self.assertEqual(self.listed(own), [])

    def test_private_daemons(self):
        own = self.private()
        self.assertEqual(self.listed(own), [])
        wires = [self.begun(own, name) for name in ("first", "second")]
        sessions = self.listed(own)
        self.assertEqual(sorted(one["server"] for one in sessions), ["first", "second"])
        for one in sessions:
            self.assertEqual((one["custody"], one["state"], one["caller"]), ("user", "running", self.user.uid))
            self.assertEqual(os.readlink(f"/proc/{one['process']}/exe"), str(self.stage.programs / "sandboxd"))
            self.assertEqual(os.stat(f"/proc/{one['process']}").st_uid, self.user.uid)
            self.assertTrue(one["socket"].endswith(f"/{one['id']}.sock"), one)
        self.assertEqual(len({one["process"] for one in sessions}), 2)
        status = self.run_command("status", environment=own)
        for one in sessions:
            self.assertIn(f"a private sandboxd at `{one['socket']}`, process {one['process']}, keeps a session of `{one['server']}`\n", status)
        # Neither is the daemon's, nor another user's.
        self.assertEqual(self.listed(self.stage.environment(self.user)), [])
        self.assertEqual(self.listed(self.other.environment(SANDBOXD_SOCKET="none"), self.other), [])
        self.assertEqual(wires[0].close(), 0)
        self.assertEqual([one["server"] for one in self.listed(own)], ["second"])

    def test_what_a_killed_private_daemon_leaves_is_no_session(self):
        own = self.private()
        self.begun(own, "first")
        [one] = self.listed(own)
        os.kill(one["process"], signal.SIGKILL)
        until(lambda: not os.path.exists(f"/proc/{one['process']}/exe"), 10, "its end")
        self.assertTrue(os.path.exists(one["socket"]))
        self.assertEqual(self.listed(own), [])
        self.assertFalse(os.path.exists(one["socket"]))

    def test_one_that_does_not_answer_is_named_and_hides_no_other(self):
        own = self.private()
        self.begun(own, "first")
        [one] = self.listed(own)
        silent = os.path.join(os.path.dirname(one["socket"]), "0silent.sock")
        program = "import socket, sys\nlistener = socket.socket(socket.AF_UNIX)\nlistener.bind(sys.argv[1])\nlistener.listen()\nprint(flush=True)\nsys.stdin.read()"
        process = self.user.start(["/usr/bin/python3", "-c", program, silent], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            process.stdout.readline()
            said = self.run_command("sessions", environment=own, status=5)
            self.assertIn(one["id"], said)
            self.assertIn(f"no answer from sandboxd at `{silent}`", said)
        finally:
            process.communicate()
            os.unlink(silent)


class InsideTests(ActTests):
    """A process of a session that reaches a private daemon's socket, which its policy grants, is answered nothing; the user outside is."""

    QUESTIONS = ["io.sandboxd.ListSessions", "io.sandboxd.ListApprovals", "io.sandboxd.ListBudgets", "io.sandboxd.HostProfile"]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Short enough for an address.
        cls.runtime = cls.own(cls.user.home / "run")
        cls.runtime.chmod(0o700)

    def without_daemon(self) -> dict:
        return {"environment": self.user.environment(SANDBOXD_SOCKET="none", XDG_RUNTIME_DIR=str(self.runtime))}

    def begun(self, clauses: str, environment: dict) -> Wire:
        """One more session beside those that run."""
        wire = Wire(self.wrap(self.clauses(clauses), [self.program]), start=self.user.start, environment=environment)
        self.wires.append(wire)
        self.assertIn("result", wire.begin(), wire.said())
        return wire

    def assert_answered_outside_alone(self, environment: dict):
        self.begun("", self.without_daemon()["environment"])
        [kept] = until(lambda: list(self.runtime.glob("sandboxd/*.sock")), 10, "the private daemon's socket")
        inside = self.begun(f'egress: {{unix: ["{kept}"]}}', environment)
        for question in self.QUESTIONS:
            with self.subTest(question=question):
                words = ("unix-ask", kept, json.dumps({"method": question}, separators=(",", ":")))
                free = self.free(*words)
                self.assertIn(" parameters :{", free["said"], "positive control")
                self.assertNotIn(" error ", free["said"], "positive control")
                refused = self.act(inside, *words)
                self.assertIn("io.sandboxd.NotPermitted", refused["said"], refused)
                self.assertNotIn(kept.stem, refused["said"])
        self.assertIn(kept.stem, self.free("unix-ask", kept, '{"method":"io.sandboxd.ListSessions"}')["said"])

    def test_of_another_private_session(self):
        self.assert_answered_outside_alone(self.without_daemon()["environment"])

    def test_of_a_session_of_the_daemon(self):
        self.assert_answered_outside_alone(self.stage.environment(self.user))
