"""Many sessions of an idle server at the same time: 60, or 1,000 with --long.  What each takes is printed."""

import json
import os
import resource
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cases import StagedTests, build_programs, is_long
from stage import processes

SESSIONS, USERS = (1_000, 2) if is_long() else (60, 2)
CALL = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "echo", "arguments": {}}}).encode() + b"\n"
AT_ONCE = 100  # are asked for at the same instant, and wait for their first answer
DEADLINE = 240  # seconds, until the last has its first answer
# In KiB, all sessions together for the daemon.
GATE_REACH, DAEMON_REACH, DESCRIPTORS_REACH = 6_144, 30_720, 12


def private(pid: int) -> int:
    """KiB that are this process's alone."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))


class IdleSessionsTests(StagedTests):
    patience = 10 + SESSIONS // 10

    def start_one(self, number: int) -> subprocess.Popen:
        user = self.users[number % USERS]
        command = self.wrap("echo", [self.programs / "echo_server"], options=["--quiet", "--name", f"idle{number}"])
        return user.start(command, self.stage.environment(user), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0)

    def is_answered(self, number: int) -> bool:
        wrap = self.start_one(number)
        self.wraps.append(wrap)
        wrap.stdin.write(CALL)
        return b'"result"' in wrap.stdout.readline()

    def test_idle_sessions_side_by_side(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8_192), hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        self.programs = self.stage.root / "programs"
        build_programs(self.programs)
        self.users = [self.stage.user(f"idle{number}") for number in range(USERS)]
        daemon = self.stage.daemon
        without = private(daemon.process.pid), daemon.descriptors()
        self.wraps: list[subprocess.Popen] = []
        late = threading.Timer(DEADLINE, lambda: [wrap.kill() for wrap in self.wraps])
        late.start()
        try:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                unheard = [number for number, heard in enumerate(pool.map(self.is_answered, range(SESSIONS))) if not heard]
            self.assertEqual(unheard, [], "sessions without an answer")
            self.tell(daemon, *without)
        finally:
            late.cancel()
            for wrap in self.wraps:
                wrap.stdin.close()
            for wrap in self.wraps:
                wrap.stdout.close()
                wrap.wait(60)
        self.assert_nothing_left()
        self.evidence_verifies()

    def tell(self, daemon, private_before: int, descriptors_before: int):
        """What there is now, by program."""
        found: dict[str, list[int]] = {}
        for process in processes():
            if process.executable.startswith(f"{self.stage.root}/"):
                found.setdefault(os.path.basename(process.executable), []).append(private(process.pid))
        for program, sizes in sorted(found.items()):
            print(f"    {len(sizes):>5} × {program:<16} {sum(sizes) / len(sizes):>8,.0f} KiB private each, {max(sizes):,} at most")
        each = (daemon.descriptors() - descriptors_before) / SESSIONS
        grown = (private(daemon.process.pid) - private_before) / SESSIONS
        print(f"    sandboxd: {each:.1f} descriptors and {grown:.0f} KiB a session")
        self.assertEqual(len(found["sandbox-gate"]), SESSIONS)
        self.assertLessEqual(max(found["sandbox-gate"]), GATE_REACH)
        self.assertLessEqual(private(daemon.process.pid), DAEMON_REACH)
        self.assertLessEqual(each, DESCRIPTORS_REACH)
