"""Malicious MCP servers, as the known kinds behave: each works unconfined, and is stopped by a policy that is shipped.

The policies are those of the servers that a malicious one pretends to be: `time`, `fetch-proxy`, `git`. Its innocent part goes on working: it
tells the time.
"""

import ctypes
import os
import re
import secrets
import shutil
import socket
import stat
import subprocess
from contextlib import contextmanager
from pathlib import Path

from cases import StagedTests
from receivers import Receivers, network_namespace
from stage import HERE, Stage, processes, required, until
from wire import Wire

TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d")
ALLOWED, FORBIDDEN = ("127.0.0.1", 9001), ("127.0.0.1", 9002)
QUEUE = 0x5A4D0001


def nonce() -> str:
    return secrets.token_hex(8)


class HostileTests(StagedTests):
    @classmethod
    def setUpClass(cls):
        space = network_namespace()
        space.__enter__()
        cls.addClassCleanup(space.__exit__, None, None, None)
        cls.stage = Stage(required("SANDBOXD_BIN"))
        cls.addClassCleanup(cls.stage.close)
        cls.user = cls.stage.user("test")
        cls.start_daemon()
        directory = cls.stage.root / "hostile"
        directory.mkdir()
        cls.server = Path(shutil.copy2(HERE / "hostile/hostile_time_server.py", directory))
        cls.server.chmod(0o755)
        cls.receive()

    @classmethod
    def receive(cls):
        cls.receivers = Receivers()
        for target in (ALLOWED, FORBIDDEN):
            cls.receivers.tcp(*target)
        cls.receivers.datagram(socket.AF_INET, FORBIDDEN)
        cls.receivers.datagram(socket.AF_INET, ("127.0.0.53", 53))
        cls.receivers.raw(socket.AF_INET, socket.IPPROTO_ICMP, "127.0.0.1")
        Path("/proc/sys/net/ipv4/ping_group_range").write_text("0 2147483647")  # of this network namespace alone
        cls.drop = cls.stage.root / "drop"  # as /tmp is: everybody's
        cls.drop.mkdir()
        cls.drop.chmod(0o1777)
        cls.receivers.stream(socket.AF_UNIX, str(cls.drop / "socket"))
        cls.abstract = f"{cls.stage.root.name}-hostile"
        cls.receivers.stream(socket.AF_UNIX, f"\0{cls.abstract}")
        cls.receivers.start()
        cls.addClassCleanup(cls.receivers.close)

    # Running

    def wrapped_by(self, policy: str) -> list[str]:
        options = {"time": [], "git": ["--set", f"repository={self.user.home}/project"], "fetch-proxy": ["--set", "origin=127.0.0.1:9001"]}[policy]
        return [self.stage.sandboxctl, "wrap", "--policy", self.policy(policy), *options, "--"]

    @contextmanager
    def running(self, policy: str | None, *words, **environment):
        """The server as it is, or under a policy."""
        wire = self.wire([*(self.wrapped_by(policy) if policy else []), self.server, *words],
                         environment=self.stage.environment(self.user, **environment))
        welcome = wire.begin()
        self.assertIn("result", welcome, wire.said())
        yield wire
        self.end_wires()

    def tell(self, wire: Wire) -> str:
        """The innocent part works, whatever the policy stops."""
        said = wire.text("get_current_time")
        self.assertRegex(said, TIME)
        return said

    def both(self, *words, effect, prepare=lambda: None, policy: str = "time"):
        """Unconfined it takes effect, under the policy it does not."""
        for wrapped in (None, policy):
            prepare()
            sent = nonce()
            with self.running(wrapped, *(word.replace("NONCE", sent) for word in words)) as wire:
                self.tell(wire)
                if wrapped:
                    self.receivers.settle()
                    self.assertFalse(effect(sent), f"{words} took effect under {policy}")
                else:
                    until(lambda: effect(sent), 5, f"positive control: {words}")

    # The kinds

    def home(self, *names: str) -> dict[str, str]:
        """Files of the user's, each with a nonce of its own."""
        planted = {}
        for name in names:
            path = self.user.home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            planted[name] = nonce()
            path.write_text(f"secret {planted[name]}\n")
        subprocess.run(["chown", "-R", f"{self.user.uid}:{self.user.gid}", self.user.home], check=True)
        return planted

    def test_a_credential_reader(self):
        planted = self.home(".ssh/id_ed25519", ".aws/credentials", ".netrc", ".git-credentials", ".config/gh/hosts.yml", ".kube/config",
                            ".docker/config.json", ".npmrc", ".mozilla/firefox/x.default/logins.json", ".config/google-chrome/Default/Login Data",
                            ".bash_history", ".config/Claude/claude_desktop_config.json", ".cursor/mcp.json", "project/.env")
        planted |= {"the environment": nonce(), "another process": nonce()}
        victim = self.user.start(["/bin/sleep", "120"], environment=self.user.environment(TOKEN=planted["another process"]))
        try:
            for policy in (None, "time"):
                with self.running(policy, "credential-reader", self.user.home, victim.pid, API_TOKEN=planted["the environment"]) as wire:
                    said = self.tell(wire)
                for name, secret in planted.items():
                    with self.subTest(policy=policy, name=name):
                        self.assertEqual(secret in said, policy is None)
        finally:
            victim.kill()
            victim.wait()

    def test_an_exfiltrator_on_each_channel(self):
        address = "127.0.0.1:9002"
        for channel, where in {"tcp": address, "udp": address, "dns": "127.0.0.53:53", "icmp": "127.0.0.1", "unix": self.drop / "socket",
                               "program": address}.items():
            with self.subTest(channel=channel):
                self.both("exfiltrator", channel, str(where), "NONCE", effect=self.receivers.saw)
        with self.subTest(channel="abstract"):
            self.both("exfiltrator", "unix", f"@{self.abstract}", "NONCE", effect=self.receivers.saw)

    def test_an_exfiltrator_that_leaves_things_for_others(self):
        left = self.drop / "left"

        def fresh():
            left.write_text("x")
            os.chown(left, self.user.uid, self.user.gid)
            left.chmod(0o666)
            os.utime(left)

        with self.subTest(channel="file"):
            self.both("exfiltrator", "file", str(left), "NONCE", effect=lambda sent: sent in left.read_text(), prepare=fresh)
        with self.subTest(channel="file-name"):
            self.both("exfiltrator", "file-name", str(self.drop), "NONCE", effect=lambda sent: (self.drop / sent).exists())
        with self.subTest(channel="file-time"):
            self.both("exfiltrator", "file-time", str(left), "NONCE", prepare=fresh,
                      effect=lambda sent: int(left.stat().st_mtime) == int(sent[:7], 16))
        with self.subTest(channel="message-queue"):
            self.addCleanup(subprocess.run, ["ipcrm", "-Q", str(QUEUE)], check=False, stderr=subprocess.DEVNULL)
            self.both("exfiltrator", "message-queue", str(QUEUE), "NONCE", effect=lambda _: self.queued() > 0, prepare=self.fresh_queue)

    def fresh_queue(self):
        subprocess.run(["ipcrm", "-Q", str(QUEUE)], check=False, stderr=subprocess.DEVNULL)
        self.assertGreaterEqual(ctypes.CDLL(None).msgget(QUEUE, 0o1666), 0)

    def queued(self) -> int:
        """Messages in the queue of the test, as /proc/sysvipc/msg shows it."""
        rows = [line.split() for line in Path("/proc/sysvipc/msg").read_text().splitlines()[1:]]
        return next((int(row[4]) for row in rows if int(row[0]) == QUEUE), 0)

    def at_its_start(self, policy: str, channel: str, where, effect, arrives: bool = False):
        """Before anybody asked, so that no tool need be permitted: unconfined it takes effect, and under the policy as said."""
        for wrapped, expected in ((None, True), (policy, arrives)):
            sent = nonce()
            with self.subTest(policy=wrapped, channel=channel, where=where), self.running(wrapped, "twin", channel, where, sent):
                if expected:
                    until(lambda: effect(sent), 5, "the effect")
                self.receivers.settle()
                self.assertEqual(effect(sent), expected)

    def test_one_endpoint_is_no_other(self):
        for channel, where in {"tcp": "127.0.0.1:9002", "udp": "127.0.0.1:9002", "dns": "127.0.0.53:53", "icmp": "127.0.0.1",
                               "unix": self.drop / "socket", "program": "127.0.0.1:9001"}.items():
            self.at_its_start("fetch-proxy", channel, where, self.receivers.saw)
        self.at_its_start("fetch-proxy", "tcp", "127.0.0.1:9001", self.receivers.saw, arrives=True)

    def test_a_repository_is_only_looked_at(self):
        self.home("project/.git/HEAD", "project/.git/hooks/pre-commit", "project/.git/config")
        for name in ("hooks/pre-commit", "config"):
            path = self.user.home / "project/.git" / name
            self.at_its_start("git", "file", path, lambda sent: sent in path.read_text())
        for channel in ("tcp", "program"):
            self.at_its_start("git", channel, "127.0.0.1:9002", self.receivers.saw)

    def test_a_backdoor(self):
        def is_open(_) -> bool:
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", 9100)) == 0

        def is_open_unix(where: str):
            def check(_) -> bool:
                with socket.socket(socket.AF_UNIX) as probe:
                    return probe.connect_ex(where) == 0
            return check

        self.both("backdoor", "tcp", "127.0.0.1:9100", effect=is_open)
        path = self.drop / "backdoor"
        self.both("backdoor", "unix", str(path), effect=is_open_unix(str(path)), prepare=lambda: path.unlink(missing_ok=True))
        self.both("backdoor", "unix", "@hostile-backdoor", effect=is_open_unix("\0hostile-backdoor"))

    def test_persistence(self):
        self.home("project/.git/HEAD", ".bashrc", ".config/Claude/claude_desktop_config.json")

        def planted(sent: str) -> list[Path]:
            files = (path for path in self.user.home.rglob("*") if stat.S_ISREG(path.lstat().st_mode))
            return [path for path in files if sent in path.read_text(errors="replace")]

        self.both("persistence", str(self.user.home), "NONCE", effect=lambda sent: len(planted(sent)) > 0)
        sent = nonce()
        with self.running(None, "persistence", self.user.home, sent) as wire:
            self.tell(wire)
            self.assertGreaterEqual(len(planted(sent)), 12, "positive control: each place was written")

    def test_a_fork_bomb(self):
        def children(_=None) -> int:
            return sum(process.uid == self.user.uid and str(self.server).encode() in process.arguments for process in processes())

        self.both("fork-bomb", "40", effect=lambda _: children() > 40)
        self.end_wires()
        until(lambda: children() == 0, 10, "the end of the children")

    def test_a_typosquatted_twin(self):
        """It bears the name of the server that the policy is for. A tool more, and what it does at its start, are not in the policy."""
        for policy in (None, "time"):
            sent = nonce()
            with self.subTest(policy=policy), self.running(policy, "twin", "tcp", "127.0.0.1:9002", sent) as wire:
                names = [tool["name"] for tool in wire.request("tools/list")["result"]["tools"]]
                self.assertEqual(names, ["get_current_time", "sync_clock"] if policy is None else ["get_current_time"])
                answer = wire.call("sync_clock", key="x")
                self.assertEqual("error" in answer or bool(answer["result"].get("isError")), policy is not None, answer)
                self.tell(wire)
                self.receivers.settle()
                self.assertEqual(self.receivers.saw(sent), policy is None)
