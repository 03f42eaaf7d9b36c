"""A session with names beside an Internet of the test's own, for tests of what names lead to and what becomes of their connections."""

import json
import os
import subprocess
import sys
from pathlib import Path

from act_tests import ActTests
from names_world import NAMESERVER, Authority, Nameserver, WebServer, add_addresses, entered, own_nameserver

GOOD, EVIL, INSIDE = "203.0.113.10", "203.0.113.11", "10.0.0.5"
NAMES = ["api.test", "evil.test", "six.test", "a.cdn.test", "inside.test", "mixed.test"]
PROXY = "http://127.0.0.1:3128"


class NamedTests(ActTests):
    @classmethod
    def setUpClass(cls):
        entered(cls, own_nameserver())
        super().setUpClass()
        cls.python = Path(sys.executable)
        cls.shared = cls.stage.root / "shared"
        cls.shared.mkdir()
        add_addresses(GOOD, EVIL, INSIDE, NAMESERVER, "2001:4860::10")
        cls.authority = Authority(cls.shared, NAMES)
        cls.files = cls.stage.root / "files"
        cls.make_repository(cls.files / "files")
        context = cls.authority.context()
        cls.nameserver = cls.closing(Nameserver({}))
        cls.good = cls.closing(WebServer(GOOD, 443, context, cls.files))
        cls.six = cls.closing(WebServer("2001:4860::10", 443, context))
        cls.evil = cls.closing(WebServer(EVIL, 443, context))
        cls.plain = cls.closing(WebServer(GOOD, 80))
        cls.inside = [cls.closing(WebServer(address, 443, context)) for address in (INSIDE, "127.0.0.1")]

    @classmethod
    def closing(cls, server):
        cls.addClassCleanup(server.close)
        return server

    @classmethod
    def make_repository(cls, directory: Path):
        """A repository that any web server serves."""
        git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"]
        quiet = {"check": True, "capture_output": True, "env": {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"}}
        work = directory.parent / "work"
        subprocess.run([*git, "init", work], **quiet)
        (work / "README").write_text("from the repository\n")
        subprocess.run([*git, "-C", work, "add", "README"], **quiet)
        subprocess.run([*git, "-C", work, "commit", "-m", "first"], **quiet)
        directory.mkdir()
        subprocess.run([*git, "clone", "--bare", work, directory / "notes.git"], **quiet)
        subprocess.run([*git, "-C", directory / "notes.git", "update-server-info"], **quiet)

    def setUp(self):
        super().setUp()
        self.granted: list[Path] = []
        for server in (self.good, self.evil, self.six, self.plain, *self.inside):
            server.seen.clear()
        self.nameserver.asked.clear()
        self.nameserver.table = {
            "api.test": [GOOD], "evil.test": [EVIL], "six.test": ["2001:4860::10"], "a.cdn.test": [GOOD], "inside.test": [INSIDE],
            "mixed.test": [INSIDE, GOOD], "loop.test": ["127.0.0.1", "::1"], "mapped.test": ["::ffff:127.0.0.1"],
            "translated.test": ["64:ff9b::7f00:1"], "sixtofour.test": ["2002:7f00:1::"], "metadata.test": ["169.254.169.254"]}

    def policy_of(self, *names: str) -> Path:
        granted = sorted({str(Path(prefix).resolve()) for prefix in (sys.prefix, sys.base_prefix, "/usr", self.shared, *self.granted)})
        listed = [path for path in ("/etc/ssl", "/etc/alternatives", "/etc/ld.so.cache", "/etc/gitconfig") if Path(path).exists()]
        return self.clauses(
            f"egress: {{names: {json.dumps(list(names))}}}\n"
            f"files: {{read: {json.dumps(granted + listed + [str(self.stage.servers)])}, write: [{self.area}], execute: {json.dumps(granted)}, metadata: owned}}\n"
            "processes: {spawn: any}\n")

    def named(self, *names: str, **options):
        wire = self.wire(self.wrap(self.policy_of(*names), [self.python, self.stage.servers / "running_server.py"]), **options)
        welcome = wire.begin()
        if "result" not in welcome:
            self.fail(f"the session did not start: {welcome}\n{self.stage.daemon.said()[-2000:]}")
        return wire

    def trusting(self) -> dict:
        root = str(self.authority.root)
        return {"CURL_CA_BUNDLE": root, "SSL_CERT_FILE": root, "REQUESTS_CA_BUNDLE": root, "NODE_EXTRA_CA_CERTS": root, "GIT_SSL_CAINFO": root,
                "HOME": str(self.area), "GIT_CONFIG_NOSYSTEM": "1"}

    def run_in(self, wire, *argv, **environment) -> dict:
        answer = wire.call("run", argv=[str(word) for word in argv], environment=self.trusting() | environment)
        return json.loads(answer["result"]["content"][0]["text"])

    def proxies(self) -> list:
        return [process for process in self.stage.own_processes() if process.executable.endswith("/sandbox-proxy")]

    def curl(self, wire, *arguments) -> dict:
        return self.run_in(wire, "curl", "-sS", "-m", "20", *arguments)

    def log(self, evidence: Path | None = None) -> list[dict]:
        words = [self.stage.sandboxctl, "receipts", "show", "--json", evidence or self.stage.root / "state/evidence"]
        shown = subprocess.run(words, capture_output=True, text=True, timeout=60)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        return [json.loads(line) for line in shown.stdout.splitlines()]

    def connections(self, evidence: Path | None = None) -> list[dict]:
        """What the log says of the connections of the session that ended last; what it says to be void does not count."""
        found = self.log(evidence)
        session = [receipt["session"] for receipt in found if receipt["kind"] == "exit"][-1]
        own = [receipt for receipt in found if receipt.get("session") == f"{session}.names"]
        void = [range(one["body"]["first"], one["body"]["last"] + 1) for one in own if one["body"].get("event") == "void"]
        return [one["body"] for one in own if one["kind"] == "connection" and not any(one["spoolNumber"] in numbers for numbers in void)]
