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
        # A shell's job in the background ignores the interrupt, and would hand that on.
        heeding = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
        return subprocess.Popen([sys.executable, "-B", TOUR], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                preexec_fn=heeding)

    def assert_clean(self, tour: subprocess.Popen):
        """A stage is named after the process that made it, its users too."""
        name = f"sandboxd-stage.{tour.pid}."
        self.assertEqual(list(Path("/var/lib").glob(f"{name}*")), [])
        self.assertEqual(list(cgroup2_mount().glob(f"{name}*")), [])
        self.assertEqual([line for line in Path("/etc/passwd").read_text().splitlines() if f"/{name}" in line], [])
        self.assertEqual([line for line in Path("/proc/self/mountinfo").read_text().splitlines() if f"/{name}" in line], [])
        self.assertEqual([process for process in processes() if f"/{name}" in process.executable], [])

    def test_every_step_comes_out_as_stated(self):
        process = self.start()
        said, _ = process.communicate(timeout=300)
        self.assertIn(process.returncode, (0, 4), said)
        self.assertNotIn("FAILED", said)
        self.assert_clean(process)
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
                self.assert_clean(process)
