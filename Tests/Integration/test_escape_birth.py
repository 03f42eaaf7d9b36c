"""What a session is born with: descriptors, environment, user, privileges."""

import errno
import os
import socket

from attempts import CUSTODIES, POLICIES
from escape_cast import nonce
from escape_tests import FOUR, EscapeTests
from stage import until
from wire import Wire


class BirthTests(EscapeTests):
    def test_what_this_kernel_cannot_hold_is_refused(self):
        for custody, policy in CUSTODIES.items():
            is_held = custody in self.expected()
            with self.subTest(custody=custody):
                inputs = {"granted": self.area / "granted", "written": self.area / "written"}
                environment = self.user.environment(SANDBOXD_SOCKET="none") if custody == "private" else self.stage.environment(self.user)
                with Wire(self.wrap(policy, [self.program], inputs), start=self.user.start, environment=environment) as wire:
                    answer = wire.begin()
                    said = wire.said()
                self.assertEqual("result" in answer, is_held, said)
                if not is_held:
                    self.assertRegex(said, r"refused\[R201\]")
                    self.skipTest(f"Landlock ABI {self.landlock_abi()} cannot hold the policy `{policy}`, and it is refused")

    def test_nothing_is_inherited_but_three_pipes(self):
        with open(self.area / "outside/note") as file, socket.socket() as inherited:
            passed = {"pass_fds": (file.fileno(), inherited.fileno())}
            with Wire([self.program], start=self.user.start, **passed) as wire:
                wire.begin()
                said = self.act(wire, "descriptors")["said"]
                self.assertIn(f"{file.fileno()}:file", said, "positive control")
                self.assertIn(f"{inherited.fileno()}:socket", said, "positive control")
            with self.wrapped(POLICIES[self.expected()[0]], **passed) as wire:
                self.assertEqual(self.act(wire, "descriptors")["said"].split(), ["0:pipe", "1:pipe", "2:pipe"])

    def test_what_was_open_is_written_to_by_nobody(self):
        """A file and a connected socket that the client left open."""
        for wrapped in (False, *self.custodies()):
            sent = nonce()
            with self.subTest(wrapped=wrapped), open(self.area / "outside/note", "w") as file, socket.create_connection(FOUR) as connected:
                os.set_inheritable(connected.fileno(), True)
                passed = {"pass_fds": (file.fileno(), connected.fileno())}
                with self.inheriting(wrapped, passed) as wire:
                    answer = self.act(wire, "write-inherited", sent)
                    self.assertEqual(answer["errno"], errno.EBADF if wrapped else 0, answer)
                if not wrapped:
                    until(lambda: self.receivers.saw(sent), 5, "the receiver")
                self.receivers.settle()
                self.assertEqual(self.receivers.saw(sent), not wrapped)
                self.assertEqual((self.area / "outside/note").read_text(), "" if wrapped else sent)

    def inheriting(self, custody, passed: dict) -> Wire:
        if custody:
            return self.wrapped(POLICIES[custody], self.environment_of(custody), **passed)
        wire = Wire([self.program], start=self.user.start, **passed)
        wire.begin()
        return wire

    def test_the_environment_is_the_policys(self):
        environment = self.stage.environment(self.user, LEAKED="x")
        with Wire([self.program], start=self.user.start, environment=environment) as wire:
            wire.begin()
            self.assertIn("LEAKED=x", self.act(wire, "own-environment")["said"], "positive control")
        with self.wrapped(POLICIES[self.expected()[0]], environment) as wire:
            names = {pair.split("=")[0] for pair in self.act(wire, "own-environment")["said"].split()}
            self.assertLessEqual(names, {"PATH", "HOME", "TMPDIR", "USER", "LOGNAME", "SHELL", "TERM"})

    def test_there_is_no_privilege(self):
        for custody in self.custodies():
            with self.subTest(custody=custody):
                said = self.act_held("credentials", custody=custody)["said"]
                self.assertIn("no-new-privileges 1", said)
                if custody != "private":  # only root may empty it; without a new privilege nothing comes of it
                    self.assertIn("bounding 0", said)
                self.assertNotIn("uids 0", said)

    def test_a_user_of_the_sessions_own(self):
        with self.wrapped("session-user") as wire:
            uids = set(self.act(wire, "credentials")["said"].split()[1:4])
            self.assertEqual(len(uids), 1)
            self.assertNotIn(uids.pop(), ("0", str(self.user.uid)))
            self.assertEqual(self.act(wire, "read", self.area / "granted/note")["errno"], 0)
            self.assertNotEqual(self.act(wire, "read", self.area / "outside/note")["errno"], 0)
            outsider = self.user.start(["/bin/sleep", "60"])
            self.addCleanup(outsider.wait)
            self.addCleanup(outsider.kill)
            for act in ("signal", "signal-descriptor", "trace", "read-environment"):
                self.assertNotEqual(self.act(wire, act, outsider.pid)["errno"], 0, act)

    def test_root_chooses_a_user_and_no_one_else_does(self):
        self.needs_caller()
        command = self.wrap("chosen-user", [self.program], options=("--user", self.user.name))
        environment = self.stage.environment(self.user, HOME="/srv")
        with Wire(command, env=environment, cwd="/", start_new_session=True) as wire:
            self.assertIn("result", wire.begin(), wire.said())
            said = self.act(wire, "credentials")["said"].split()
            self.assertEqual(set(said[1:4]), {str(self.user.uid)}, said)
            # The home is that user's own, whatever the environment of root says.
            self.assertEqual(self.act(wire, "list", self.user.home)["errno"], 0)
            self.assertNotEqual(self.act(wire, "list", self.area)["errno"], 0)
        with Wire(command, start=self.user.start, environment=self.stage.environment(self.user)) as wire:
            self.assertIn("R402", wire.begin()["error"]["message"])
        with Wire(self.wrap("chosen-user", [self.program], options=("--user", "root")), env=environment, cwd="/", start_new_session=True) as wire:
            self.assertIn("R401", wire.begin()["error"]["message"])
