"""Sessions with a server that writes down what it was asked, to be held against the log."""

import json
import os
import subprocess
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from cases import StagedTests
from stage import mounts_below, until
from wire import Closed, Wire


class LedgerTests(StagedTests):
    """Ids of calls are unique over all sessions of a class."""

    def setUp(self):
        super().setUp()
        self.evidence = self.stage.root / "state/evidence"
        self.ledgers = self.user.home / "ledgers"
        if not self.ledgers.exists():
            self.ledgers.mkdir()
            os.chown(self.ledgers, self.user.uid, self.user.gid)
        self.tag = 0

    def tearDown(self):
        self.before = self.before[0], self.before[1], 1 << 20  # descriptors of another process
        super().tearDown()

    def begun(self, policy: str = "ledger", **options) -> Wire:
        self.tag += 1
        command = ["/usr/bin/python3", self.stage.servers / "ledger_server.py", self.ledgers / f"{self.id()}.{self.tag}"]
        wire = self.wire(self.wrap(policy, command, {"programs": self.stage.servers, "ledger": self.ledgers}), **options)
        self.assertIn("result", wire.begin(), wire.said())
        wire.tag = self.tag
        return wire

    def begun_beside(self, policy="ledger", **options) -> Wire:
        """One more session beside those that run."""
        wires, self.wires = self.wires, []
        try:
            return self.begun(policy, **options)
        finally:
            self.wires = wires + self.wires

    def call(self, wire: Wire, name: str) -> dict:
        """One call under an id that begins with the name."""
        wire.next_id += 1
        id = f"{self.id()}.{wire.tag}.{name}.{wire.next_id}"
        wire.send(self.noting(id))
        return wire.answer(id)

    @staticmethod
    def noting(id: str) -> dict:
        return {"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": "note", "arguments": {}}}

    def seen(self) -> list[str]:
        """The ids of all calls that servers of this test saw, in the order of each."""
        ledgers = [file for file in self.ledgers.iterdir() if file.name.startswith(self.id())]
        return [id for file in ledgers for id in file.read_text().split("\n") if id]

    def lines(self, *texts: bytes):
        """The lines of the log that hold one of these texts: a long log is not read into memory."""
        for segment in sorted((self.evidence / "segments").iterdir()):
            yield from (line for line in segment.read_bytes().split(b"\n")[:-1] if not texts or any(text in line for text in texts))

    def log(self) -> list[dict]:
        return [json.loads(line) for line in self.lines()]

    def recorded(self) -> list[str]:
        """The ids of this test's calls that the log says were forwarded; what it says to be void does not count."""
        void, found = {}, []
        for receipt in map(json.loads, self.lines(b'"event":"void"')):
            if receipt["kind"] == "lifecycle":
                void.setdefault(receipt["session"], []).append(range(receipt["body"]["first"], receipt["body"]["last"] + 1))
        for receipt in map(json.loads, self.lines(b'"kind":"decision"')):
            id = str(receipt["body"].get("id"))
            if receipt["kind"] == "decision" and receipt["body"]["decision"] == "forward" and id.startswith(self.id()) \
                    and not any(receipt["spoolNumber"] in numbers for numbers in void.get(receipt["session"], ())):
                found.append(receipt["body"]["id"])
        return found

    def bodies(self, event: str) -> list[dict]:
        """Of `lifecycle` receipts about this."""
        return [receipt["body"] for receipt in self.log() if receipt["kind"] == "lifecycle" and receipt["body"].get("event") == event]

    def assert_all_recorded(self):
        """What the servers saw, and nothing else, has receipts."""
        self.assertEqual(sorted(self.seen()), sorted(self.recorded()))

    def end_session(self, wire: Wire):
        exits = self.exits()
        self.assertEqual(wire.close(), 0, wire.said())
        until(lambda: self.exits() > exits, 30, "the session's last receipt")

    @contextmanager
    def daemon_upon(self, directory: Path, *disk):
        """The daemon, started while a directory of its state lies on a small file system; afterwards as it was, whatever happens."""
        daemon = self.stage.daemon
        daemon.stop()
        try:
            with small_disk(directory, *disk) as disk:
                try:
                    daemon.start()
                    self.at_first = self.files_of_sessions(), set(mounts_below(self.stage.root))
                    yield disk
                finally:
                    self.end_wires()
                    daemon.stop()
        finally:
            daemon.start()

    def exits(self) -> int:
        """How many sessions are over; the receipt of that comes behind all others of a session."""
        return sum(json.loads(line)["kind"] == "exit" for line in self.lines(b'"kind":"exit"'))


