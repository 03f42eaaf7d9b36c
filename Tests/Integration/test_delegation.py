"""Without a daemon, in a cgroup of the user's service manager: asked over D-Bus, tried, and done without where it is not what it should be."""

import json
import os
import subprocess
import time
from pathlib import Path

from bus import Bus
from cases import StagedTests
from stage import processes, until
from wire import Closed, Wire

TASKS, MEMORY, CPU = 24, 64, 20


class DelegationTests(StagedTests):
    """What all sessions without a daemon have in common here."""

    def without_daemon(self) -> dict:
        raise NotImplementedError

    def doctor(self) -> dict:
        done = self.user.run([self.stage.sandboxctl, "doctor", "--json"], environment=self.without_daemon())
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)["observed"]

    def greedy(self, limits: str = "{spawn: any}") -> Wire:
        text = f"sandboxd: 1\nname: greedy\ninclude: [runtime-python]\ntools: {{default: allow}}\nfiles: {{read: [{self.stage.servers}]}}\n"
        path = self.written_policy(text + f"processes: {limits}\n")
        return self.wire(self.wrap(path, ["/usr/bin/python3", self.stage.servers / "greedy_server.py"]), environment=self.without_daemon())

    def server_cgroups(self) -> list[str]:
        """Of the one process that runs the server."""
        found = [process for process in processes() if b"greedy_server.py" in b" ".join(process.arguments) and process.executable.find("python") >= 0]
        self.assertEqual(len(found), 1, found)
        return found[0].cgroups

    def lives_in_a_scope(self, name: str):
        self.assertTrue([path for path in self.server_cgroups() if name in path and "/sandboxd." in path and path.endswith("/server")],
                        self.server_cgroups())

    def all_of_it_ends_at_once(self, name: str):
        wire = self.greedy()
        self.assertIn("result", wire.begin(), wire.said())
        self.lives_in_a_scope(name)
        self.assertEqual(wire.text("leave_behind"), "left")
        self.assertEqual(wire.close(), 0, wire.said())
        self.assert_nothing_left()

    def limits_hold(self):
        wire = self.greedy(f"{{spawn: any, tasks: {TASKS}, memory: {MEMORY}MiB}}")
        self.assertIn("result", wire.begin(), wire.said())
        self.assertEqual(wire.text("fork", most=TASKS * 4), f"{TASKS - 1}, then errno 11", wire.said())
        self.assertEqual(wire.text("take_in_a_child", most=MEMORY // 4), "exited 0")
        self.assertEqual(wire.text("take_in_a_child", most=MEMORY * 3), "signal 9")
        self.assertEqual(wire.close(), 0, wire.said())


class HandMadeManagerTests(DelegationTests):
    """A manager of our own, which moves nobody, or to the wrong place."""

    def setUp(self):
        super().setUp()
        self.buses: list[Bus] = []
        self.scopes: list[Path] = []
        self.path = self.stage.root / "bus"

    def tearDown(self):
        try:
            super().tearDown()
        finally:
            for bus in self.buses:
                bus.close()

    def assert_nothing_left(self):
        """A manager removes its scope once that is empty; so empty it must be."""
        until(lambda: not self.stage.own_processes(), 20, "the end of all processes")
        left = [str(below) for scope in self.scopes for below in scope.iterdir() if below.is_dir()]
        while self.scopes:
            for directory, _, _ in os.walk(self.scopes.pop(), topdown=False):
                os.rmdir(directory)
        self.assertEqual(left, [], "what a private daemon left in the cgroup that it was given")
        super().assert_nothing_left()

    def without_daemon(self) -> dict:
        return self.user.environment(SANDBOXD_SOCKET="none", DBUS_SESSION_BUS_ADDRESS=f"unix:path={self.path}")

    def bus(self, answers, **more) -> Bus:
        self.buses.append(Bus(self.path, answers, self.user.uid, **more))
        return self.buses[-1]

    def give(self, name: str, pid: int, to_user: bool = True, directory: str | None = None) -> bool:
        """What a manager does: a cgroup of that name, given to the user, and the process in it."""
        scope = self.stage.cgroup.directory / (directory or name)
        scope.mkdir()
        self.scopes.append(scope)
        if to_user:
            for path in (scope, *(scope / file for file in ("cgroup.procs", "cgroup.threads", "cgroup.subtree_control"))):
                os.chown(path, self.user.uid, self.user.gid)
        (scope / "cgroup.procs").write_text(str(pid))
        return True

    # It works

    def test_a_session_in_a_cgroup_that_was_given(self):
        bus = self.bus(self.give)
        self.all_of_it_ends_at_once("sandboxd-")
        name, _, delegates = bus.requests[-1]
        self.assertTrue(name.endswith(".scope") and delegates, bus.requests)

    def test_what_is_seen_of_it(self):
        self.bus(self.give)
        self.assertEqual(self.doctor()["delegated-cgroup"], "works")

    def test_wrap_is_killed(self):
        self.bus(self.give)
        wire = self.greedy()
        self.assertIn("result", wire.begin(), wire.said())
        self.assertEqual(wire.text("leave_behind"), "left")
        wire.process.kill()
        wire.process.wait(20)
        self.assert_nothing_left()

    def test_the_keeper_is_killed(self):
        self.bus(self.give)
        wire = self.greedy()
        self.assertIn("result", wire.begin(), wire.said())
        self.assertEqual(wire.text("leave_behind"), "left")
        for process in processes():
            if process.executable == str(self.stage.programs / "sandbox-keeper"):
                process.kill()
        with self.assertRaises(Closed):
            wire.receive()
        wire.process.wait(20)
        self.assert_nothing_left()

    def test_limits_in_it(self):
        self.bus(self.give)
        observed = self.doctor()
        for controller in ("tasks", "memory"):
            if observed[f"{controller}-controller"] != "works":
                self.skipTest(f"cgroup2 does not give away the {controller} controller here: {observed[f'{controller}-controller']}")
        self.limits_hold()

    # It does not

    def falls_back(self, why: str, most_seconds: float = 4):
        """The session runs, in a namespace as without a manager, and `doctor` says why."""
        began = time.monotonic()
        observed = self.doctor()["delegated-cgroup"]
        self.assertLess(time.monotonic() - began, most_seconds)
        self.assertRegex(observed, rf"^absent \({why}")
        wire = self.greedy()
        self.assertIn("result", wire.begin(), wire.said())
        self.assertFalse([path for path in self.server_cgroups() if "/sandboxd." in path], self.server_cgroups())
        self.assertEqual(wire.text("leave_behind"), "left")
        self.assertEqual(wire.close(), 0, wire.said())

    def test_nobody_listens(self):
        self.falls_back("ENOENT when the service manager was asked")

    def test_somebody_listens_and_says_nothing(self):
        self.bus(self.give, silent_from_the_start=True)
        self.falls_back("ETIMEDOUT when")

    def test_the_request_is_not_answered(self):
        self.bus(lambda *_: None)
        self.falls_back("ETIMEDOUT when")

    def test_it_says_no(self):
        self.bus(lambda *_: "not today")
        self.falls_back("the service manager refuses: org.freedesktop.systemd1.Refused: not today")

    def test_it_says_yes_and_does_nothing(self):
        self.bus(lambda *_: True)
        self.falls_back("the service manager accepted, and gave no cgroup")

    def test_it_moves_the_process_elsewhere(self):
        self.bus(lambda name, pid: self.give(name, pid, directory=f"else-{pid}"))
        self.falls_back("the service manager accepted, and gave no cgroup")

    def test_it_keeps_the_cgroup_for_itself(self):
        self.bus(lambda name, pid: self.give(name, pid, to_user=False))
        self.falls_back("EACCES when set up")

    def test_no_bus_is_named(self):
        done = self.user.run([self.stage.sandboxctl, "doctor", "--json"], environment=self.user.environment(SANDBOXD_SOCKET="none"))
        self.assertEqual(json.loads(done.stdout)["observed"]["delegated-cgroup"], "absent (no service manager of this user)")

    def test_another_host_is_not_asked(self):
        environment = self.user.environment(SANDBOXD_SOCKET="none", DBUS_SESSION_BUS_ADDRESS="tcp:host=127.0.0.1,port=9")
        done = self.user.run([self.stage.sandboxctl, "doctor", "--json"], environment=environment)
        self.assertEqual(json.loads(done.stdout)["observed"]["delegated-cgroup"], "absent (no service manager of this user)")


class SystemdTests(DelegationTests):
    """A real manager of a real user."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not Path("/run/systemd/system").is_dir():
            cls.manager = "systemd is not PID 1 here"
            return
        done = subprocess.run(["systemctl", "start", f"user@{cls.user.uid}.service"], capture_output=True, text=True, timeout=90)
        cls.addClassCleanup(subprocess.run, ["systemctl", "stop", f"user@{cls.user.uid}.service"], capture_output=True, timeout=90)
        cls.manager = done.stderr.strip() or ("" if Path(f"/run/user/{cls.user.uid}/bus").exists() else "the user's manager has no bus")

    def setUp(self):
        super().setUp()
        if self.manager:
            self.skipTest(self.manager)

    def without_daemon(self) -> dict:
        return self.user.environment(SANDBOXD_SOCKET="none", XDG_RUNTIME_DIR=f"/run/user/{self.user.uid}")

    def assert_nothing_left(self):
        """The manager's own processes stay; nothing of sandboxd does."""
        def left():
            programs = [process for process in self.stage.own_processes() if process.executable.startswith(f"{self.stage.root}/")]
            return programs + [process for process in processes() if b"greedy_server.py" in b" ".join(process.arguments)]
        try:
            until(lambda: not left(), 20, "the end of all that a session had")
        except TimeoutError:
            self.fail(f"left behind: {left()}")
        slices = Path(f"/sys/fs/cgroup/user.slice/user-{self.user.uid}.slice")
        until(lambda: not list(slices.rglob("sandboxd-*.scope")), 20, "the manager to remove the scope")

    def test_a_session_in_its_cgroup(self):
        observed = self.doctor()
        self.assertEqual(observed["delegated-cgroup"], "works")
        self.all_of_it_ends_at_once("sandboxd-")

    def test_limits_in_it(self):
        observed = self.doctor()
        self.assertEqual([observed[f"{controller}-controller"] for controller in ("tasks", "memory")], ["works", "works"])
        self.limits_hold()
        if observed["cpu-controller"] == "works":
            wire = self.greedy(f"{{cpu: {CPU}%}}")
            self.assertIn("result", wire.begin(), wire.said())
            self.assertLess(int(wire.text("spin", most=1_500)) / 1_500, 1.6 * CPU / 100)
            self.assertEqual(wire.close(), 0)
