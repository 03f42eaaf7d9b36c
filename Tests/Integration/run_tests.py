"""Runs the tests of a directory, and closes with `N passed, N failed, N skipped`."""

import os
import signal
import sys
import time
import unittest
from pathlib import Path

from attempts import RECORD
from cases import end_sharing


class Result(unittest.TextTestResult):
    """Prints a line per test, with its time."""

    def __init__(self, *arguments, **more):
        super().__init__(*arguments, **more)
        self.passed, self.began = 0, time.monotonic()

    def startTest(self, test):
        self.began = time.monotonic()
        unittest.TestResult.startTest(self, test)

    def say(self, status: str, test, more: str = ""):
        self.stream.writeln(f"{status:<8}{time.monotonic() - self.began:6.1f} s  {test.id()}{more}")
        self.stream.flush()

    def addSuccess(self, test):
        self.passed += 1
        self.say("ok", test)

    def addError(self, test, error):
        unittest.TestResult.addError(self, test, error)
        self.say("ERROR", test)

    def addFailure(self, test, error):
        unittest.TestResult.addFailure(self, test, error)
        self.say("FAILED", test)

    def addSubTest(self, test, subtest, error):
        unittest.TestResult.addSubTest(self, test, subtest, error)
        if error is not None:
            self.say("FAILED", subtest)

    def addSkip(self, test, reason):
        if os.environ.get("SANDBOXD_REQUIRE"):
            self.failures.append((test, f"skipped, and --require was given: {reason}"))
            self.say("FAILED", test, f": cannot run here: {reason}")
        else:
            unittest.TestResult.addSkip(self, test, reason)
            self.say("skipped", test, f": {reason}")


def judge_attempts(patterns: list[str], here: Path) -> int:
    """Prints what came of the escape suite, where it took part. A whole run of it must have shown enough."""
    if not RECORD.outcomes:
        return 0
    print(RECORD.table(), flush=True)
    suite = [module.stem for module in here.glob("test_escape_*.py")]
    is_whole = not patterns or all(any(pattern in f"{module}." for pattern in patterns) for module in suite)
    problems = RECORD.verdict() if is_whole else []
    for problem in problems:
        print(f"FAILED  the escape suite: {problem}", flush=True)
    return len(problems)


def main(patterns: list[str], here: Path) -> int:
    """Runs those of the `test_*.py` there whose names have one of the patterns; the exit status."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    loader = unittest.TestLoader()
    loader.testNamePatterns = [f"*{pattern}*" for pattern in patterns] or None
    suite = loader.discover(str(here), pattern="test_*.py", top_level_dir=str(here))
    runner = unittest.TextTestRunner(stream=sys.stdout, resultclass=Result, verbosity=0)
    try:
        result = runner.run(suite)
    finally:
        end_sharing()
    failed = len(result.failures) + len(result.errors) + judge_attempts(patterns, here)
    print(f"{result.passed} passed, {failed} failed, {len(result.skipped)} skipped", flush=True)
    return 0 if failed == 0 and result.passed > 0 else 1

