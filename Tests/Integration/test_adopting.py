"""The next daemon adopts through the keepers: who stands in a keeper's place and does not greet, or says another thing, ends that session alone."""

import json
import os
import signal
import socket
import struct
import subprocess
import threading
from contextlib import suppress
from pathlib import Path

from cases import StagedTests
from stage import processes, until
from wire import Wire

HELLO, TRIAL = 1, 5
NAME_BYTES = 64


def report(kind: int, name: str = "") -> bytes:
    """`struct cl_report` of version 2 (cl_session.h)."""
    return struct.pack("=II", 2, kind) + bytes(92) + name.encode().ljust(NAME_BYTES, b"\0")


class Impostor:
    """Listens in a keeper's place, accepts whoever comes, says its piece and nothing more."""

    def __init__(self, path: Path, says: list[bytes]):
        path.unlink()
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(str(path))
        self.listener.listen(4)
        self.says, self.guests = says, []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with suppress(OSError):
            while True:
                guest, _ = self.listener.accept()
                self.guests.append(guest)
                for message in self.says:
                    guest.send(message)

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        for held in (self.listener, *self.guests):
            held.close()


class AdoptingTests(StagedTests):
    def setUp(self):
        super().setUp()
        self.keepers = self.stage.root / "state/keepers"
        self.held: dict[str, Wire] = {}

    def tearDown(self):
        while self.held:
            self.held.popitem()[1].__exit__()
        self.before = self.before[0], self.before[1], 1 << 20  # descriptors of another process
        super().tearDown()

    def begun(self) -> str:
        """A session that runs; its id."""
        known = set(os.listdir(self.keepers))
        wire = Wire(self.wrap("raw", ["/usr/bin/python3", self.stage.servers / "raw_server.py"], {"programs": self.stage.servers}),
                    start=self.user.start, environment=self.stage.environment(self.user))
        welcome = wire.begin()
        self.assertIn("result", welcome, wire.said())
        session = (set(os.listdir(self.keepers)) - known).pop()
        self.held[session] = wire
        return session

    def works(self, session: str):
        self.assertEqual(self.held[session].text("misbehave", how="none"), "none")

    def keeper(self, session: str) -> int:
        return next(process.pid for process in processes()
                    if process.executable.endswith("/sandbox-keeper") and any(f"sandboxd.{session}" in path for path in process.cgroups))

    def kill_daemon(self):
        self.stage.daemon.process.kill()
        self.stage.daemon.process.wait(20)

    def events(self) -> dict[str, list]:
        """What the log says of each session's adoption."""
        words = [self.stage.sandboxctl, "receipts", "show", "--json", self.stage.root / "state/evidence"]
        shown = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True).stdout
        found: dict[str, list] = {}
        for receipt in map(json.loads, shown.splitlines()):
            event = receipt["body"].get("event")
            if receipt["kind"] == "lifecycle" and receipt.get("session") in self.sessions and event in ("adopted", "orphaned"):
                found.setdefault(receipt["session"], []).append((event, receipt["body"].get("error")))
        return found

    def ended(self, session: str) -> bool:
        scope = next((path for path in self.stage.cgroup.below() if path.endswith(f"sandboxd.{session}")), None)
        return scope is None and self.held[session].process.poll() is not None

    def test_a_session_whose_keeper_does_not_greet_is_over_and_no_other(self):
        """Four in their keepers' places: one silent, one stopped, one that is another's, one that tells of a launch."""
        silent, stopped, another, launching, kept = (self.begun() for _ in range(5))
        self.sessions = {silent, stopped, another, launching, kept}
        pid = self.keeper(stopped)
        self.kill_daemon()
        os.kill(pid, signal.SIGSTOP)
        impostors = [Impostor(self.keepers / silent, []), Impostor(self.keepers / another, [report(HELLO, kept)]),
                     Impostor(self.keepers / launching, [report(TRIAL)] * 3)]
        try:
            self.stage.daemon.start()
            self.works(kept)
            until(lambda: self.ended(another) and self.ended(launching), 5, "the end of those whose keepers say what none would")
            self.works(silent)
            self.works(kept)
            until(lambda: self.ended(silent) and self.ended(stopped), 25, "the end of those whose keepers do not greet")
            self.works(kept)
            new = self.begun()
            self.works(new)
            self.assertEqual(self.held.pop(new).close(), 0)
            self.assertEqual(self.held[kept].close(), 0)
        finally:
            for impostor in impostors:
                impostor.close()
        self.assert_orphaned(silent, "ETIMEDOUT")
        self.assert_orphaned(stopped, "ETIMEDOUT")
        self.assert_orphaned(another, "another session's keeper")
        self.assert_orphaned(launching, "a report of a launch")
        self.assertEqual(self.events()[kept], [("adopted", None)])
        self.evidence_verifies()

    def assert_orphaned(self, session: str, error: str):
        self.assertEqual(self.events()[session], [("adopted", None), ("orphaned", error)])


class ProbingTests(StagedTests):
    def setUp(self):
        super().setUp()
        self.before = self.before[0], self.before[1], 1 << 20  # descriptors of another process
        self.stage.daemon.stop()
        self.known = self.stage.cgroup.below()

    def scratch(self) -> set[str]:
        return {path for path in self.stage.cgroup.below() - self.known if "/sandboxd-probe-" in path}

    def test_sandboxd_killed_while_it_probes_leaves_nothing_to_its_successor(self):
        """What lives in the scratch cgroups of the dead is killed, in each hierarchy; those of the living, and other names, are let alone."""
        left = self.killed_while_probing()
        for path in left:
            self.assertRegex(path, r"/sandboxd-probe-\d+-\d+-\d+$")
        own, start = os.getpid(), int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
        directories = self.stage.cgroup.directories
        kept = [directory / name for directory in directories
                for name in (f"sandboxd-probe-{own}-{start}-0", f"sandboxd-probe-{own}-{start - 1}-0x", f"sandboxd-probe-{own}")]
        for path in kept:
            path.mkdir()
        try:
            # The number of a process that lives, and had it not been another's before.
            sleepers = [self.sleeper(directory / f"sandboxd-probe-{own}-{start - 1}-0") for directory in directories]
            self.stage.daemon.start()
            self.assertEqual(self.scratch(), {str(path) for path in kept})
            self.assertEqual([os.waitpid(sleeper, 0)[1] for sleeper in sleepers], [signal.SIGKILL] * len(sleepers))
        finally:
            for path in kept:
                path.rmdir()

    @staticmethod
    def sleeper(cgroup: Path) -> int:
        """A process that lives there until it is killed."""
        cgroup.mkdir()
        ready, told = os.pipe()
        child = os.fork()
        if child == 0:
            (cgroup / "cgroup.procs").write_text("0")
            os.write(told, b"x")
            signal.alarm(60)
            signal.pause()
        os.close(told)
        os.read(ready, 1)
        os.close(ready)
        return child

    def killed_while_probing(self) -> set[str]:
        """What a daemon leaves that is killed as soon as it has a scratch cgroup."""
        for _ in range(20):
            killer = threading.Thread(target=self.kill_once_it_probes)
            killer.start()
            with suppress(RuntimeError):  # it ended before it answered
                self.stage.daemon.start()
            killer.join()
            self.stage.daemon.process.kill()
            self.stage.daemon.process.wait(20)
            if left := self.scratch():
                return left
        self.fail("no daemon was killed while it probed")

    def kill_once_it_probes(self):
        with suppress(TimeoutError):
            until(self.scratch, 10, "a scratch cgroup")
        self.stage.daemon.process.kill()
