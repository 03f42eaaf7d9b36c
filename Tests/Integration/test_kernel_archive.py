"""Kernels that the test tier fetches: what cannot be had, or is not what Debian signed, fails the run and says so."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from kernel_archive import RELEASE, Archive
from stage import PROJECT

# The scripts themselves, but for where they look, whom they trust and how long they wait.
SOURCED = """set -euo pipefail
project=$1 cache=$2 keyring=$3 site=$4
shift 4
. "$project/scripts/lib/terminal.bash"
for part in archive guest tier; do . "$project/scripts/kernels.d/$part.bash"; done
kernel_cache=$cache kernel_keyring=$keyring kernel_suites=(bookworm) kernel_pauses=(0 0)
debian_sites() { say "Debian $site"; }
libraries_of_tests() { say /; }
usage() { note "$*"; exit 126; }
"$@"
"""


class KernelArchiveTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = Path(tempfile.mkdtemp(prefix="sandboxd-archive.", dir="/var/tmp"))
        cls.addClassCleanup(shutil.rmtree, cls.root)
        cls.archive = Archive(cls.root)
        cls.addClassCleanup(cls.archive.close)

    def setUp(self):
        self.cache = self.root / "cache"
        self.addCleanup(shutil.rmtree, self.cache, ignore_errors=True)
        self.archive.asked.clear()

    def run_script(self, manner: str, *words: str) -> subprocess.CompletedProcess:
        self.archive.manner = manner
        (self.cache / "archive/updated").unlink(missing_ok=True)
        command = ["bash", "-c", SOURCED, "kernels", PROJECT, self.cache, self.archive.keys["own"].public, self.archive.site, *words]
        return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120,
                              env=os.environ | {"no_proxy": "127.0.0.1", "TMPDIR": str(self.root)})

    def fetch(self, manner: str) -> subprocess.CompletedProcess:
        return self.run_script(manner, "fetch_kernels", "6.1")

    def is_here(self) -> bool:
        return (self.cache / f"images/{RELEASE}/complete").exists()

    def let_a_day_pass(self):
        os.utime(self.cache / "series/6.1", (0, 0))

    def test_a_kernel_that_is_there_is_fetched_and_named(self):
        done = self.fetch("whole")
        self.assertEqual((done.returncode, done.stdout.split()), (0, ["kernel", "6.1", RELEASE]), done.stderr)
        self.assertTrue(self.is_here())
        self.assertEqual((self.cache / f"images/{RELEASE}/vmlinuz").read_text()[:9], "no kernel")

    def test_what_cannot_be_had_whole_is_no_kernel_and_is_asked_for_three_times(self):
        asked = {"gone": "dists/bookworm/InRelease", "strange": "dists/bookworm/InRelease", "cut": f"pool/linux-image-{RELEASE}.deb",
                 "altered": f"pool/linux-image-{RELEASE}.deb"}
        for manner, name in asked.items():
            with self.subTest(manner=manner):
                self.archive.asked.clear()
                done = self.fetch(manner)
                self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
                self.assertIn("no kernel of series 6.1", done.stderr)
                self.assertGreaterEqual(self.archive.asked.count(name), 3, self.archive.asked)
                self.assertFalse(self.is_here())
                self.assertEqual(done.stdout, "")
        # Nothing that was left of these is in the way of a better day.
        self.assertEqual(self.fetch("whole").returncode, 0)

    def test_one_that_was_fetched_before_will_do_and_is_told(self):
        self.fetch("whole")
        for manner in ("gone", "strange"):
            with self.subTest(manner=manner):
                self.let_a_day_pass()
                done = self.fetch(manner)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn(f"kernel 6.1 is the one that was fetched before: {RELEASE}", done.stderr)

    def test_a_series_that_the_archive_does_not_have(self):
        done = self.run_script("whole", "fetch_kernels", "6.1", "5.99")
        self.assertEqual(done.returncode, 1)
        self.assertIn("the archive has no kernel of series 5.99", done.stderr)
        self.assertIn("no kernel of series 5.99\n", done.stderr)
        self.assertTrue(self.is_here(), "the other one")

    def test_a_run_without_a_kernel_fails_and_says_which(self):
        for manner in ("gone", "cut", "strange"):
            with self.subTest(manner=manner):
                done = self.run_script(manner, "eval", f"read_tier_options --results {self.root}/results 6.1; run_tier")
                self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
                self.assertIn("\nkernel 6.1: missing\n", done.stdout)
