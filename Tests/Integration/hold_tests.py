"""Sessions whose calls wait for a person."""

import json
import re

from generation_tests import GenerationTests
from stage import until
from wire import LEGACY, Wire

FORMS = {"elicitation": {}}


class HoldTests(GenerationTests):
    approvals = "{by: [caller], wait: 3s, within: 1m}"

    @classmethod
    def start_daemon(cls):
        """With one call behind it that was asked about: the store that is opened for it stays open."""
        super().start_daemon()
        policy = cls.stage.policies / "first-till.yaml"
        policy.write_text((cls.stage.policies / "till.yaml").read_text().replace(", approver: null", "").replace("wait: 3s", "wait: 1s"))
        policy.chmod(0o644)
        server = [cls.environment / "bin/python", cls.stage.servers / "till_server.py"]
        settings = ["--set", f"environment={cls.environment}", "--set", f"programs={cls.stage.servers}"]
        client = [cls.environment / "bin/python", cls.stage.servers / "client.py", "--mode", "legacy", "--env",
                  f"SANDBOXD_SOCKET={cls.stage.daemon.socket}", "--call", "refund", json.dumps({"amount": 99})]
        done = cls.user.run([*client, "--", cls.stage.sandboxctl, "wrap", "--policy", policy, *settings, "--", *server])
        policy.unlink()
        if "D122" not in done.stdout:
            raise AssertionError(done.stdout + done.stderr)

    def setUp(self):
        super().setUp()
        for one in self.waiting():
            if one["mayDecide"]:
                self.decide("deny", one["id"])

    def till(self) -> list:
        return [self.environment / "bin/python", self.stage.servers / "till_server.py"]

    def till_policy(self, approvals: str | None = None):
        text = self.policy("till").read_text().replace("{by: [caller], wait: 3s, within: 1m}", approvals or self.approvals)
        # Of each test's own: what one leaves behind is of no use to another.
        text = text.replace("description: calls", f"description: in {self.id()}, calls")
        return self.written_policy(text.replace(", approver: null", ""), "written-till.yaml")

    def wrapped(self, approvals: str | None = None) -> list:
        return self.wrap(self.till_policy(approvals), self.till(), {"environment": self.environment, "programs": self.stage.servers})

    def hold_environment(self) -> dict:
        return self.stage.environment(self.user)

    def begun(self, version: str = LEGACY, approvals: str | None = None, capabilities: dict | None = None) -> Wire:
        wire = self.wire(self.wrapped(approvals), version, environment=self.hold_environment())
        introduction = {"protocolVersion": version, "capabilities": capabilities or {}, "clientInfo": {"name": "wire", "version": "1"}}
        if version == LEGACY:
            self.assertIn("result", wire.request("initialize", introduction), wire.said())
            wire.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        else:
            self.assertIn("result", wire.begin(), wire.said())
        return wire

    def refund(self, wire: Wire, amount: float, **more) -> int:
        return wire.ask("tools/call", {"name": "refund", "arguments": {"amount": amount}} | more)

    def approvals_command(self, *words, user=None):
        user = user or self.user
        environment = self.hold_environment() if user is self.user else self.stage.environment(user)
        return user.run([self.stage.sandboxctl, "approvals", *words], environment=environment)

    def waiting(self, user=None) -> list[dict]:
        done = self.approvals_command("list", "--json", user=user)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)["approvals"]

    def one_waiting(self) -> dict:
        return until(self.waiting, 10, "a call that waits")[0]

    def decide(self, *words, user=None) -> str:
        done = self.approvals_command(*words, user=user)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def code(self, answer: dict) -> str | None:
        return answer["result"].get("_meta", {}).get("io.sandboxd/decision", {}).get("code")

    def id_in(self, answer: dict) -> str:
        return re.search(r"approval id is ([0-9a-z]{5}-[0-9a-z]{5})", answer["result"]["content"][0]["text"]).group(1)

    def assert_refunded(self, wire: Wire, *amounts):
        """The truth is what the server was told to do."""
        self.assertEqual(json.loads(wire.text("seen")), list(amounts), wire.said())
