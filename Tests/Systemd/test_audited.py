"""The capabilities of sandboxd's unit that only the kernel's audit log needs: it must be on, and tell what Landlock denies (Linux 6.15).

systemd-journald switches it on in the guest (Audit=, journald.conf(5)).
"""

import json
import os
import subprocess
import unittest

import audit
from guest import SANDBOXD, SESSIONS, install, journal, override, systemctl

ON = audit.is_on() and audit.landlock_abi() >= 7
if os.environ.get("SANDBOXD_REQUIRE") and not ON:
    raise RuntimeError("the kernel's audit log is off, or does not tell of Landlock: these tests need another guest")


@unittest.skipUnless(ON, "the kernel's audit log is off, or does not tell of Landlock (Linux 6.15)")
class AuditedTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        install()

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
