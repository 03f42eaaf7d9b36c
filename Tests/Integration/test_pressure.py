"""64 calls in flight, messages of 1 MB, readers that are slow on either side, a server that floods: nothing is lost, each direction keeps its
order, and the gate's memory stays bounded.  What it took at its most is printed, for README's figures."""

import json
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from cases import StagedTests
from stage import processes

POLICY = """\
sandboxd: 1
name: pressure
include: [runtime-python]
tools: {rules: [{id: all, tools: [call, received], effect: allow}]}
files: {read: ["%s"]}
"""

# KiB that a gate has at its most, shared pages too: more than its buffers for two lines of a megabyte and what is written of them, and less than
# a third of what goes through it.
BOUND = 24 << 10
LATE = 2.0  # seconds that a slow reader reads nothing at all
DEADLINE = 120.0


@dataclass
class Pressure:
    what: str
    calls: int
    in_flight: int
    sent: int = 0  # bytes of arguments
    answered: int = 1  # bytes of a result
    client_waits: bool = False
    server_waits: bool = False
    flood: int = 0  # notifications of 1 kB before each answer

    def line(self, number: int) -> bytes:
        arguments = {"n": number, "size": self.answered, "text": "y" * self.sent, "flood": self.flood}
        if self.server_waits and number == 0:
            arguments["pause"] = LATE
        return line({"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": {"name": "call", "arguments": arguments}})

    @property
    def through(self) -> int:
        return self.calls * (self.sent + self.answered + self.flood * 1_000)


PRESSURES = [
    Pressure("64 in flight, small", 4_000, 64),
    Pressure("64 in flight, 1 MB there and back", 64, 64, sent=1_000_000, answered=1_000_000),
    Pressure("a client that reads late", 1_000, 1_000, answered=100_000, client_waits=True),
    Pressure("a server that reads late", 1_000, 1_000, sent=100_000, server_waits=True),
    Pressure("a server that floods, a client that reads late", 4, 4, flood=25_000, client_waits=True),
]


def line(message: dict) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


class Watched:
    """A gate's memory while something happens: what it has of its own, looked at often, and what was resident at its most, by the kernel."""

    def __init__(self, pid: int):
        self.pid, self.private, self.ended = pid, 0, threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def watch(self):
        while not self.ended.wait(0.01):
            self.private = max(self.private, self.own())

    def own(self) -> int:
        lines = Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        self.resident = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


class PressureTests(StagedTests):
    def start(self) -> subprocess.Popen:
        policy = self.written_policy(POLICY % self.stage.servers, "pressure.yaml")
        command = self.wrap(policy, ["/usr/bin/python3", self.stage.servers / "pressure_server.py"], options=["--quiet"])
        wrap = self.user.start(command, self.stage.environment(self.user), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        late = threading.Timer(DEADLINE, wrap.kill)
        late.start()
        self.addCleanup(late.cancel)
        introduction = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "pressure", "version": "1"}}
        wrap.stdin.write(line({"jsonrpc": "2.0", "id": "hello", "method": "initialize", "params": introduction}))
        wrap.stdin.write(line({"jsonrpc": "2.0", "method": "notifications/initialized"}))
        wrap.stdin.flush()
        self.assertIn("result", json.loads(wrap.stdout.readline()))
        return wrap

    def gate(self) -> int:
        [gate] = [process.pid for process in processes() if process.executable == str(self.stage.programs / "sandbox-gate")]
        return gate

    def put_under(self, pressure: Pressure, wrap: subprocess.Popen):
        """Sends and reads at once, as a client does; what comes must be all of it, in its order."""
        room = threading.Semaphore(pressure.in_flight)

        def send():
            for number in range(pressure.calls):
                room.acquire()
                wrap.stdin.write(pressure.line(number))
                wrap.stdin.flush()

        sender = threading.Thread(target=send, daemon=True)
        sender.start()
        if pressure.client_waits:
            time.sleep(LATE)
        for number in range(pressure.calls):
            for noise in range(pressure.flood):
                self.assertEqual(json.loads(wrap.stdout.readline())["params"]["data"][0], noise)
            answer = json.loads(wrap.stdout.readline())
            self.assertEqual(answer["id"], number)
            self.assertEqual(len(answer["result"]["content"][0]["text"]), pressure.answered)
            room.release()
        sender.join()
        wrap.stdin.write(line({"jsonrpc": "2.0", "id": "last", "method": "tools/call", "params": {"name": "received", "arguments": {}}}))
        wrap.stdin.flush()
        last = json.loads(wrap.stdout.readline())
        self.assertEqual(last["id"], "last")
        self.assertEqual(json.loads(last["result"]["content"][0]["text"]), list(range(pressure.calls)))

    def test_memory_is_bounded_and_nothing_is_lost(self):
        rows = []
        for pressure in PRESSURES:
            with self.subTest(what=pressure.what):
                wrap = self.start()
                try:
                    with Watched(self.gate()) as watched:
                        self.put_under(pressure, wrap)
                    wrap.stdin.close()
                    self.assertEqual(wrap.wait(20), 0)
                finally:
                    wrap.kill()
                    wrap.wait()
                    wrap.stdout.close()
                rows.append((pressure, watched))
                self.assert_nothing_left()
        print(f"\n{'a gate under pressure':<50}{'through':>10}{'private, most':>16}{'resident, most':>16}", flush=True)
        for pressure, watched in rows:
            print(f"{pressure.what:<50}{pressure.through / 1e6:>7.1f} MB{watched.private:>12} KiB{watched.resident:>12} KiB", flush=True)
        self.assertEqual(len(rows), len(PRESSURES))
        for pressure, watched in rows:
            self.assertLessEqual(watched.resident, BOUND, pressure.what)
            self.assertLess(watched.private, BOUND, pressure.what)
        self.evidence_verifies()
