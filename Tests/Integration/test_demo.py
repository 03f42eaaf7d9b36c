"""The demo's own steps come out as stated here, and it cleans up after itself."""

import os
import signal
import subprocess
import sys
import unittest
from pathlib import Path

from stage import PROJECT, cgroup2_mount, processes, required

TOUR = PROJECT / "scripts/demo.d/tour.py"


class DemoTests(unittest.TestCase):
    def start(self) -> subprocess.Popen:
        required("SANDBOXD_BIN")
        self.before = self.traces()
        return subprocess.Popen([sys.executable, "-B", TOUR], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    @staticmethod
    def traces() -> dict:
        """What a run may leave on a host, besides processes."""
        return {"directories": set(Path("/var/lib").glob("sandboxd-stage.*")), "cgroups": set(cgroup2_mount().glob("sandboxd-stage.*")),
                "users": {line.split(":")[0] for line in Path("/etc/passwd").read_text().splitlines() if line.startswith("sbx-")},
                "mounts": {line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines() if "sandboxd-stage" in line}}

    def assert_clean(self):
        self.assertEqual(self.traces(), self.before)
        left = [process for process in processes() if "/sandboxd-stage." in process.executable]
        self.assertEqual(left, [])

    def test_every_step_comes_out_as_stated(self):
        process = self.start()
        said, _ = process.communicate(timeout=300)
        self.assertIn(process.returncode, (0, 4), said)
        self.assertNotIn("FAILED", said)
        self.assert_clean()
        if process.returncode == 4:
            self.skipTest(f"this kernel cannot enforce all of it:\n{said}")

    def test_it_cleans_up_when_it_is_interrupted(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number.name):
                process = self.start()
                for line in process.stdout:
                    if "call was forwarded" in line:
                        break
                os.kill(process.pid, number)
                said, _ = process.communicate(timeout=60)
                self.assertNotEqual(process.returncode, 0, said)
                self.assert_clean()
