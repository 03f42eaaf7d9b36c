"""The Debian package, as an operator has it: installed, started, used, upgraded while a session runs, removed and purged."""

import json
import os
import subprocess
import sys
import unittest
from pathlib import Path

from guest import is_active, journal, show, systemctl
from stage import PROJECT, until

PACKAGES = PROJECT / ".build/package"
SERVER = """
import json, sys
for line in sys.stdin:
    message = json.loads(line)
    if "id" not in message:
        continue
    if message["method"] == "initialize":
        result = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "packaged", "version": "1"}}
    elif message["method"] == "tools/list":
        result = {"tools": [{"name": "add", "inputSchema": {"type": "object"}}]}
    else:
        result = {"content": [{"type": "text", "text": str(sum(message["params"]["arguments"]["numbers"]))}]}
    print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}), flush=True)
"""
POLICY = """
sandboxd: 1
name: packaged
include: [runtime-python]
server: {command: [/usr/bin/python3, /usr/local/lib/packaged.py], user: session}
tools: {default: allow}
files: {read: [/usr/local/lib/packaged.py]}
"""


def dpkg(*words) -> str:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    done = subprocess.run(["dpkg", *map(str, words)], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=180, env=environment)
    if done.returncode != 0:
        raise AssertionError(f"dpkg {words}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


class Session:
    """`sandboxctl wrap` of the packaged policy, as a client holds it."""

    def __init__(self):
        self.process = subprocess.Popen(["/usr/bin/sandboxctl", "wrap", "--policy", "packaged"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self.number = 0
        self.ask("initialize", {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}})
        self.say({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def say(self, message: dict):
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def ask(self, method: str, params: dict) -> dict:
        self.number += 1
        self.say({"jsonrpc": "2.0", "id": self.number, "method": method, "params": params})
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"the session ended: {self.process.stderr.read()}\n{journal('sandboxd.service')[-3000:]}")
        return json.loads(line)

    def add(self, *numbers: int) -> str:
        return self.ask("tools/call", {"name": "add", "arguments": {"numbers": list(numbers)}})["result"]["content"][0]["text"]


def main_process(unit: str = "sandboxd.service") -> int:
    return int(show(unit, "MainPID")["MainPID"])


def servers() -> list[int]:
    found = subprocess.run(["pgrep", "-f", "/usr/local/lib/packaged.py"], capture_output=True, text=True).stdout.split()
    return [pid for pid in map(int, found) if Path(f"/proc/{pid}/comm").read_text().strip() == "python3"]


class PackageTests(unittest.TestCase):
    def test_installed_used_upgraded_and_purged(self):
        first, second = sorted(PACKAGES.glob("sandboxd_*.deb"), key=lambda path: "next" in path.name)
        # Machines that are made of images of containers forbid packages to start what they bring.
        Path("/usr/sbin/policy-rc.d").unlink(missing_ok=True)
        subprocess.run(["dpkg", "--purge", "sandboxd"], capture_output=True)
        dpkg("--install", first)
        self.assertTrue(is_active("sandboxd.service"), journal("sandboxd.service"))
        self.assertTrue(is_active("sandboxd.socket"))
        for group in "sandboxd-users", "sandboxd-approvers", "sandboxd-auditors":
            self.assertEqual(subprocess.run(["getent", "group", group], capture_output=True).returncode, 0, group)
        for page in "sandboxctl", "sandboxctl-wrap", "sandboxd":
            self.assertTrue(list(Path("/usr/share/man").glob(f"man?/{page}.?.gz")), page)
        self.assertTrue(Path("/usr/share/bash-completion/completions/sandboxctl").exists())

        Path("/usr/local/lib/packaged.py").write_text(SERVER)
        Path("/etc/sandboxd/policies/packaged.yaml").write_text(POLICY)
        checked = subprocess.run(["/usr/bin/sandboxctl", "check", "packaged"], capture_output=True, text=True)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
        session = Session()
        self.assertEqual(session.add(1, 2), "3")
        before, running = main_process(), servers()
        self.assertTrue(running)

        dpkg("--install", second)
        until(lambda: is_active("sandboxd.service") and main_process() not in (0, before), 30, "the daemon of the new version")
        self.assertIn("next", dpkg("--status", "sandboxd"))
        self.assertEqual(servers(), running, "the same server goes on")
        self.assertEqual(session.add(3, 4), "7")
        self.assertEqual(os.readlink(f"/proc/{main_process()}/exe"), "/usr/libexec/sandboxd/sandboxd")
        listed = subprocess.run(["/usr/bin/sandboxctl", "sessions", "--json"], capture_output=True, text=True)
        [adopted] = json.loads(listed.stdout)["sessions"]
        self.assertEqual(adopted["state"], "running", adopted)
        other = Session()
        self.assertEqual(other.add(5, 6), "11")

        dpkg("--remove", "sandboxd")
        until(lambda: not servers(), 30, "the end of the servers")
        for one in session, other:
            one.process.stdin.close()
            one.process.wait(30)
        self.assertEqual(subprocess.run(["pgrep", "-f", "/usr/libexec/sandboxd"], capture_output=True, text=True).stdout, "")
        evidence = Path("/var/lib/sandboxd/evidence")
        self.assertTrue(evidence.exists(), "what was recorded outlives the programs")
        verified = subprocess.run([os.environ["SANDBOXD_BIN"] + "/sandboxctl", "receipts", "verify", evidence], capture_output=True, text=True)
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)

        Path("/etc/sandboxd/policies/packaged.yaml").unlink()
        dpkg("--purge", "sandboxd")
        for path in "/var/lib/sandboxd", "/run/sandboxd", "/usr/libexec/sandboxd", "/etc/sandboxd", "/lib/systemd/system/sandboxd.service":
            self.assertFalse(Path(path).exists(), path)
        self.assertEqual(list(Path("/sys/fs/cgroup").rglob("sandboxd*")), [])


if __name__ == "__main__":
    sys.exit(unittest.main())