def need_loop_devices(test):
    """Some containers have none."""
    if not Path("/dev/loop-control").exists():
        test.skipTest("this host has no loop devices")


def code(answer: dict) -> str:
    """What an answer was blocked with; empty when it was not."""
    return answer["result"].get("_meta", {}).get("io.sandboxd/decision", {}).get("code", "")


class Load:
    """Calls without end on a wire, so many in flight, until the other side is gone or it is told to stop. `pause`: seconds between two."""

    def __init__(self, wire: Wire, prefix: str, window: int = 32, pause: float = 0):
        self.wire, self.prefix, self.window, self.pause, self.sent, self.stopping = wire, prefix, window, pause, 0, False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        # ValueError: the test closed the wire meanwhile.
        with suppress(BrokenPipeError, Closed, OSError, ValueError):
            for _ in range(self.window):
                self.send()
            while not self.stopping:
                self.wire.receive_line(10)
                self.send()
                if self.pause:
                    time.sleep(self.pause)
            for _ in range(self.window):
                self.wire.receive_line(10)

    def send(self):
        self.sent += 1
        self.wire.send(LedgerTests.noting(f"{self.prefix}.{self.sent}"))

    def stop(self):
        self.stopping = True
        self.thread.join(20)
        if self.thread.is_alive():
            raise TimeoutError(f"no answers any more: {self.wire.said()}")


class SmallDisk:
    """A file system of its own, with what fills it."""

    def __init__(self, directory: Path):
        self.filling = directory / "filling"

    def fill(self):
        with self.filling.open("ab", buffering=0) as file, suppress(OSError):
            for size in (1 << 16, 1 << 12, 1):
                with suppress(OSError):
                    while True:
                        file.write(bytes(size))

    def free(self):
        self.filling.unlink()


@contextmanager
def small_disk(directory: Path, kind: str = "tmpfs", megabytes: int = 1):
    """A file system of some MiB at a directory, with what that held; taken away again, whatever happened meanwhile."""
    place = directory.parent / f"{directory.name}.place"
    place.mkdir()
    image = place / "image"
    try:
        if kind == "tmpfs":
            command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "small", directory]
        else:
            with image.open("wb") as file:
                file.truncate(megabytes << 20)
            subprocess.run(["mkfs.ext4", "-q", "-m", "0", image], check=True)
            command = ["mount", "-o", "loop", image, directory]
        with mounted(command, directory):
            yield SmallDisk(directory)
    finally:
        image.unlink(missing_ok=True)
        place.rmdir()


@contextmanager
def mounted(command: list, directory: Path):
    """Mounts something over a directory, and copies what is in it there and back."""
    held = {file.relative_to(directory): file for file in directory.rglob("*")}
    with_content = [(path, file.is_dir(), None if file.is_dir() else file.read_bytes(), file.stat().st_mode) for path, file in held.items()]
    subprocess.run([str(word) for word in command], check=True)
    try:
        put(directory, with_content)
        yield
        kept = [(file.relative_to(directory), file.is_dir(), None if file.is_dir() else file.read_bytes(), file.stat().st_mode)
                for file in sorted(directory.rglob("*")) if file.name not in ("filling", "lost+found")]
    finally:
        subprocess.run(["umount", "--lazy", directory], check=True)  # a daemon that a failed test left
    put(directory, kept)


def put(directory: Path, content: list):
    for path, is_directory, data, mode in sorted(content):
        if is_directory:
            (directory / path).mkdir(exist_ok=True)
        else:
            (directory / path).write_bytes(data)
        (directory / path).chmod(mode & 0o7777)
