"""What the daemon measures, as the parser of Prometheus reads it; and who may ask for it, and how long."""

import http.client
import json
import re
import socket
import subprocess
import time

from cases import StagedTests
from receivers import network_namespace
from stage import PROJECT, required, until
from wire import Wire

POLICY = """\
sandboxd: 1
name: measured
include: [runtime-python]
inputs: {programs: null}
tools:
  rules:
    - {id: ask, tools: [misbehave], effect: ask, when: {argument: /how, equals: ask}}
    - {id: rest, tools: [misbehave], effect: allow, when: {argument: /how, equals: x}}
    - {id: spend, tools: [misbehave], effect: allow, budget: {name: calls, of: /amount, limit: 5, per: day}, when: {argument: /how, equals: spend}}
files: {read: ["${programs}"]}
approvals: {by: [caller], wait: 30s}
"""
PARSER = """\
import json, sys
from prometheus_client.parser import text_string_to_metric_families
families = list(text_string_to_metric_families(sys.stdin.read()))
print(json.dumps([[f.name, f.type, f.documentation, [[s.name, s.labels, s.value] for s in f.samples]] for f in families]))
"""


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=20)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class MetricsTests(StagedTests):
    @classmethod
    def setUpClass(cls):
        # A port of loopback that is nobody else's.
        cls.enterClassContext(network_namespace())
        super().setUpClass()
        cls.clients = required("SANDBOXD_CLIENTS")

    @classmethod
    def start_daemon(cls):
        cls.path = cls.stage.root / "control/metrics.sock"
        cls.restart(f"unix:{cls.path}")

    @classmethod
    def restart(cls, address: str):
        if cls.stage.daemon.process:
            cls.stage.daemon.stop()
        cls.stage.daemon.options = ["--metrics", address]
        cls.stage.daemon.start()

    def text(self) -> str:
        connection = UnixConnection(self.path)
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        self.assertEqual((answer.status, answer.getheader("Content-Type")), (200, "text/plain; version=0.0.4; charset=utf-8"))
        return answer.read().decode()

    def parsed(self) -> dict:
        """By name and labels, what the parser of Prometheus reads."""
        done = subprocess.run([self.clients / "bin/python", "-c", PARSER], input=self.text(), capture_output=True, text=True, check=True)
        self.families = json.loads(done.stdout)
        return {(name, *labels.values()): value for _, _, _, samples in self.families for name, labels, value in samples}

    def begun(self) -> Wire:
        policy = self.written_policy(POLICY)
        wire = self.wire(self.wrap(policy, ["/usr/bin/python3", self.stage.servers / "raw_server.py"], {"programs": self.stage.servers}))
        self.assertIn("result", wire.begin(), wire.said())
        return wire

    def test_what_happens_is_counted(self):
        before = self.parsed()
        wire = self.begun()
        for _ in range(3):
            self.assertIn("result", wire.call("misbehave", how="x"))
        wire.call("forbidden")
        wire.call("misbehave", how="spend", amount=4)
        wire.call("misbehave", how="spend", amount=4)
        wire.ask("tools/call", {"name": "misbehave", "arguments": {"how": "ask"}})
        after = until(lambda: (told := self.parsed())["sandboxd_decisions_total", "block"] - before["sandboxd_decisions_total", "block"] >= 2
                      and told["sandboxd_waiting_calls",] == 1 and told, 10, "the fold")

        def grown(*name) -> float:
            return after.get(name, 0) - before.get(name, 0)
        self.assertEqual(after["sandboxd_sessions", "running"], 1)
        self.assertEqual((grown("sandboxd_launches_total", "released"), grown("sandboxd_launch_duration_seconds_count")), (1, 1))
        self.assertEqual(grown("sandboxd_decisions_total", "hold"), 1)
        self.assertEqual(grown("sandboxd_call_duration_seconds_count"), 4)
        # Each decision says what the gate took for it, whatever the server and people take.
        self.assertEqual(grown("sandboxd_decision_seconds_count"), sum(grown("sandboxd_decisions_total", effect) for effect in ("forward", "hold", "block")))
        self.assertTrue(0 < grown("sandboxd_decision_seconds_sum") < 0.5, grown("sandboxd_decision_seconds_sum"))
        times = [receipt["body"]["nanoseconds"] for receipt in self.receipts("decision")]
        self.assertTrue(times and all(0 < time < 500_000_000 for time in times), times)
        self.assertEqual(after["sandboxd_spent_budgets",], 1)
        self.assertEqual(sum(value - before.get(name, 0) for name, value in after.items() if name[0] == "sandboxd_blocks_total"), 2)
        self.assertGreater(after["sandboxd_receipts_total",], before["sandboxd_receipts_total",])
        self.assertEqual(after["sandboxd_log_writable",], 1)
        self.assertLess(after["sandboxd_oldest_wait_seconds",], 60)
        self.assertEqual(after["sandboxd_launch_duration_seconds_bucket", "+Inf"], after["sandboxd_launch_duration_seconds_count",])
        for name, kind, help, _ in self.families:
            self.assertIn(kind, ("counter", "gauge", "histogram"), name)
            self.assertTrue(help, name)
        # Each of the example rules asks for what is there.
        told = {name for _, _, _, samples in self.families for name, _, _ in samples} | {f"{name}_total" for name, kind, _, _ in self.families if kind == "counter"}
        for name in set(re.findall(r"\bsandboxd_[a-z_]+", (PROJECT / "systemd/prometheus-alerts.yaml").read_text())):
            self.assertIn(name, told)
        self.end_wires()
        # What a session came to is not forgotten with it.
        ended = until(lambda: (told := self.parsed())["sandboxd_sessions", "running"] == 0 and told, 10, "its end")
        self.assertGreaterEqual(ended["sandboxd_decisions_total", "forward"], after["sandboxd_decisions_total", "forward"])

    def test_refusals_are_counted_by_code(self):
        policy = self.written_policy("sandboxd: 1\nname: wrong\nfiles: {read: [/proc/self]}\n", "wrong.yaml")
        done = self.user.run(self.wrap(policy, ["/bin/true"]), environment=self.stage.environment(self.user))
        self.assertEqual(done.returncode, 125)
        told = self.parsed()
        self.assertEqual(told["sandboxd_launches_total", "refused"], 1)
        codes = {name[1]: value for name, value in told.items() if name[0] == "sandboxd_refusals_total"}
        self.assertTrue(codes and all(re.fullmatch("R[0-9]{3}", code) for code in codes), codes)

    def test_only_the_one_question_is_answered(self):
        for method, path, status in (("GET", "/", 404), ("POST", "/metrics", 405), ("GET", "/metrics/", 404)):
            connection = UnixConnection(self.path)
            connection.request(method, path)
            self.assertEqual(connection.getresponse().status, status)
        for text, answer in ((b"nonsense\r\n\r\n", b"HTTP/1.1 400"), (b"GET /metrics HTTP/1.1\r\n" + b"x" * 9_000, b"HTTP/1.1 431")):
            with socket.socket(socket.AF_UNIX) as asking:
                asking.settimeout(10)
                asking.connect(str(self.path))
                asking.sendall(text)
                self.assertTrue(asking.recv(100).startswith(answer))

    def test_who_is_slow_is_closed_and_keeps_nobody_else_from_asking(self):
        slow = []
        try:
            for _ in range(40):
                one = socket.socket(socket.AF_UNIX)
                one.settimeout(15)
                one.connect(str(self.path))
                one.sendall(b"GET /metr")
                slow.append(one)
            began = time.monotonic()
            self.parsed()
            self.assertLess(time.monotonic() - began, 15)
            self.assertEqual(slow[0].recv(100), b"", "closed without an answer")
        finally:
            for one in slow:
                one.close()
        self.assertEqual(self.stage.daemon.answers(), True)

    def test_others_than_root_and_auditors_read_no_unix_socket(self):
        self.text()  # root does: positive control
        program = "import socket, sys\nsocket.socket(socket.AF_UNIX).connect(sys.argv[1])"
        done = self.user.run(["/usr/bin/python3", "-c", program, self.path])
        self.assertIn("PermissionError", done.stderr)

    def test_on_loopback(self):
        for address, family in (("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)):
            with self.subTest(address=address):
                self.restart(f"[{address}]:9464" if ":" in address else f"{address}:9464")
                connection = http.client.HTTPConnection(address, 9464, timeout=10)
                connection.request("GET", "/metrics")
                self.assertIn(b"sandboxd_build_info", connection.getresponse().read())
                with socket.socket(family) as other:
                    self.assertNotEqual(other.connect_ex(("127.0.0.2" if family == socket.AF_INET else "::", 9465)), 0)
        self.restart(f"unix:{self.path}")

    def test_what_cannot_be_served_is_said_at_the_start(self):
        taken = socket.socket()
        self.addCleanup(taken.close)
        taken.bind(("127.0.0.1", 9470))
        taken.listen()
        state = self.stage.root / "other-state"

        def unmount():
            subprocess.run(["umount", state / "bpf"], stderr=subprocess.DEVNULL)
        for address, words, status in (("127.0.0.1:9470", "metrics cannot be served at `127.0.0.1:9470`: EADDRINUSE", 1),
                                       ("0.0.0.0:9464", "is no place for metrics", 2)):
            done = subprocess.run([self.stage.programs / "sandboxd", "--state", state, "--socket", self.stage.root / "control/other.sock",
                                   "--metrics", address], capture_output=True, text=True, timeout=30, preexec_fn=self.stage.cgroup.enter)
            unmount()
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertIn(words, done.stderr)
