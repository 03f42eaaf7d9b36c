"""What is secret is in nothing that is written.

What names may be from outside, and are recorded by design: of the tool that is called, of the prompt that is asked for, of a method that nobody knows,
a request's id, a task's id. Definitions of tools are pinned in the store, where people review them. A policy is kept as it was given. What a
server says on its standard error is shown to whoever started it. Each of these has a canary of its own, which must be found there and nowhere else.
"""

import base64
import json
import os
import signal
import subprocess
import tempfile
from pathlib import Path

from canary import Canary, Search
from cases import session_processes
from hold_tests import HoldTests
from stage import until

POLICY = """sandboxd: 1
name: NAME
include: [runtime-python]
inputs: {programs: null, record: null}
server: {env: {pass: ["CANARY_PASSED"], secret: {CANARY_SECRET: {from: env}}}}
tools:
  rules:
    - {id: all, tools: [keep, fail, garbage, question, loud, "tool-*"], effect: allow}
    - {id: card, tools: [card], effect: allow, redact: [/number]}
    - {id: refunds, tools: [refund], effect: ask}
    - {id: never, tools: ["no"], effect: deny, reason: never}
    - {id: once, tools: [once], effect: allow, limit: {calls: 1, per: session}}
messages:
  resources: ["https://example.org/*"]
  prompts: [greet]
  elicitation: allow
approvals: {by: [caller], wait: 1s, within: 1m}
files:
  read: ["${programs}"]
  write: ["${record}"]
"""

# Where a name from outside may stand, and no other secret.
RECORDED_BY_DESIGN = {"name", "prompt", "method", "id"}
STORED_BY_DESIGN = {"definition"}
SECRET = ["environment", "passed", "argument", "called", "blocked", "held", "redacted", "limited", "result", "error", "noise", "log", "content",
          "promptargument", "answer", "userinfo", "client", "meta", "broken", "approved"]


