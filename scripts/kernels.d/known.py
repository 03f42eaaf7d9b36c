#!/usr/bin/python3
"""Holds what was seen on a kernel against what is known of it: the saved profile of its series, or of the newest before it.

Usage: known.py profile SEEN                     a profile; a mechanism that is known to work and does not is a failure
       known.py filter TESTS                     prints the expression that chooses the tests of that list
       known.py tests SEEN TESTS EVENTS          each test of the list, whether it ran, or why not; one that must run and did not is a failure
TESTS has lines of MECHANISM SUITE/TEST: what must run where that mechanism is known or seen to work. EVENTS is swift-testing's event stream.
"""

import json
import re
import sys
from collections import Counter
from pathlib import Path

SAVED = Path(__file__).resolve().parent.parent.parent / "Tests/Fixtures/profiles"
WORKS = "works"


def series(text: str) -> tuple[int, ...]:
    """6.12.118+deb13 is of 6.12."""
    return tuple(int(part) for part in re.match(r"(\d+)\.(\d+)", text).groups())


def known(seen: dict) -> dict:
    """The mechanisms of the saved profile; none are known of a kernel that is older than all."""
    named = {series(path.stem.removeprefix("linux-")): path for path in SAVED.glob(f"linux-*-{seen['custody']}.json")}
    before = [at for at in named if at <= series(seen["kernel"])]
    return json.loads(named[max(before)].read_text())["observed"] if before else {}


def profile(path: str) -> list[str]:
    seen = json.loads(Path(path).read_text())
    observed = seen["observed"]
    for name, found in observed.items():
        print(f"{name:<22}{found}")
    works = [name for name, found in observed.items() if found == WORKS]
    # A probe that never answers is no observation of this kernel.
    problems = [f"no answer in time: {name}" for name, found in observed.items() if "no answer in time" in found]
    problems += [f"worked once: {name}" for name, found in known(seen).items() if found == WORKS and observed.get(name) != WORKS]
    return problems + ([] if works else ["nothing works"]), f"{len(works)} of {len(observed)} mechanisms work"


def listed(path: str) -> list[tuple[str, str]]:
    lines = [line.split() for line in Path(path).read_text().splitlines() if line and not line.startswith("#")]
    return [(mechanism, test) for mechanism, test in lines]


def chosen(path: str) -> str:
    return "|".join(rf"\.{re.escape(test)}\(" for _, test in listed(path))


class Run:
    """What became of each test, by SUITE/TEST."""

    def __init__(self, path: str):
        self.cases, self.skips, self.ended, self.with_cases = Counter(), {}, set(), set()
        for line in Path(path).read_text().splitlines() if Path(path).exists() else ():
            record = json.loads(line)
            payload = record["payload"]
            if record["kind"] == "event" and "testID" in payload:
                self.take(payload)
            elif record["kind"] == "test" and payload.get("isParameterized"):
                self.with_cases.add(self.name(payload["id"]))

    @staticmethod
    def name(test: str) -> str:
        return test.split(".", 1)[1].split("(")[0]

    def take(self, event: dict):
        name = self.name(event["testID"])
        if event["kind"] == "testCaseEnded":
            self.cases[name] += 1
        elif event["kind"] == "testEnded":
            self.ended.add(name)
        elif event["kind"] == "testSkipped":
            self.skips[name] = "; ".join(event.get("_comments", [])) or "no reason given"

    def of(self, test: str) -> str:
        """Empty if it ran."""
        if test in self.skips:
            return f"skipped: {self.skips[test]}"
        did_all = test in self.ended and (self.cases[test] > 0 or test not in self.with_cases)
        return "" if did_all else "did not run to its end"


def tests(seen: str, path: str, events: str):
    seen = json.loads(Path(seen).read_text())
    run, known_here, problems, count = Run(events), known(seen), [], 0
    for mechanism, test in listed(path):
        must = WORKS in (known_here.get(mechanism), seen["observed"].get(mechanism))
        why = run.of(test)
        if not why:
            count += 1
            print(f"ran      {test}" + (f" ({run.cases[test]} cases)" if test in run.with_cases else ""))
        elif must:
            print(f"FAILED   {test}: {mechanism} works here, and it {why}")
            problems.append(test)
        else:
            print(f"not here {test}: {why}")
    return problems, f"{count} of {len(listed(path))} listed tests ran, {len(run.ended - set(run.skips))} in all"


def main(what: str, *arguments: str) -> int:
    if what == "filter":
        print(chosen(*arguments))
        return 0
    problems, summary = {"profile": profile, "tests": tests}[what](*arguments)
    print(summary + (f"; {'; '.join(problems)}" if problems else ""))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
