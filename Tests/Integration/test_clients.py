"""Configurations of real clients, wrapped by `sandboxctl clients wrap`, started as they then say, and unwrapped to the byte."""

import json
import os
import re
import shutil
import subprocess
import tomllib

from cases import LIST, StagedTests, call
from stage import PROJECT

FIXTURES = PROJECT / "Tests/ClientConfigsTests/Fixtures"

CLAUDE_CODE = """{
  "numStartups": 7,
  "mcpServers": {
    "time": {
      "type": "stdio",
      "command": "%s",
      "args": [
        "--local-timezone",
        "Europe/Berlin"
      ],
      "env": {
        "KEY": "${HOME}/x"
      }
    },
    "far": {"type": "http", "url": "https://example.org/mcp"}
  },
  "projects": {"/srv/shop": {"history": [{"display": "caf\\u00e9 \\ud83d\\ude00"}]}}
}
"""

# Another name than above: what the server says of itself depends on its arguments, and is pinned under its name.
VSCODE = """{\r
  // the clock, by hand\r
  "servers": {\r
    "clock": {"type": "stdio", "command": "%s"}, // without arguments\r
  },\r
}\r
"""


def plain(text: str):
    """JSON without the comments and commas of the file above."""
    return json.loads(re.sub(r",(\s*[}\]])", r"\1", re.sub(r"//[^\r\n]*", "", text)))


class ClientTests(StagedTests):
    def setUp(self):
        super().setUp()
        self.server = self.environment / "bin/mcp-server-time"
        self.project = self.user.home / "project"
        self.addCleanup(lambda: [shutil.rmtree(path) if path.is_dir() else path.unlink() for path in self.user.home.iterdir()])

    def put(self, path, text: str):
        """As the user's own program would."""
        self.assertEqual(self.user.run(["/bin/sh", "-c", 'umask 077; mkdir -p "$(dirname "$1")" && cat >"$1"', "sh", path], input=text).returncode, 0)
        self.assertEqual(path.read_bytes(), text.encode())

    def clients(self, *words, status=0) -> str:
        self.project.exists() or self.user.run(["mkdir", self.project])
        done = self.sandboxctl("clients", *words, cwd=self.project)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def started(self, command: list):
        """What the official client is answered by the server that this command line starts, and what the record says of it."""
        events = self.session(self.environment, "auto", command, LIST, call("get_current_time", timezone="Asia/Tokyo"), call("no_such_tool"))
        listed, told, denied = self.answers(events)
        self.assertEqual({tool["name"] for tool in listed["tools"]}, {"get_current_time", "convert_time"})
        self.assertIn("Asia/Tokyo", told["text"])
        self.assertIn(denied["outcome"], ("tool-error", "protocol-error"))
        decided = [receipt["body"] for receipt in self.receipts("decision") if receipt["body"].get("method") == "tools/call"]
        self.assertEqual([(body["tool"], body["decision"]) for body in decided], [("get_current_time", "forward"), ("no_such_tool", "block")])

    def walk(self, path, key: str, name: str, text: str, read):
        self.put(path, text)
        before = read(text)
        os.setxattr(path, "user.note", b"kept")
        self.assertIn("nobody", self.clients())
        self.clients("--fail-on-unwrapped", status=1)
        difference = self.clients("wrap", name, "--diff")
        self.assertEqual(path.read_bytes(), text.encode())

        self.clients("wrap", name)
        wrapped = path.read_bytes().decode()
        self.assertEqual(os.getxattr(path, "user.note"), b"kept")
        facts = path.stat()
        self.assertEqual((facts.st_mode & 0o7777, facts.st_uid, facts.st_gid), (0o600, self.user.uid, self.user.gid))
        self.assertEqual([name for name in path.parent.iterdir() if "sandboxctl" in name.name], [])
        self.assertIn("policy time", self.clients("--fail-on-unwrapped"))
        after = read(wrapped)
        old, new = before[key].pop(name), after[key].pop(name)
        self.assertEqual(before, after)
        self.assertEqual(new["command"], str(self.stage.sandboxctl))
        self.assertEqual(new["args"][new["args"].index("--") + 1:], [old["command"], *old.get("args", [])])
        for entry in old, new:
            entry["line"] = [entry.pop("command"), *entry.pop("args", [])]
        self.started(new.pop("line"))
        old.pop("line")
        self.assertEqual(old, new)

        self.clients("wrap", name)
        self.assertEqual(path.read_bytes().decode(), wrapped)
        if "\r" not in text:
            self.assertEqual(self.patched(text, difference), wrapped)
        self.clients("unwrap", name)
        self.assertEqual(path.read_bytes(), text.encode())

    def patched(self, text: str, difference: str) -> str:
        """What patch(1) makes of it."""
        copy = self.stage.root / "patched"
        copy.write_text(text)
        self.addCleanup(copy.unlink)
        done = subprocess.run(["patch", "--silent", "--no-backup-if-mismatch", copy], input=difference, text=True, capture_output=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return copy.read_text()

    def test_claude_code(self):
        self.walk(self.user.home / ".claude.json", "mcpServers", "time", CLAUDE_CODE % self.server, json.loads)

    def test_vs_code_by_hand(self):
        self.walk(self.project / ".vscode/mcp.json", "servers", "clock", VSCODE % self.server, plain)

    def test_other_readers_of_toml_see_one_entry_change(self):
        for name in ("config.toml", "odd.toml"):
            with self.subTest(name=name):
                text = (FIXTURES / "codex" / name).read_text()
                path = self.user.home / ".codex/config.toml"
                self.put(path, text)
                before = tomllib.loads(text)
                self.clients("wrap", "time")
                after = tomllib.loads(path.read_text())
                old, new = before["mcp_servers"].pop("time"), after["mcp_servers"].pop("time")
                self.assertEqual(before, after)
                self.assertEqual(new["args"][new["args"].index("--") + 1:], [old.pop("command"), *old.pop("args", [])])
                self.assertEqual({key: value for key, value in new.items() if key not in ("command", "args")}, old)
                self.clients("unwrap", "time")
                self.assertEqual(path.read_text(), text)

    def test_what_is_wrapped_without_a_policy_of_its_own_is_refused_with_the_way_out(self):
        path = self.user.home / ".cursor/mcp.json"
        text = json.dumps({"mcpServers": {"time": {"command": "uvx", "args": ["mcp-server-time"]}}})
        self.put(path, text)
        self.assertIn("sandboxctl prepare -- uvx mcp-server-time", self.clients("wrap", "time", status=1))
        self.assertEqual(path.read_text(), text)

    def test_another_users_file_and_one_that_others_may_write_stay(self):
        path = self.user.home / ".cursor/mcp.json"
        text = json.dumps({"mcpServers": {"time": {"command": str(self.server)}}})
        self.put(path, text)
        path.chmod(0o666)
        self.assertIn("may be written by others", self.clients("wrap", "time", status=1))
        path.chmod(0o644)
        self.assertEqual(path.read_text(), text)
        done = subprocess.run([self.stage.sandboxctl, "clients", "wrap", "time"], capture_output=True, text=True, cwd=self.project,
                              env=self.user.environment(), timeout=60)
        self.assertEqual((done.returncode, path.read_text()), (1, text), done.stderr)
        self.assertIn("belongs to uid", done.stderr)
        self.clients("wrap", "time")
