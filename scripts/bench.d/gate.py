"""Round trips of tools/call requests, small and of 60 kB: direct, through a C poll relay, and through the gate with receipts on.

Driver and server share one CPU, relay or gate has the other. The rounds of all three are interleaved, so that what
else this host does falls on each alike; the figures are medians over the rounds.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(PROJECT / "Tests/Integration"))
from stage import Stage, processes, required  # noqa: E402

SHARED_CPU, MIDDLE_CPU = "0", "1"
VARIANTS = ("direct", "relay", "gate")
# What is measured: options of driver and server, and the part of the calls that is made.
SHAPES = {
    "one": (["--window", 1], [], 1),
    "many": (["--window", 64], [], 1),
    "large": (["--window", 1, "--text", 60_000], ["--answer", 60_000], 0.2),
}
# Against the relay: p50 of one call after the other, calls per second with 64 in flight, p50 of calls and answers of 60 kB.
LATENCY_REACH, RATE_REACH, LARGE_REACH = 1.5, 0.2, 2.0


class Bench:
    said = None  # where what is measured writes its stderr: ours

    def __init__(self, stage: Stage, calls: int):
        self.stage, self.calls = stage, calls
        self.user = stage.user("bench")
        self.programs = stage.root / "programs"
        subprocess.run([PROJECT / "Tests/Programs/build", self.programs], check=True)
        self.server = [self.programs / "echo_server", "--cpu", SHARED_CPU]

    def between(self, variant: str, server: list) -> list:
        """The command that the driver starts."""
        if variant == "direct":
            return server
        if variant == "relay":
            return [self.programs / "poll_relay", "--cpu", MIDDLE_CPU, "--", *server]
        return [self.stage.sandboxctl, "wrap", "--quiet", "--policy", self.stage.policies / "echo.yaml", "--", *server]

    def measure(self, variant: str, shape: str) -> dict:
        asked, answered, part = SHAPES[shape]
        calls = max(1, int(self.calls * part))
        driver = [self.programs / "load_driver", "--cpu", SHARED_CPU, "--calls", calls, "--warm-up", max(1, calls // 10), *asked, "--hold"]
        command = [*driver, "--", *self.between(variant, [*self.server, *answered])]
        process = self.user.start(command, self.stage.environment(self.user), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.said,
                                  text=True)
        if process.stdout.readline() != "ready\n":
            process.wait()
            raise RuntimeError(f"{variant}: no session came about; sandboxd says:\n{self.stage.daemon.said()}")
        if variant == "gate":
            self.pin_gate()
        out, _ = process.communicate("go\n", 300)
        if process.returncode != 0:
            raise RuntimeError(f"{variant}: the driver ended with status {process.returncode}")
        return json.loads(out)

    def pin_gate(self):
        gates = [process for process in processes() if process.executable == str(self.stage.programs / "sandbox-gate")]
        if len(gates) != 1:
            raise RuntimeError(f"expected one gate, found {gates}")
        os.sched_setaffinity(gates[0].pid, {int(MIDDLE_CPU)})


def run(bench: Bench, rounds: int) -> dict:
    """Every figure of every round: figures[variant][shape] is a list."""
    figures = {variant: {shape: [] for shape in SHAPES} for variant in VARIANTS}
    for round in range(rounds):
        for shape in SHAPES:
            for variant in VARIANTS:
                figures[variant][shape].append(bench.measure(variant, shape))
        print(f"round {round + 1} of {rounds}", file=sys.stderr, flush=True)
    return figures


def median(figures: list[dict], name: str) -> float:
    return statistics.median(figure[name] for figure in figures)


def ratio(figures: dict, variant: str, shape: str, name: str, to: str = "relay") -> float:
    """The median of the rounds' own ratios."""
    pairs = zip(figures[variant][shape], figures[to][shape])
    return statistics.median(mine[name] / other[name] for mine, other in pairs)


def report(figures: dict):
    print(f"{'':<8} {'p50 µs':>9} {'p99 µs':>9} {'p50 ratio':>10}   {'calls/s, 64 in flight':>22} {'ratio':>6}   {'60 kB p50 µs':>13} {'ratio':>6}")
    for variant in VARIANTS:
        one, many, large = (figures[variant][shape] for shape in SHAPES)
        print(f"{variant:<8} {median(one, 'p50_us'):>9.1f} {median(one, 'p99_us'):>9.1f} {ratio(figures, variant, 'one', 'p50_us'):>10.2f}   "
              f"{median(many, 'calls_per_second'):>22,.0f} {ratio(figures, variant, 'many', 'calls_per_second'):>6.2f}   "
              f"{median(large, 'p50_us'):>13.1f} {ratio(figures, variant, 'large', 'p50_us'):>6.2f}")


def verdict(figures: dict) -> int:
    latency, rate = ratio(figures, "gate", "one", "p50_us"), ratio(figures, "gate", "many", "calls_per_second")
    large = ratio(figures, "gate", "large", "p50_us")
    print(f"p50 through the gate: {latency:.2f} × the relay (to reach: ≤ {LATENCY_REACH})")
    print(f"calls per second, 64 in flight: {rate:.2f} × the relay (to reach: ≥ {RATE_REACH})")
    print(f"p50 of 60 kB there and back: {large:.2f} × the relay (to reach: ≤ {LARGE_REACH})")
    return 1 if latency > 2 * LATENCY_REACH or rate < RATE_REACH / 2 or large > 2 * LARGE_REACH else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench gate")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--calls", type=int, default=20000)
    parser.add_argument("--json", type=Path, help="write every figure of every round there")
    options = parser.parse_args()
    if len(os.sched_getaffinity(0)) < 2:
        raise SystemExit("two CPUs are needed: one for driver and server, one for what is between them")
    with Stage(required("SANDBOXD_BIN")) as stage:
        stage.daemon.start()
        figures = run(Bench(stage, options.calls), options.rounds)
    report(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))
    return verdict(figures)


if __name__ == "__main__":
    sys.exit(main())
