"""The tier itself: what its other tests rely on."""

import unittest
from pathlib import Path

from guest import Unit, is_active, show, systemctl


class GuestTests(unittest.TestCase):
    def test_a_service_runs_in_its_own_cgroup_within_its_limits_and_tells_the_journal(self):
        with Unit("trial.service", "[Service]\nMemoryMax=64M\nExecStart=/bin/sh -c 'echo it begins; exec sleep 300'\n") as unit:
            unit.start()
            unit.says("it begins")
            self.assertEqual(Path(f"/proc/{unit.main_process()}/cgroup").read_text(), "0::/system.slice/trial.service\n")
            self.assertEqual((unit.cgroup() / "memory.max").read_text(), f"{64 << 20}\n")
        self.assertFalse(is_active("trial.service"))

    def test_a_service_that_fails_is_told_of(self):
        with Unit("trial.service", "[Service]\nExecStart=/bin/sh -c 'exit 7'\nType=oneshot\n"):
            self.assertNotEqual(systemctl("start", "trial.service", check=False).returncode, 0)
            self.assertEqual(show("trial.service", "Result", "ExecMainStatus"), {"Result": "exit-code", "ExecMainStatus": "7"})
