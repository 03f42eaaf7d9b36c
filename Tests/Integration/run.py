"""Runs the integration tests and closes with `N passed, N failed, N skipped`.

Usage: run.py [PATTERN]...     e.g. run.py test_sdk Tests.of.no.other.module
SANDBOXD_BIN names the directory of the programs; without it the tests fail, they are not skipped.
"""

import sys
from pathlib import Path

from run_tests import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Path(__file__).resolve().parent))
