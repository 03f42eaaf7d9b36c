"""Runs the tests that need systemd as the first process, as Tests/Integration/run.py does its own; scripts/systemd calls it in a guest.

Usage: run.py [PATTERN]...
What a test here changes is gone with the guest, but other tests come after it: services are stopped, and units taken away, when a test is over.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "Integration")]

import run_tests
from guest import require_guest

if __name__ == "__main__":
    require_guest()
    sys.exit(run_tests.main(sys.argv[1:], HERE))
