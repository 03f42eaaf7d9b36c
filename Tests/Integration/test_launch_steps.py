"""Every step of a launch fails once, and every process of it dies once at each of its steps: the caller is told, and nothing is left.

The daemon and the keeper of these tests are linked with `Tests/CFaults`, which lets a step fail; all else of them is what is shipped.  The
steps are read from where they are declared, so that a new one is tried as well.
"""

import errno
import itertools
import json
import os
import re
import signal
import subprocess
from pathlib import Path

from cases import StagedTests
from names_world import entered, own_nameserver
from stage import PROJECT, Cgroup, processes, required, until

POLICY = """\
sandboxd: 1
name: every-step
server: {user: session}
tools: {rules: [{id: one, tools: [misbehave], effect: allow}]}
egress: {tcp: ["192.0.2.1:9"]}
files: {read: [/usr/lib, /etc/ld.so.cache], write: ["%s"], tmp: private}
"""

NAMED = """\
sandboxd: 1
name: every-step-with-names
server: {user: session}
tools: {rules: [{id: one, tools: [misbehave], effect: allow}]}
egress: {names: ["api.test:443"]}
files: {read: [/usr/lib, /etc/ld.so.cache], write: ["%s"], tmp: private}
"""

KEEPER_STEPS = PROJECT / "Sources/CLaunch/include/cl_launch.h"
# Whatever they are, they are told; those that mean "again" are for the calls themselves.
ERRORS = [errno.EXDEV, errno.ENOTTY, errno.EFBIG, errno.EMLINK, errno.EDOM, errno.ENOSPC, errno.EMFILE, errno.ENOMEM]
KILLED = 0
DEADLINE = 10  # seconds, less than any of the daemon's: nothing ends because it was given up
MOST_TIMES = 9  # that the daemon reaches one step

# Who goes through the steps of a child, and the daemon's step that fails then.
CHILDREN = {"finder": "find-paths", "waiting-finder": "find-paths", "start-keeper": "start-keeper", "gate": "launch-gate", "self-test": "self-test", "server": "launch-server",
            "keeper": "seal"}
# Of sessions with names alone.
OF_NAMES = ("launch-proxy", "proxy-ready")
# The self-test's first steps are the keeper's, while the gate starts.
NEXT = {"start-keeper": ["launch-gate"], "gate": ["check-gate"], "self-test": ["launch-gate", "check-gate", "gate-ready"], "server": ["check-server"],
        "proxy": ["proxy-ready"]}
OF_DAEMON = ("finder", "start-keeper")
LINKED = {"sandboxd": "faulty-sandboxd", "sandbox-keeper": "faulty-keeper", "sandbox-finder": "faulty-finder"}
# The keeper itself only gives up what it has, and confines itself.
OF_KEEPER = {"CLEAR_AMBIENT", "DROP_BOUNDING", "LOCK_SECUREBITS", "GROUPS", "GID", "UID", "DROP_CAPABILITIES", "VERIFY_IDENTITY", "DUMPABLE",
             "NO_NEW_PRIVS", "SECCOMP"}
# The finder was started before it was known for whom.
OF_FINDER = OF_KEEPER - {"SECCOMP"}
# Who has mounts of its own goes through the steps of each; this policy needs no tree of the session's own.
OF_MOUNTS = {"MAKE_TREE", "FIND_PLACE", "MAKE_MOUNT", "MAP_OWNERS", "MOUNT_RULE", "REENTER_DIRECTORY"}
# Steps that somebody does not take; a launch with such a fault comes off.
NOT_TAKEN = {
    "finder": {"READ_SECCOMP", "NOTIFICATION", "TRIALS", "TEST_NETWORK"} | OF_MOUNTS,
    "start-keeper": {"READ_SECCOMP", "NOTIFICATION", "TRIALS", "TEST_NETWORK"} | OF_MOUNTS,
    "gate": {"TRIALS", "TEST_NETWORK"} | OF_MOUNTS,
    "proxy": {"TRIALS", "TEST_NETWORK"} | OF_MOUNTS,
    "self-test": {"NOTIFICATION", "EXECVE", "MAKE_TREE"},
    "server": {"TRIALS", "TEST_NETWORK", "MAKE_TREE"},
}


