"""What the integration tests have in common: one stage per class, and nothing left running after each test."""

import json
import os
import subprocess
import unittest
from contextlib import ExitStack
from pathlib import Path

from confinement import unconfined
from stage import PROJECT, Stage, mounts_below, processes, required, until
from wire import LEGACY, Wire


_shared = ExitStack()


def after_sharing(function, *arguments):
    """Called once no further class shares what some have in common, the last that was asked for first."""
    _shared.callback(function, *arguments)


def end_sharing():
    """At the end of a run, and before a class that has all for itself."""
    _shared.close()


class StagedTests(unittest.TestCase):
    """Tests that share a stage with a running daemon and one unprivileged user."""

    stage: Stage

    @classmethod
    def setUpClass(cls):
        end_sharing()
        cls.environment = required("SANDBOXD_SDK2")
        cls.stage = Stage(required("SANDBOXD_BIN"))
        cls.addClassCleanup(cls.stage.close)
        cls.user = cls.stage.user("test")
        cls.start_daemon()

    @classmethod
    def start_daemon(cls):
        """With one session behind it: what the daemon makes at the first and keeps is no leftover."""
        cls.stage.daemon.start()
        cls.user.run([cls.stage.sandboxctl, "wrap", "--policy", cls.stage.policies / "echo.yaml", "--", "/bin/true"],
                     environment=cls.stage.environment(cls.user))

    def setUp(self):
        self.wires: list[Wire] = []
        self.before = self.stage.cgroup.below(), set(self.stage.pins()), self.stage.daemon.descriptors()
        self.at_first = self.files_of_sessions(), set(mounts_below(self.stage.root))

    def tearDown(self):
        self.end_wires()
        self.assert_nothing_left()

    patience = 10  # seconds, until nothing of the sessions of a test is left

    def assert_nothing_left(self):
        """No process, cgroup, pin, mount, file or descriptor of a session remains."""
        def left():
            cgroups, pins, descriptors = self.before
            files, mounts = self.at_first
            daemon = self.stage.daemon
            found = {"processes": self.stage.own_processes(), "cgroups": self.stage.cgroup.below() - cgroups, "pins": set(self.stage.pins()) - pins,
                     "files": self.files_of_sessions() - files, "mounts": set(mounts_below(self.stage.root)) - mounts}
            if daemon.process is not None and daemon.descriptors() > descriptors:
                found["descriptors of sandboxd"] = daemon.descriptors() - descriptors
            return {what: which for what, which in found.items() if which}
        try:
            until(lambda: not left(), self.patience, "the end of all that a session had")
        except TimeoutError:
            self.fail(f"left behind: {left()}")

    def files_of_sessions(self) -> set[Path]:
        """What the daemon keeps of each as long as it runs: records, spools, homes, sockets of keepers."""
        places = [self.stage.root / "state" / name for name in ("sessions", "spools", "connections", "homes", "keepers")]
        return {path for place in places if place.exists() for path in place.iterdir()}

    def assert_confined(self, private: bool = False):
        """Every process of the sessions that run is where it belongs, and held. A keeper is, shortly after its server runs."""
        def found(keepers: bool) -> list[str]:
            return [wrong for process, wrong in unconfined(self.stage, private) if process.executable.endswith("/sandbox-keeper") == keepers]
        self.assertEqual(found(keepers=False), [])
        try:
            until(lambda: not found(keepers=True), 5, "keepers to have no privilege")
        except TimeoutError:
            self.fail(f"unconfined: {found(keepers=True)}")

    # Running things

    def policy(self, name: str) -> Path:
        return self.stage.policies / f"{name}.yaml"

    def written_policy(self, text: str, name: str = "written.yaml") -> Path:
        """A policy of the test's own, which the user can read."""
        path = self.stage.policies / name
        path.write_text(text)
        path.chmod(0o644)
        self.addCleanup(path.unlink, missing_ok=True)
        return path

    def wrap(self, policy, command=(), inputs: dict | None = None, options=()) -> list:
        path = policy if isinstance(policy, Path) else self.policy(policy)
        settings = [word for name, value in (inputs or {}).items() for word in ("--set", f"{name}={value}")]
        return [self.stage.sandboxctl, "wrap", "--policy", path, *settings, *options, *(["--", *command] if command else [])]

    def sandboxctl(self, *arguments, **options) -> subprocess.CompletedProcess:
        return self.user.run([self.stage.sandboxctl, *arguments], environment=self.stage.environment(self.user), **options)

    def wire(self, command, version: str = LEGACY, **options) -> Wire:
        """A raw client, started as the unprivileged user. One at a time: it ends when the next begins, or the test is over."""
        self.end_wires()
        options.setdefault("environment", self.stage.environment(self.user))
        self.wires.append(Wire(command, start=self.user.start, version=version, **options))
        return self.wires[-1]

    def end_wires(self):
        while self.wires:
            self.wires.pop().__exit__()

    def session(self, sdk: Path, mode: str, wrapped: list, *steps: list[str], environment=None) -> list[dict]:
        """The events of one session of the official client."""
        words = [word for step in steps for word in step]
        client = [sdk / "bin/python", self.stage.servers / "client.py", "--mode", mode, "--env", f"SANDBOXD_SOCKET={self.stage.daemon.socket}"]
        done = self.user.run([*client, *words, "--", *wrapped])
        self.client_said = done.stderr
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    def answers(self, events: list[dict]) -> list[dict]:
        """The answers to the steps, in their order; fails with all that was said when there are none."""
        found = sorted((event for event in events if "step" in event), key=lambda event: event["step"])
        self.assertTrue(found, f"no answers: {events}\n{self.client_said}\n{self.stage.daemon.said()[-2000:]}")
        return found

    def receipts(self, kind: str | None = None) -> list[dict]:
        """The log's receipts, of the session that ended last."""
        words = [self.stage.sandboxctl, "receipts", "show", "--json", self.stage.root / "state/evidence"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        found = [json.loads(line) for line in done.stdout.splitlines()]
        session = [receipt["session"] for receipt in found if "session" in receipt][-1]
        return [receipt for receipt in found if receipt.get("session") == session and kind in (None, receipt["kind"])]

    def evidence_verifies(self):
        done = subprocess.run([self.stage.sandboxctl, "receipts", "verify", self.stage.root / "state/evidence"], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


def call(tool: str, **arguments) -> list[str]:
    """A step of the official client."""
    return ["--call", tool, json.dumps(arguments)]


LIST = ["--list"]


def build_programs(directory: Path):
    """Compiles the C programs of Tests/Programs."""
    subprocess.run([PROJECT / "Tests/Programs/build", directory], check=True)


def session_processes(stage: Stage, name: str) -> list:
    """Processes of the stage that run one of its programs, by the program's name."""
    return [process for process in processes() if process.executable == str(stage.programs / name)]


def is_long() -> bool:
    return bool(os.environ.get("SANDBOXD_LONG"))
