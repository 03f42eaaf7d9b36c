"""Calls through sandboxd's gate beside other programs that stand between an MCP client and its server, each with what it does by
default: mcp-gate-policy (a gate that syncs its log for each call), agent-aegis (a proxy with scanners), fastmcp and mcp-proxy (proxies that
decide nothing).  All in one run, interleaved; driver and server share one CPU, what is between them has the other.
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

from gate import MIDDLE_CPU, Bench, median, ratio
from stage import Stage, processes, required

# With the part of the calls that each is given: the slow ones would take minutes.
VARIANTS = {"direct": 1, "relay": 1, "sandboxd": 1, "mcp-gate-policy": 0.1, "agent-aegis": 0.02, "fastmcp": 0.02, "mcp-proxy": 0.02}
SHAPES = ("one", "many")
# Calls per second with 64 in flight, against mcp-gate-policy.
RATE_REACH = 15
PORT = 18_931

GATE_POLICY = {"name": "bench", "version": "1", "default_effect": "deny", "rules": [{"id": "echo", "effect": "allow", "tools": ["echo"]}]}
AEGIS_POLICY = """\
version: "1"
defaults: {risk_level: low, approval: auto}
rules:
  - {name: echo, match: {type: echo}, risk_level: low, approval: auto}
"""


class PeersBench(Bench):
    said = subprocess.DEVNULL  # some log each request

    def __init__(self, stage: Stage, calls: int):
        super().__init__(stage, calls)
        self.all_calls = calls
        self.peers, self.fastmcp = required("SANDBOXD_PEERS") / "bin", required("SANDBOXD_FASTMCP") / "bin"
        self.files = self.user.home / "peers"
        self.files.mkdir()
        (self.files / "gate.json").write_text(json.dumps(GATE_POLICY))
        (self.files / "aegis.yaml").write_text(AEGIS_POLICY)
        command, *arguments = map(str, self.server)
        (self.files / "mcp.json").write_text(json.dumps({"mcpServers": {"echo": {"command": command, "args": arguments}}}))
        for path in (self.files, *self.files.iterdir()):
            os.chown(path, self.user.uid, self.user.gid)

    def between(self, variant: str, server: list) -> list:
        pinned = ["taskset", "-c", MIDDLE_CPU]
        match variant:
            case "sandboxd":
                return super().between("gate", server)
            case "mcp-gate-policy":
                return [*pinned, self.peers / "mcp-gate", "run", "--policy", self.files / "gate.json", "--audit", self.files / "audit.jsonl", "--", *server]
            case "agent-aegis":
                return [*pinned, self.peers / "aegis-mcp-proxy", "--policy", self.files / "aegis.yaml", "--audit-db", self.files / "aegis.db",
                        "--pin-store", self.files / "pins.json", "--log-level", "ERROR", "--wrap", *server]
            case "fastmcp":
                return [*pinned, self.fastmcp / "fastmcp", "run", self.files / "mcp.json", "--no-banner", "--log-level", "ERROR"]
            case "mcp-proxy":
                return [*pinned, self.peers / "mcp-proxy", "--transport", "streamablehttp", f"http://127.0.0.1:{PORT}/mcp"]
            case _:
                return super().between(variant, server)

    def measure(self, variant: str, shape: str) -> dict:
        self.calls = max(20, int(self.all_calls * VARIANTS[variant]))
        other = self.start_proxy_server() if variant == "mcp-proxy" else None
        try:
            return super().measure("gate" if variant == "sandboxd" else variant, shape)
        finally:
            if other is not None:
                other.terminate()
                other.wait(30)

    def start_proxy_server(self) -> subprocess.Popen:
        """The half that speaks HTTP with the other and stdio with the server."""
        command = ["taskset", "-c", MIDDLE_CPU, self.peers / "mcp-proxy", "--port", PORT, "--", *self.server]
        process = self.user.start(command, self.stage.environment(self.user), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", PORT)) == 0:
                    return process
            time.sleep(0.1)
        process.kill()
        raise TimeoutError("mcp-proxy does not listen")


def report(figures: dict):
    print(f"{'':<16} {'p50 µs':>9} {'p99 µs':>10} {'× relay':>8}   {'calls/s, 64 in flight':>22} {'× relay':>8} {'× mcp-gate-policy':>18}")
    for variant in VARIANTS:
        one, many = (figures[variant][shape] for shape in SHAPES)
        rates = [ratio(figures, variant, "many", "calls_per_second", to) for to in ("relay", "mcp-gate-policy")]
        print(f"{variant:<16} {median(one, 'p50_us'):>9.1f} {median(one, 'p99_us'):>10.1f} {ratio(figures, variant, 'one', 'p50_us'):>8.2f}   "
              f"{median(many, 'calls_per_second'):>22,.0f} {rates[0]:>8.3f} {rates[1]:>18.2f}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench peers")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--calls", type=int, default=10000)
    parser.add_argument("--json", type=Path, help="write every figure of every round there")
    options = parser.parse_args()
    if len(os.sched_getaffinity(0)) < 2:
        raise SystemExit("two CPUs are needed: one for driver and server, one for what is between them")
    figures = {variant: {shape: [] for shape in SHAPES} for variant in VARIANTS}
    with Stage(required("SANDBOXD_BIN")) as stage:
        stage.daemon.start()
        bench = PeersBench(stage, options.calls)
        for round in range(options.rounds):
            for shape in SHAPES:
                for variant in VARIANTS:
                    figures[variant][shape].append(bench.measure(variant, shape))
            print(f"round {round + 1} of {options.rounds}", file=sys.stderr, flush=True)
    report(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))
    rate = ratio(figures, "sandboxd", "many", "calls_per_second", "mcp-gate-policy")
    print(f"calls per second, 64 in flight: {rate:.1f} × mcp-gate-policy (to reach: ≥ {RATE_REACH})")
    return 1 if rate < RATE_REACH / 2 else 0


if __name__ == "__main__":
    sys.exit(main())