class LaunchStepTests(StagedTests):
    policy_text = POLICY

    @classmethod
    def takes_part(cls, step: str) -> bool:
        return step not in OF_NAMES

    @classmethod
    def start_daemon(cls):
        for shipped, linked in LINKED.items():
            cls.stage.install(required("SANDBOXD_BIN") / linked, shipped)
        cls.faults, cls.serials = cls.stage.programs / "faults", itertools.count()
        lines = subprocess.run([cls.stage.programs / "sandboxd", "--steps"], capture_output=True, text=True, check=True).stdout.splitlines()
        cls.steps = [line.split()[1] for line in lines if line.startswith("daemon ") and cls.takes_part(line.split()[1])]
        cls.names = {int(line.split()[1]): line.split(maxsplit=2)[2] for line in lines if line.startswith("child ")}
        cls.child_steps = {name: int(number) for name, number in re.findall(r"CL_STEP_(\w+) = (\d+)", KEEPER_STEPS.read_text()) if number != "0"}
        super().start_daemon()

    def setUp(self):
        self.living: set[str] = set()
        super().setUp()
        self.errors = itertools.cycle(ERRORS)
        # Lent to the session's user: every step of a mount is taken.
        project = self.stage.root / "lent"
        project.mkdir(mode=0o700, exist_ok=True)
        os.chown(project, self.user.uid, self.user.gid)
        self.own_policy = self.written_policy(self.policy_text % project)

    def tearDown(self):
        self.faults.unlink(missing_ok=True)
        super().tearDown()

    def launch(self, who: str, step, time: int = 1, error: int = KILLED) -> subprocess.CompletedProcess:
        """A launch of /bin/cat with one fault; if it comes off, the session is ended by the end of its stdin."""
        self.faults.write_text(f"{next(self.serials)} {who} {step} {time} {error}\n")
        if who == "finder":
            self.end_reserve()
        wrap = self.user.start(self.wrap(self.own_policy, ["/bin/cat"]), self.stage.environment(self.user), stdin=subprocess.PIPE,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            told = wrap.stderr.readline()  # of the session, or of what failed
            more = wrap.communicate(timeout=DEADLINE)[1]
            return subprocess.CompletedProcess(wrap.args, wrap.returncode, None, told + more)
        finally:
            wrap.kill()
            wrap.wait()

    def end_reserve(self):
        """Kills the finder that waits: the next launch starts its own, and with such a fault no other comes to wait meanwhile."""
        def is_ended() -> bool:
            daemon = self.stage.daemon
            waiting = daemon.waiting_finders()
            for finder in waiting:
                finder.kill()
            # One that is not executed yet may have passed the step of the fault before that was said.
            return not waiting and not any(one.parent == daemon.process.pid and one.executable == str(daemon.program) for one in processes())

        until(is_ended, 10, "the end of the finder that waited")

    @staticmethod
    def came_off(done: subprocess.CompletedProcess) -> bool:
        """Whether there was a session. Server or gate sees first that the client is gone, and the other is ended."""
        return done.returncode in (0, 128 + signal.SIGKILL) and done.stderr.startswith("sandboxctl: session ")

    def comes_off(self):
        """The positive control: the same launch without a fault."""
        done = self.launch("nobody", "0")
        self.assertTrue(self.came_off(done), done.stderr)
        self.nothing_left()

    def nothing_left(self):
        self.assert_nothing_left()

    def files_of_sessions(self) -> set[Path]:
        return {path for path in super().files_of_sessions() if path.name.partition(".")[0] not in self.living}

    def fails(self, done: subprocess.CompletedProcess, step: str, error: str | None, *more: str):
        """The caller is told what failed, and nothing is left; the receipt is looked at by `receipts_tell`."""
        self.assertEqual(done.returncode, 125, done.stderr)
        for word in (step, *([error] if error else []), *more):
            self.assertIn(word, done.stderr)
        self.nothing_left()
        self.failed.append((step, error))

    def receipts_tell(self):
        """The log has a receipt of each failed launch, in their order, with step and errno."""
        words = [self.stage.sandboxctl, "receipts", "show", "--json", self.stage.root / "state/evidence"]
        shown = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True).stdout
        bodies = [receipt["body"] for receipt in map(json.loads, shown.splitlines()) if receipt["kind"] == "launch"]
        told = [(body["step"], body["error"]) for body in bodies if body["outcome"] == "failed"][-len(self.failed):]
        self.assertEqual([(step, error or told[at][1]) for at, (step, error) in enumerate(self.failed)], told)
        self.evidence_verifies()

    # The daemon's steps

    def test_every_step_of_the_daemon_fails_once(self):
        self.failed = []
        self.comes_off()
        for step in self.steps:
            for time in range(1, MOST_TIMES + 1):
                with self.subTest(step=step, time=time):
                    error = next(self.errors)
                    done = self.launch("daemon", step, time, error)
                    if self.came_off(done) and time > 1:
                        break
                    self.fails(done, step, errno.errorcode[error])
            else:
                self.fail(f"`{step}` is reached more than {MOST_TIMES} times")
        self.comes_off()
        self.receipts_tell()

    # Those of its children

    def takes(self, who: str, name: str) -> bool:
        taken = {"keeper": OF_KEEPER, "waiting-finder": OF_FINDER}.get(who)
        return name in taken if taken else name not in NOT_TAKEN[who]

    def each_child_step(self):
        return ((who, step, name, number) for (who, step), (name, number) in itertools.product(CHILDREN.items(), self.child_steps.items()))

    def test_every_step_of_every_child_fails_once(self):
        self.failed = []
        self.comes_off()
        self.assertEqual([name for name, number in self.child_steps.items() if self.names[number] == f"step {number}"], [], "steps without a name")
        for who, step, name, number in self.each_child_step():
            with self.subTest(who=who, step=name):
                error = next(self.errors)
                done = self.launch(who, number, error=error)
                if self.takes(who, name):
                    self.fails(done, step, errno.errorcode[error], self.names[number])
                else:
                    self.assertTrue(self.came_off(done), done.stderr)
        self.comes_off()
        self.receipts_tell()

    def test_every_process_of_a_launch_is_killed_at_each_of_its_steps(self):
        self.failed = []
        self.comes_off()
        for who, step, name, number in self.each_child_step():
            # The daemon itself takes the first steps of what it starts.
            if self.takes(who, name) and not (who in OF_DAEMON and name in ("READ_SPECIFICATION", "MAKE_CHANNEL", "CLONE")):
                with self.subTest(who=who, step=name):
                    done = self.launch(who, number)
                    # Whoever is killed may have gone on to the next step for those who look.
                    found = re.search("step `(.*?)` failed", done.stderr)
                    self.assertIn(found and found[1], [step, *NEXT.get(who, [])], done.stderr)
                    self.fails(done, found[1], None)
        self.comes_off()
        self.receipts_tell()

    # The daemon itself

    def test_sandboxd_killed_at_each_step_of_a_launch_leaves_nothing_to_its_successor(self):
        """A session that lives is adopted each time; a scope that has no record here is another daemon's, and is let alone."""
        self.comes_off()
        wire = self.wire(self.wrap("raw", ["/usr/bin/python3", self.stage.servers / "raw_server.py"], {"programs": self.stage.servers}))
        self.assertIn("result", wire.begin(), wire.said())
        self.living = {path.name for path in (self.stage.root / "state/spools").iterdir()}
        foreign = Cgroup(f"{self.stage.cgroup.directory.name}/sandboxd.0123456789abcdef")
        stranger = subprocess.Popen(["/bin/sleep", "1000"], preexec_fn=foreign.enter, stdin=subprocess.DEVNULL)
        try:
            processes = {process.pid for process in self.stage.own_processes()}
            cgroups, pins = self.stage.cgroup.below(), set(self.stage.pins())
            for step in self.steps:
                for time in range(1, MOST_TIMES + 1):
                    with self.subTest(step=step, time=time):
                        if not self.is_killed_at(step, time):
                            break
                        until(lambda: not self.files_of_sessions(), 10, f"the end of {self.files_of_sessions()}")
                        # A finder that waited ends when it sees that nobody is left to ask.
                        others = lambda: {process.pid for process in self.stage.own_processes()} - processes  # noqa: E731
                        until(lambda: not others(), 5, f"the end of {others()}")
                        self.assertEqual((self.stage.cgroup.below() - cgroups, set(self.stage.pins()) - pins), (set(), set()))
                        self.assertIn("unknown way", wire.text("misbehave", how="still there"))
            self.assertIsNone(stranger.poll(), "the stranger lives")
        finally:
            foreign.remove()
            stranger.wait()
        self.living = set()
        self.assertEqual(wire.close(), 0, wire.said())
        # Descriptors are the successor's.
        self.before = self.before[0], self.before[1], self.stage.daemon.descriptors()
        self.comes_off()
        self.evidence_verifies()

    def is_killed_at(self, step: str, time: int) -> bool:
        """Starts the next daemon if so."""
        daemon = self.stage.daemon
        done = self.launch("daemon", step, time)
        if self.came_off(done) and time > 1:
            return False
        self.assertEqual(done.returncode, 125, done.stderr)
        daemon.process.wait(10)
        daemon.start()
        return True

    # What is shipped

    def test_what_is_shipped_has_no_such_thing(self):
        mark = b"%31s %15s %31s %d %d"
        for shipped, linked in LINKED.items():
            self.assertIn(mark, (required("SANDBOXD_BIN") / linked).read_bytes())
            self.assertNotIn(mark, (required("SANDBOXD_BIN") / shipped).read_bytes())


class NamedLaunchStepTests(LaunchStepTests):
    """With names: what only such sessions go through, and what comes behind it."""

    policy_text = NAMED

    @classmethod
    def setUpClass(cls):
        entered(cls, own_nameserver())
        super().setUpClass()

    @classmethod
    def takes_part(cls, step: str) -> bool:
        return step in (*OF_NAMES, "make-scope", "open-spool", "check-server", "record-launch", "seal")

    def each_child_step(self):
        for name, number in self.child_steps.items():
            yield "proxy", "launch-proxy", name, number
            if name == "MAKE_DOOR":
                yield from ((who, step, name, number) for who, step in (("self-test", "self-test"), ("server", "launch-server")))