class CanaryTests(HoldTests):
    def setUp(self):
        super().setUp()
        self.hatch()

    def hatch(self):
        """New secrets, and a new record of what the server was told."""
        self.canaries = {channel: Canary(channel) for channel in [*SECRET, *RECORDED_BY_DESIGN, *STORED_BY_DESIGN, "stderr"]}
        self.record = self.user.home / "record"
        self.user.run(["rm", "-rf", self.record])
        self.user.run(["mkdir", self.record])

    def text(self, channel: str) -> str:
        return self.canaries[channel].text

    place = None  # which daemon, by the caller's environment

    def hold_environment(self) -> dict:
        return self.place or super().hold_environment()

    def started(self):
        said = {name: self.text(name) for name in ("result", "error", "noise", "log", "content", "stderr", "name", "definition")}
        secrets = self.stage.servers / "said.json"
        secrets.write_text(json.dumps(said))
        command = ["/usr/bin/python3", self.stage.servers / "canary_server.py", self.record / "lines", secrets, f"--token={self.text('argument')}",
                   "--api-key", self.text("argument"), f"https://user:{self.text('argument')}@example.org/"]
        # Of each session's own: definitions that an earlier one pinned would be denied.
        name = f"canary-{self.text('name')[-8:]}"
        policy = self.written_policy(POLICY.replace("NAME", name), "written-canary.yaml")
        wrapped = self.wrap(policy, command, {"programs": self.stage.servers, "record": self.record})
        variables = {"CANARY_SECRET": self.text("environment"), "CANARY_PASSED": self.text("passed"), "CANARY_OTHER": self.text("environment")}
        wire = self.wire(wrapped, environment=self.hold_environment() | variables)
        introduction = {"protocolVersion": "2025-11-25", "capabilities": {"elicitation": {}, "roots": {}},
                        "clientInfo": {"name": self.text("client"), "version": self.text("client")}}
        self.assertIn("result", wire.request("initialize", introduction), wire.said())
        wire.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return wire

    def everything(self, wire):
        """Every way that a message can go, with a secret in it."""
        text = self.text
        wire.request("tools/list")
        meta = {"_meta": {"progressToken": text("meta"), "other": text("meta"), "traceparent": text("meta")}}
        wire.request("tools/call", {"name": "keep", "arguments": {"text": text("called"), text("called"): [text("called")]}} | meta)
        wire.call(f"tool-{text('name')}", text=text("called"))
        self.assertIn("D102", str(wire.call("no", text=text("blocked"))))
        self.assertIn("D101", str(wire.call(f"unknown-{text('name')}", text=text("blocked"))))
        self.assertIn("D104", str(wire.call("keep", text=text("blocked"), number=2**60 + 1)))
        wire.call("card", number=text("redacted"))
        wire.call("once", text=text("limited"))
        self.assertIn("D106", str(wire.call("once", text=text("limited"))))
        wire.call("fail", text=text("called"))
        wire.call("garbage", text=text("called"))
        wire.call("loud", text=text("called"))
        self.elicited(wire)
        self.held(wire)
        wire.request("resources/read", {"uri": f"https://example.org/{text('called')}"})
        self.assertIn("error", wire.request("resources/read", {"uri": f"https://user:{text('userinfo')}@example.org/x"}))
        self.assertIn("error", wire.request("resources/read", {"uri": f"https://{text('userinfo')}.example.com/x"}))
        wire.request("prompts/get", {"name": "greet", "arguments": {"who": text("promptargument")}})
        wire.request("prompts/get", {"name": text("prompt"), "arguments": {"who": text("promptargument")}})
        wire.request(text("method"), {"a": text("called")})
        self.broken(wire)
        wire.send({"jsonrpc": "2.0", "id": text("id"), "method": "tools/call", "params": {"name": "keep", "arguments": {}}})
        wire.answer(text("id"))

    def elicited(self, wire):
        id = wire.ask("tools/call", {"name": "question", "arguments": {}})
        question = until(lambda: self.question(wire), 10, "a question")
        wire.send({"jsonrpc": "2.0", "id": question["id"], "result": {"action": "accept", "content": {"name": self.text("answer")}}})
        wire.answer(id)

    def question(self, wire):
        message = wire.receive()
        return message if message.get("method") == "elicitation/create" else None

    def held(self, wire):
        """One that nobody decides about, one that is denied, and one that is approved and sent again."""
        self.assertIn("D122", str(wire.call("refund", text=self.text("held"))))
        for one in self.waiting():
            self.decide("deny", one["id"])
        self.assertIn("D121", str(wire.call("refund", text=self.text("held"))))
        answer = wire.call("refund", text=self.text("approved"))
        self.decide("approve", self.id_in(answer))
        self.assertNotIn("sandboxd", str(wire.call("refund", text=self.text("approved"))))

    def broken(self, wire):
        secret = self.text("broken")
        for line in (f"this is not JSON {secret}\n", f'{{"jsonrpc":"2.0","id":1,"method":"{secret}\n', f'[{{"a":"{secret}"}}]\n',
                     f'{{"jsonrpc":"2.0","a":"{secret}","a":"{secret}"}}\n'):
            wire.send(line.encode())
            wire.receive()

    # Searching

    def search(self, *channels: str) -> Search:
        return Search([self.canaries[channel] for channel in channels or self.canaries])

    def written(self) -> Search:
        """All that sandboxd and its parts have written, and what they said."""
        search = self.search()
        search.tree(self.stage.root / "state")
        search.tree(self.stage.root / "control")
        search.file(self.stage.root / "daemon.log")
        search.tree(self.user.home, without=(self.record,))
        run = Path("/run/sandboxd")
        search.tree(run)
        for wire in self.wires:
            search.bytes("what wrap said", wire.said().encode())
        return search

    def assert_only_by_design(self, search: Search):
        leaks = [hit for hit in search.hits if not self.is_by_design(*hit)]
        self.assertEqual(leaks, [], "a secret was written")

    def is_by_design(self, place: str, channel: str, form: str) -> bool:
        if channel in RECORDED_BY_DESIGN:
            return True
        if channel == "stderr":
            return place == "what wrap said"
        return channel in STORED_BY_DESIGN and ".sqlite" in place

    def assert_reached(self):
        """The control: each secret that was to reach the server did, and the search finds it where the server wrote it down."""
        search = self.search()
        search.tree(self.record)
        expected = {"environment", "passed", "argument", "called", "limited", "promptargument", "answer", "approved", "id", "result", "name", "definition"}
        self.assertEqual(expected - search.channels(), set())
        self.assertEqual(search.channels() & {"blocked", "held", "redacted", "userinfo", "broken"}, set(), "what is denied does not reach it")

    def exported(self) -> Path:
        """Every way in which receipts leave a log, into one directory."""
        place = Path(self.enterContext(tempfile.TemporaryDirectory()))
        log = self.stage.root / "state/evidence"
        key = place / "key.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True, capture_output=True)
        key.chmod(0o600)
        for format in ("sarif", "in-toto", "acta", "journal"):
            self.ran("receipts", "export", log, "--format", format, "--signing-key", key, "--output", place / format)
        for format in ("markdown", "json", "html"):
            self.ran("receipts", "report", log, "--format", format, "--output", place / f"report-{format}")
        (place / "diff").write_bytes(self.ran("receipts", "diff", log, log))
        self.ran("receipts", "bundle", log, "--output", place / "bundle")
        (place / "show").write_bytes(self.ran("receipts", "show", log))
        (place / "json").write_bytes(self.ran("receipts", "show", log, "--json"))
        numbers = [receipt["number"] for receipt in self.receipts()]
        for number in numbers:
            (place / f"explain-{number}").write_bytes(self.ran("explain", str(number), "--log", log))
            (place / f"proof-{number}").write_bytes(self.ran("receipts", "proof", str(number), "--log", log))
        self.assertGreater(len(numbers), 30)
        return place

    def ran(self, *words) -> bytes:
        done = subprocess.run([self.stage.sandboxctl, *map(str, words)], capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout + done.stderr

    # Tests

    def test_the_search_finds_every_form(self):
        canary = Canary("control")
        search = Search([canary])
        raw = canary.text.encode()
        forms = canary.forms() | canary.caseless_forms()
        self.assertEqual(len(forms), 14)
        embedded = [raw, raw.hex().upper().encode(), canary.text.encode("utf-16-le"), canary.text.encode("utf-16-be"),
                    "".join(f"%{byte:02X}" for byte in raw).encode(), json.dumps(canary.text).encode(),
                    "".join(f"\\u{byte:04X}" for byte in raw).encode()]
        embedded += [base64.b64encode(b"xyz"[:alignment] + raw + b"tail") for alignment in range(3)]
        embedded += [base64.urlsafe_b64encode(b"\xfb\xff\xfe"[:alignment] + raw) for alignment in range(3)]
        for data in embedded:
            search.hits.clear()
            search.bytes("here", b"before " + data + b" after")
            self.assertTrue(search.hits, data)
        search.hits.clear()
        search.bytes("here", Canary("control").text.encode())
        self.assertEqual(search.hits, [])

    def test_a_session_of_the_daemon_writes_no_secret(self):
        wire = self.started()
        self.everything(wire)
        self.assert_only_by_design(self.written())
        self.assertEqual(wire.close(), 0, wire.said())
        search = self.written()
        self.assert_only_by_design(search)
        self.assert_reached()
        self.assertLessEqual(RECORDED_BY_DESIGN | STORED_BY_DESIGN, search.channels(), "what is recorded by design was not found")
        self.assert_nothing_left()
        exported = self.search()
        exported.tree(self.exported())
        self.assert_only_by_design(exported)
        self.assertIn("name", exported.channels())
        self.evidence_verifies()

    def test_what_dies_leaves_no_secret(self):
        for name in ("sandboxd", "sandbox-gate", "sandbox-keeper"):
            with self.subTest(killed=name):
                self.hatch()
                wire = self.started()
                self.everything(wire)
                victims = [self.stage.daemon.process.pid] if name == "sandboxd" else [process.pid for process in session_processes(self.stage, name)]
                self.assertTrue(victims)
                for victim in victims:
                    os.kill(victim, signal.SIGKILL)
                if name == "sandboxd":
                    self.stage.daemon.process.wait(20)
                    self.assert_only_by_design(self.written())
                    self.stage.daemon.start()
                    wire.close()
                    self.before = self.before[0], self.before[1], 1 << 20  # descriptors of another process
                else:
                    wire.process.wait(20)
                self.assert_nothing_left()
                self.assert_only_by_design(self.written())
                self.evidence_verifies()

    def test_a_private_session_writes_no_secret(self):
        self.place = self.user.environment(SANDBOXD_SOCKET="none")
        wire = self.started()
        self.everything(wire)
        self.assert_only_by_design(self.written())
        self.assertEqual(wire.close(), 0, wire.said())
        search = self.written()
        self.assert_only_by_design(search)
        self.assert_reached()
        self.assertLessEqual(RECORDED_BY_DESIGN, search.channels())
