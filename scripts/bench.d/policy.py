"""What policies cost: compiling one, deciding a call among few and many rules, reading and deciding a message.

The program measures within one process, in turns, the work of its own thread; the figures are medians over the rounds, ratios are medians
of the rounds' own ratios, with the interval in which the middle half of them lie.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

CPU = 1
# What is to be reached. At twice that (of allocations: at any) the status is 1.
REACH = {"compile_ms": 50.0, "decide_name": 1.5, "decide_glob": 1.5, "message_ns": 1500.0, "message_schema_ns": 1500.0}
WHAT = {
    "compile_ms": ("a policy of 1,000 rules, from text to rules and kernel plan", "ms"),
    "decide_name": ("a decision among 10,000 rules by name, one among 10 = 1.0", "×"),
    "decide_glob": ("a decision among 10,000 rules by pattern, one among 10 = 1.0", "×"),
    "message_ns": ("a message read strictly and decided, rule without arguments", "ns"),
    "message_schema_ns": ("a message read strictly and decided, arguments by schema", "ns"),
}
ALLOCATIONS = {
    "decide_name_allocations": "by name", "decide_glob_allocations": "by pattern",
    "message_allocations": "for a message", "message_schema_allocations": "for one with a schema",
}


def spread(values: list[float]) -> tuple[float, float, float]:
    """The median, and where the middle half lies."""
    low, middle, high = statistics.quantiles(values, n=4)
    return middle, low, high


def results(figures: dict) -> dict:
    values = {name: figures[name] for name in ("compile_ms", "message_ns", "message_schema_ns")}
    for kind in ("name", "glob"):
        pairs = zip(figures[f"decide_{kind}_10000_ns"], figures[f"decide_{kind}_10_ns"])
        values[f"decide_{kind}"] = [many / few for many, few in pairs]
    return {name: spread(values[name]) for name in REACH}


def report(figures: dict, found: dict):
    size = int(figures["message_bytes"][0])
    print(f"message: {size} bytes, reading alone {statistics.median(figures['read_ns']):.0f} ns; decision among 10 rules "
          f"{statistics.median(figures['decide_name_10_ns']):.0f} ns by name, {statistics.median(figures['decide_glob_10_ns']):.0f} ns by pattern")
    for name, (middle, low, high) in found.items():
        what, unit = WHAT[name]
        digits = 2 if unit == "×" else 1 if unit == "ms" else 0
        print(f"{what}: {middle:.{digits}f} {unit} ({low:.{digits}f} … {high:.{digits}f}; to reach: ≤ {REACH[name]:g})")
    counts = ", ".join(f"{figures[name][0]:g} {what}" for name, what in ALLOCATIONS.items())
    print(f"allocations on the way to allow: {counts} (to reach: 0)")


def verdict(figures: dict, found: dict) -> int:
    # The lower quartile: whoever else uses the machine only ever makes it slower.
    slow = [name for name, (_, low, _) in found.items() if low > 2 * REACH[name]]
    allocating = [name for name in ALLOCATIONS if figures[name][0] > 0]
    return 1 if slow or allocating else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench policy")
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--json", type=Path, help="write every figure of every round there")
    options = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0)) if CPU not in os.sched_getaffinity(0) else CPU})
    program = Path(os.environ["SANDBOXD_BIN"]) / "policy-bench"
    out = subprocess.run([program, str(options.rounds)], check=True, stdout=subprocess.PIPE, timeout=300).stdout
    figures = json.loads(out)
    found = results(figures)
    report(figures, found)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))
    return verdict(figures, found)


if __name__ == "__main__":
    sys.exit(main())
