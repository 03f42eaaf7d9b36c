"""Calls of the control API, one after the other, by a user beside whom others' sessions run; and what the daemon takes for them.

The asking side is a Python program without any of our code; what it takes for itself is measured beside it, with a peer that answers at once.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(PROJECT / "Tests/Integration"))
from control import Control  # noqa: E402
from stage import Stage, required  # noqa: E402

# Microseconds for a call, p50; MB that the daemon has with 100 sessions.
LATENCY_REACH, RESIDENT_REACH = 200, 30
CALLS = ["DescribeLog", "Status", "ListSessions", "ListApprovals", "ListBudgets", "HostProfile", "org.varlink.service.GetInfo"]
REACHED = ("DescribeLog", "org.varlink.service.GetInfo", "ListApprovals")  # whose answer does not grow with sessions

ASKING = """\
import json, socket, sys, time
path, calls = sys.argv[1], int(sys.argv[2])
asking = socket.socket(socket.AF_UNIX)
asking.connect(path)
took = {}
for method in sys.argv[3:]:
    message = json.dumps({"method": method if "." in method else "io.sandboxd." + method}).encode() + b"\\0"
    times = []
    for _ in range(calls):
        began = time.perf_counter()
        asking.sendall(message)
        answer = asking.recv(1 << 20)
        while not answer.endswith(b"\\0"):
            answer += asking.recv(1 << 20)
        times.append(1e6 * (time.perf_counter() - began))
    took[method] = times, len(answer), b'"error"' in answer[:20]
print(json.dumps(took))
"""


def echo(path: str):
    """Answers at once: what the asking side, the kernel and two wake-ups take."""
    import socket
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    os.chmod(path, 0o666)
    listener.listen()

    def serve():
        peer, _ = listener.accept()
        while peer.recv(1 << 16):
            peer.sendall(b"{}\0")
    threading.Thread(target=serve, daemon=True).start()


class Bench:
    def __init__(self, stage: Stage, sessions: int):
        self.stage, self.sessions = stage, sessions
        self.user, self.asker = stage.user("bench"), stage.user("asker")
        self.programs = stage.root / "programs"
        subprocess.run([PROJECT / "Tests/Programs/build", self.programs], check=True)
        self.wraps: list[subprocess.Popen] = []

    def begin(self, number: int):
        command = [self.stage.sandboxctl, "wrap", "--quiet", "--policy", self.stage.policies / "echo.yaml", "--name", f"n{number}", "--",
                   self.programs / "echo_server"]
        wrap = self.user.start(command, self.stage.environment(self.user), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.wraps.append(wrap)
        call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "echo", "arguments": {}}}
        wrap.stdin.write(json.dumps(call).encode() + b"\n")
        wrap.stdin.flush()
        if b'"result"' not in wrap.stdout.readline():
            raise RuntimeError(f"a session did not start; sandboxd says:\n{self.stage.daemon.said()}")

    def __enter__(self):
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(self.begin, range(self.sessions)))
        return self

    def __exit__(self, *_):
        for wrap in self.wraps:
            wrap.stdin.close()
        for wrap in self.wraps:
            wrap.wait(60)

    def resident(self) -> float:
        return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{self.stage.daemon.process.pid}/status").read_text())[1]) / 1_024

    def ask(self, path, calls: int, methods: list[str]) -> dict:
        done = self.asker.run(["/usr/bin/python3", "-c", ASKING, path, calls, *methods], timeout=300)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return json.loads(done.stdout)


def microseconds(times: list[float]) -> str:
    ordered = sorted(times)
    return f"p50 {statistics.median(ordered):6.0f} µs   p99 {ordered[int(0.99 * len(ordered))]:6.0f} µs"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=100)
    parser.add_argument("--calls", type=int, default=2_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with Stage(required("SANDBOXD_BIN")) as stage:
        stage.daemon.start()
        with Bench(stage, options.sessions) as bench:
            plain = str(stage.root / "plain.sock")
            echo(plain)
            took = {"a peer that answers at once": bench.ask(plain, options.calls, ["x"])["x"]}
            took |= bench.ask(stage.daemon.socket, options.calls, CALLS)
            with Control(stage.daemon.socket) as control:
                if (running := len(control.call("ListSessions")["sessions"])) != options.sessions:
                    raise RuntimeError(f"{running} of {options.sessions} sessions run")
            time.sleep(2)
            resident = bench.resident()
    for name, (times, size, is_error) in took.items():
        if is_error:
            raise RuntimeError(f"{name}: an error was answered")
        print(f"{name:<30} {microseconds(times)}   {size:,} bytes")
    worst = max(statistics.median(took[name][0]) for name in REACHED)
    print(f"a call of the control API, p50: {worst:.0f} µs (to reach: ≤ {LATENCY_REACH})")
    print(f"sandboxd with {options.sessions} sessions: {resident:.1f} MB resident (to reach: ≤ {RESIDENT_REACH} with 100)")
    if options.json:
        figures = {name: statistics.median(times) for name, (times, _, _) in took.items()}
        options.json.write_text(json.dumps({"sessions": options.sessions, "p50": figures, "resident": resident}) + "\n")
    return 1 if worst > 2 * LATENCY_REACH or resident > 2 * RESIDENT_REACH else 0


if __name__ == "__main__":
    sys.exit(main())
