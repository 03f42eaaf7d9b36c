"""What evidence costs: the receipts of a call, calls whose receipts are brought to the disk first beside a gate that syncs for each call, and
verifying a log beside the digest that it is made of, and opening a long log beside a short one, as a daemon does that starts. All in one run, on one disk, interleaved; ratios are medians of the rounds' own ratios.

--local leaves out the other gate (which PyPI has); --long verifies ten million receipts.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from gate import MIDDLE_CPU, Bench, median, ratio
from peers import GATE_POLICY, PeersBench
from stage import Stage, required

VARIANTS = {"relay": 1, "process": 1, "disk": 1, "mcp-gate-policy": 0.2}
SHAPES = ("one", "many")
# Microseconds that the receipts of a call take; p50 and calls/s of `disk` against a sync for each call; bytes verified against bytes hashed.
APPEND_REACH, LATENCY_REACH, RATE_REACH, VERIFY_REACH = 3.0, 0.6, 10, 0.3
# A long log against one of SHORT receipts that has as much behind its last snapshot.
OPEN_REACH, SHORT, SEGMENT = 2.0, 10_000, 16_384
# Of SHA-256 in `openssl speed`: the largest block, where it is fastest.
BLOCK = 16_384
MANY = 10_000_000


class EvidenceBench(PeersBench):
    """The same gate under two policies, and mcp-gate-policy, whose file lies on the same disk as the spools."""

    def __init__(self, stage: Stage, calls: int, hasPeers: bool):
        if hasPeers:
            super().__init__(stage, calls)
        else:
            Bench.__init__(self, stage, calls)
            self.all_calls = calls
        text = (stage.policies / "echo.yaml").read_text()
        (stage.policies / "echo-disk.yaml").write_text(text.replace("name: echo", "name: echo-disk") + "evidence: {durability: disk}\n")

    def between(self, variant: str, server: list) -> list:
        if variant == "gate":
            return [self.stage.sandboxctl, "wrap", "--quiet", "--policy", self.stage.policies / f"{self.policy}.yaml", "--", *server]
        return super().between(variant, server)

    def measure(self, variant: str, shape: str) -> dict:
        self.policy = {"process": "echo", "disk": "echo-disk"}.get(variant)
        self.calls = max(20, int(self.all_calls * VARIANTS[variant]))
        return Bench.measure(self, "gate" if self.policy else variant, shape)


class Verifying:
    """A log, and how fast it is verified."""

    def __init__(self, stage: Stage, receipts: int):
        self.stage, self.receipts, self.directory = stage, receipts, stage.root / "log"
        start = time.monotonic()
        subprocess.run([required("SANDBOXD_BIN") / "evidence-bench", "log", self.directory, str(receipts)], check=True)
        self.making = time.monotonic() - start
        self.bytes = sum(file.stat().st_size for file in (self.directory / "segments").iterdir())

    def measure(self) -> dict:
        """Bytes per second, and what it took."""
        start = time.monotonic()
        process = subprocess.Popen(["taskset", "-c", MIDDLE_CPU, self.stage.sandboxctl, "receipts", "verify", "--json", self.directory],
                                   stdout=subprocess.PIPE, text=True)
        report = json.loads(process.stdout.read())
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        took = time.monotonic() - start
        if process.returncode != 0 or report["receipts"] != self.receipts:
            raise RuntimeError(f"verifying: status {process.returncode}, {report}")
        return {"seconds": took, "rate": self.bytes / took, "peak_kib": usage.ru_maxrss}

    def close(self):
        shutil.rmtree(self.directory)


class Opening:
    """A log, and how long a daemon that starts waits for it."""

    def __init__(self, stage: Stage, segments: int):
        self.directory, self.receipts = stage.root / f"log-{segments}", segments * SEGMENT + SHORT
        self.segments = segments
        subprocess.run([required("SANDBOXD_BIN") / "evidence-bench", "log", self.directory, str(self.receipts)], check=True)

    def measure(self) -> float:
        """Milliseconds, the median of some."""
        command = ["taskset", "-c", MIDDLE_CPU, required("SANDBOXD_BIN") / "evidence-bench", "open", self.directory, "9"]
        found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=120).stdout)
        if found["passedOver"] != self.segments * SEGMENT:
            raise RuntimeError(f"opening {self.receipts} receipts: {found}")
        return statistics.median(found["nanoseconds"]) / 1e6

    def close(self):
        shutil.rmtree(self.directory)


def hashing() -> float:
    """Bytes per second of SHA-256, by openssl itself."""
    command = ["taskset", "-c", MIDDLE_CPU, "openssl", "speed", "-seconds", "1", "-bytes", str(BLOCK), "-evp", "sha256", "-mr"]
    said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    found = re.search(r"^\+F:\d+:[^:]*:([0-9.]+)$", said, re.MULTILINE)
    if not found:
        raise RuntimeError(f"openssl speed says: {said}")
    return float(found[1])


def appending(stage: Stage, count: int) -> float:
    """Microseconds, p50."""
    command = ["taskset", "-c", MIDDLE_CPU, required("SANDBOXD_BIN") / "evidence-bench", "append", stage.root / "append", str(count)]
    figures = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=120).stdout)
    (stage.root / "append").unlink()
    return statistics.median(figures) / 1000


def report_calls(figures: dict):
    print(f"{'':<16} {'p50 µs':>9} {'p99 µs':>10} {'× relay':>8}   {'calls/s, 64 in flight':>22} {'× relay':>8}")
    for variant in figures:
        one, many = (figures[variant][shape] for shape in SHAPES)
        print(f"{variant:<16} {median(one, 'p50_us'):>9.1f} {median(one, 'p99_us'):>10.1f} {ratio(figures, variant, 'one', 'p50_us'):>8.2f}   "
              f"{median(many, 'calls_per_second'):>22,.0f} {ratio(figures, variant, 'many', 'calls_per_second'):>8.3f}")


class Verdict:
    """What is to be reached; twice as bad is a failure."""

    def __init__(self):
        self.is_bad = False

    def at_most(self, what: str, value: float, reach: float, unit: str):
        self.is_bad |= value > 2 * reach
        print(f"{what}: {value:.2f} {unit} (to reach: ≤ {reach:g})")

    def at_least(self, what: str, value: float, reach: float, unit: str):
        self.is_bad |= value < reach / 2
        print(f"{what}: {value:.2f} {unit} (to reach: ≥ {reach:g})")


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench evidence")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--calls", type=int, default=10000)
    parser.add_argument("--receipts", type=int, default=500_000, help="of the log that is verified in each round")
    parser.add_argument("--opened", type=int, default=1_000_000, help="receipts of the long log that is opened in each round, about")
    parser.add_argument("--local", action="store_true", help="without mcp-gate-policy")
    parser.add_argument("--long", action="store_true", help=f"verify {MANY:,} receipts, too")
    parser.add_argument("--json", type=Path, help="write every figure of every round there")
    options = parser.parse_args()
    if len(os.sched_getaffinity(0)) < 2:
        raise SystemExit("two CPUs are needed: one for driver and server, one for what is between them")
    variants = [name for name in VARIANTS if not (options.local and name == "mcp-gate-policy")]
    figures = {variant: {shape: [] for shape in SHAPES} for variant in variants}
    appended, verified, hashed, opened, long = [], [], [], [], None
    with Stage(required("SANDBOXD_BIN")) as stage:
        stage.daemon.start()
        bench = EvidenceBench(stage, options.calls, not options.local)
        log = Verifying(stage, options.receipts)
        opening = Opening(stage, 0), Opening(stage, max(1, options.opened // SEGMENT))
        for round in range(options.rounds):
            appended.append(appending(stage, 50_000))
            for shape in SHAPES:
                for variant in variants:
                    figures[variant][shape].append(bench.measure(variant, shape))
            verified.append(log.measure())
            hashed.append(hashing())
            opened.append([one.measure() for one in opening])
            print(f"round {round + 1} of {options.rounds}", file=sys.stderr, flush=True)
        for one in (log, *opening):
            one.close()
        if options.long:
            log = Verifying(stage, MANY)
            long = log.measure() | {"bytes": log.bytes, "making": log.making, "hash": hashing()}
            log.close()
    report_calls(figures)
    verdict = Verdict()
    verdict.at_most("the receipts of a call, appended (`process`), p50", statistics.median(appended), APPEND_REACH, "µs")
    if not options.local:
        p50 = ratio(figures, "disk", "one", "p50_us", "mcp-gate-policy")
        rate = ratio(figures, "disk", "many", "calls_per_second", "mcp-gate-policy")
        verdict.at_most("`disk`, p50, mcp-gate-policy = 1.0", p50, LATENCY_REACH, "×")
        verdict.at_least("`disk`, calls per second with 64 in flight, mcp-gate-policy = 1.0", rate, RATE_REACH, "×")
    speed = statistics.median(one["rate"] / other for one, other in zip(verified, hashed))
    verdict.at_least(f"verifying {options.receipts:,} receipts ({statistics.median(one['rate'] for one in verified) / 1e6:.0f} MB/s), by bytes, "
                     f"SHA-256 of `openssl speed` ({statistics.median(hashed) / 1e6:.0f} MB/s) = 1.0", speed, VERIFY_REACH, "×")
    verdict.at_most(f"opening {opening[1].receipts:,} receipts ({statistics.median(one[1] for one in opened):.1f} ms), {SHORT:,} = 1.0",
                    statistics.median(longer / shorter for shorter, longer in opened), OPEN_REACH, "×")
    if long:
        print(f"{MANY:,} receipts ({long['bytes'] / 1e9:.2f} GB, made and signed in {long['making']:.0f} s): verified in {long['seconds']:.1f} s "
              f"({long['rate'] / long['hash']:.2f} × SHA-256), peak memory {long['peak_kib'] / 1024:.0f} MiB")
    if options.json:
        everything = {"calls": figures, "append_us": appended, "verify": verified, "sha256": hashed, "open_ms": opened, "long": long}
        options.json.write_text(json.dumps(everything, indent=1))
    return 1 if verdict.is_bad else 0


if __name__ == "__main__":
    sys.exit(main())
