"""A user who misuses the control socket: others are served all the same, and neither descriptors nor memory of the daemon are used up."""

import re
import subprocess
import time
from pathlib import Path

from cases import StagedTests
from control import Control
from stage import until

CONNECTIONS, DESCRIPTORS = 128, 512  # of one user, as the daemon counts them


class CrowdTests(StagedTests):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.stage.user("other")

    def memory(self) -> int:
        """KiB that the daemon has."""
        return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{self.stage.daemon.process.pid}/status").read_text())[1])

    def others_are_served(self) -> float:
        """The longest of ten answers to another user, in seconds."""
        longest = 0.0
        for _ in range(10):
            began = time.monotonic()
            done = self.other.run([self.stage.sandboxctl, "sessions"], environment=self.stage.environment(self.other), timeout=20)
            self.assertEqual((done.returncode, done.stdout), (0, "no session runs\n"), done.stderr)
            longest = max(longest, time.monotonic() - began)
        return longest

    def misuse(self, way: str, descriptors: int, growth: int):
        before, memory = self.stage.daemon.descriptors(), self.memory()
        crowd = self.user.start(["/usr/bin/python3", "-B", self.stage.servers / "crowd.py", self.stage.daemon.socket, way], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            said = crowd.stdout.readline().strip() or self.fail(crowd.communicate()[1])
            longest = self.others_are_served()
            held, grown = self.stage.daemon.descriptors() - before, self.memory() - memory
        finally:
            errors = crowd.communicate(timeout=60)[1]
        self.assertEqual(crowd.returncode, 0, errors)
        until(lambda: self.stage.daemon.descriptors() <= before, 20, "its descriptors to be given back")
        left = self.memory() - memory
        print(f"    {way}: {said}; sandboxd holds {held} descriptors and {grown:,} KiB more, {left:,} KiB afterwards; "
              f"another user waits {1_000 * longest:.0f} ms at most", flush=True)
        self.assertLessEqual(held, descriptors)
        self.assertLessEqual(grown, growth)
        self.assertLessEqual(left, growth)
        self.assertLess(longest, 5)

    def test_ten_thousand_connections(self):
        self.misuse("many", CONNECTIONS + 8, 8 << 10)

    def test_unfinished_messages(self):
        self.misuse("halves", CONNECTIONS + 8, 24 << 10)

    def test_descriptors_of_unfinished_messages(self):
        self.misuse("descriptors", CONNECTIONS + DESCRIPTORS + 64, 8 << 10)

    def test_a_byte_at_a_time(self):
        self.misuse("slow", CONNECTIONS + 8, 8 << 10)

    def test_closing_in_mid_message(self):
        self.misuse("closing", CONNECTIONS + 8, 8 << 10)

    def test_who_never_reads(self):
        self.misuse("deaf", CONNECTIONS + 8, 24 << 10)

    def test_the_positive_control(self):
        """What is misused here serves whoever uses it well: as many calls over one connection, and a message in pieces."""
        with Control(self.stage.daemon.socket) as control:
            for _ in range(100):
                self.assertIn("profile", control.call("HostProfile"))
            for part in (b'{"method":"io.sandboxd.', b'HostProfile"', b"}\0"):
                control.socket.sendall(part)
                time.sleep(0.01)
            self.assertIn("profile", control.receive())
