"""What a guest of the tier must show: mechanisms that were seen on that series before, and each listed test that needs one."""

import contextlib
import importlib.util
import io
import json
import shutil
import tempfile
import unittest
from pathlib import Path

from stage import PROJECT

_spec = importlib.util.spec_from_file_location("known", PROJECT / "scripts/kernels.d/known.py")
known = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(known)

ID = "KernelTests.Suite/{}(_:)/Suite.swift:1:1"


class KnownTests(unittest.TestCase):
    def setUp(self):
        self.root = Path(tempfile.mkdtemp(prefix="sandboxd-known."))
        self.addCleanup(shutil.rmtree, self.root)
        self.addCleanup(setattr, known, "SAVED", known.SAVED)
        known.SAVED = self.root
        for series, works in {"6.1": ["hooks"], "6.12": ["hooks", "lsm"]}.items():
            self.save(f"linux-{series}-daemon.json", series, works)

    def save(self, name: str, kernel: str, works: list[str], custody: str = "daemon") -> str:
        observed = {mechanism: "works" if mechanism in works else "absent (EINVAL when set up)" for mechanism in ("hooks", "lsm", "right")}
        path = self.root / name
        path.write_text(json.dumps({"kernel": kernel, "custody": custody, "observed": observed}))
        return str(path)

    def events(self, *records: tuple[str, str], with_cases: tuple[str, ...] = ()) -> str:
        path = self.root / "events"
        lines = [{"kind": "test", "payload": {"id": ID.format(test), "isParameterized": True}} for test in with_cases]
        lines += [{"kind": "event", "payload": {"kind": kind, "testID": ID.format(test), "_comments": ["no such kernel"]}} for kind, test in records]
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return str(path)

    def run_known(self, *words: str) -> tuple[int, str]:
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            status = known.main(*words)
        return status, said.getvalue()

    def judge(self, kernel: str, works: list[str], events: str, listed: str) -> tuple[int, str]:
        (self.root / "tests").write_text(f"# listed\n{listed}\n")
        return self.run_known("tests", self.save("seen.json", kernel, works), str(self.root / "tests"), events)

    def test_a_mechanism_that_worked_once_must_work(self):
        for kernel, works, status in (("6.1.9", ["hooks"], 0), ("6.12.118+deb13", ["hooks"], 1), ("6.19.1", ["hooks"], 1),
                                      ("6.18.1", ["hooks", "lsm", "right"], 0), ("6.1.9", [], 1), ("5.10.1", ["hooks"], 0)):
            with self.subTest(kernel=kernel, works=works):
                found, said = self.run_known("profile", self.save("seen.json", kernel, works))
                self.assertEqual(found, status, said)

    def test_a_probe_without_an_answer_is_a_failure(self):
        path = Path(self.save("seen.json", "6.1.9", ["hooks"]))
        path.write_text(path.read_text().replace("absent (EINVAL when set up)", "absent (no answer in time)"))
        self.assertEqual(self.run_known("profile", str(path))[0], 1)

    def test_what_ran_is_told_with_its_cases(self):
        events = self.events(("testCaseEnded", "one"), ("testCaseEnded", "one"), ("testEnded", "one"), ("testEnded", "two"), with_cases=("one",))
        status, said = self.judge("6.12.1", ["hooks", "lsm"], events, "lsm Suite/one\nhooks Suite/two")
        self.assertEqual((status, said.splitlines()), (0, ["ran      Suite/one (2 cases)", "ran      Suite/two", "2 of 2 listed tests ran, 2 in all"]))

    def test_what_must_run_and_was_skipped_or_did_not_end_or_had_no_case_is_a_failure(self):
        for records, with_cases in (([("testSkipped", "one")], ()), ([("testStarted", "one")], ()), ([], ()), ([("testEnded", "one")], ("one",))):
            with self.subTest(records=records):
                # Known of the series, though it was not seen to work this time; and the other way round.
                for kernel, works in (("6.12.1", ["hooks"]), ("6.1.9", ["lsm"])):
                    status, said = self.judge(kernel, works, self.events(*records, with_cases=with_cases), "lsm Suite/one")
                    self.assertEqual(status, 1, said)
                    self.assertIn("FAILED   Suite/one: lsm works here", said)

    def test_what_this_kernel_does_not_have_is_told_and_no_failure(self):
        status, said = self.judge("6.1.9", ["hooks"], self.events(("testSkipped", "one")), "lsm Suite/one")
        self.assertEqual((status, said.splitlines()[0]), (0, "not here Suite/one: skipped: no such kernel"))

    def test_a_run_that_wrote_nothing_is_a_failure(self):
        self.assertEqual(self.judge("6.12.1", ["lsm"], str(self.root / "nothing"), "lsm Suite/one")[0], 1)
