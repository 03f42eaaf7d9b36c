"""Who takes part in an attempt beside the test: a process that is attacked, and a session that attacks."""

import secrets
import select
import subprocess
from contextlib import suppress
from pathlib import Path

from stage import Stage, cgroup2_mount, processes
from wire import Wire


def nonce() -> str:
    return secrets.token_hex(8)


class Outsider:
    """A process of the same user, outside of every session: it says where in its memory a secret lies, has a connected socket (3) and a pipe
    (4, 5), and says again what it is told."""

    def __init__(self, user, program: Path, friend: Path):
        self.secret = nonce() * 2
        self.process = user.start([program, "--outsider", self.secret, friend], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
                                  environment=user.environment(SECRET=self.secret))
        self.pid, self.address = self.process.pid, self.process.stdout.readline().decode().strip()

    def is_unharmed(self) -> bool:
        """No signal waits for whoever answers."""
        with suppress(BrokenPipeError):
            self.process.stdin.write(b"?")
            return bool(select.select([self.process.stdout], [], [], 5)[0]) and self.process.stdout.read(1) == b"?"
        return False

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class HostRefused(Exception):
    """This host cannot keep the policy exactly, so that nothing was started."""


class Held:
    """A session whose server makes attempts, and the processes that keep it."""

    def __init__(self, stage: Stage, wire: Wire, before: set[int]):
        self.wire = wire
        self.pids = {Path(process.executable).name: process.pid for process in processes()
                     if process.pid not in before and process.executable.startswith(f"{stage.root}/")}
        self.server = self.pids["sandbox-prober"]
        self.gate, self.keeper = self.pids["sandbox-gate"], self.pids["sandbox-keeper"]
        self.daemon = stage.daemon.process.pid if "sandboxd" not in self.pids else self.pids["sandboxd"]
        self.wrap = wire.process.pid

    def is_alive(self) -> bool:
        return self.wire.process.poll() is None

    def scope(self) -> Path:
        """The directory of the server's own cgroup."""
        line = next(line for line in Path(f"/proc/{self.server}/cgroup").read_text().splitlines() if line.startswith("0::"))
        return Path(f"{cgroup2_mount()}{line[3:]}")
