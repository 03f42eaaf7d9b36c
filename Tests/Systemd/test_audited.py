"""The capabilities of sandboxd's unit that only the kernel's audit log needs, in a guest where Landlock tells it what it denies (Linux 6.15):
scripts/systemd --series newest --require test_audited.
"""

import json
import os
import subprocess
import unittest

import audit
from guest import SANDBOXD, SESSIONS, install, journal, override, systemctl

TELLS = audit.landlock_abi() >= 7
if os.environ.get("SANDBOXD_REQUIRE") and not TELLS:
    raise RuntimeError("Landlock does not tell the audit log of this kernel what it denies: these tests need another guest")


@unittest.skipUnless(TELLS, "Landlock does not tell the audit log of this kernel what it denies (Linux 6.15)")
class AuditedTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        install()
        # The guest is nobody's else. systemd-journald may have switched it off.
        audit.switch(True)
        cls.addClassCleanup(audit.switch, False)
        if not audit.is_on():
            raise AssertionError("audit cannot be switched on in this guest")

    def tearDown(self):
        systemctl("stop", "sandboxd.socket", SANDBOXD, SESSIONS, check=False)

    def observed(self) -> str:
        systemctl("start", SANDBOXD)
        done = subprocess.run(["sandboxctl", "doctor", "--json"], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr + journal(SANDBOXD)[-3000:])
        systemctl("stop", "sandboxd.socket", SANDBOXD)
        return json.loads(done.stdout)["observed"]["audit-log"]

    def test_with_those_of_the_unit_it_is_read_and_without_one_it_is_said_not_to_be(self):
        self.assertEqual(self.observed(), "works")
        for name in ("CAP_AUDIT_READ", "CAP_AUDIT_CONTROL"):
            with self.subTest(name), override(SANDBOXD, f"[Service]\nCapabilityBoundingSet=~{name}\n"):
                said = self.observed()
                print(f"         without {name}: {said}", flush=True)
                self.assertNotEqual(said, "works")
        self.assertEqual(self.observed(), "works")
