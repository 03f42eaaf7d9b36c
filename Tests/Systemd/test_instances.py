"""Instances of mcp@.socket and mcp@.service: what is said of the units is true of the sessions."""

import json
import os
import shutil
import socket
import subprocess
import time
import unittest
from pathlib import Path

from guest import Unit, encrypted, install, is_active, journal, show, systemctl
from stage import HERE, PROJECT, User, processes, until
from wire import Wire

SERVER = Path("/usr/lib/sandboxd-tests/service_server.py")
CANARY = "canary-5b1d0c77e2"
CREDENTIAL = Path("/etc/credstore/notes.API_KEY")
POLICY = f"""sandboxd: 1
name: notes
include: [runtime-python]
server: {{command: [/usr/bin/python3, {SERVER}], env: {{secret: {{API_KEY: {{from: credential}}}}}}}}
tools: {{default: allow}}
files: {{read: [{SERVER.parent}]}}
"""


def sandboxctl(*words, check: bool = True) -> subprocess.CompletedProcess:
    done = subprocess.run(["sandboxctl", *map(str, words)], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
    if check and done.returncode != 0:
        raise AssertionError(f"sandboxctl {words}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done


class InstanceTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        install()
        SERVER.parent.mkdir(exist_ok=True)
        shutil.copy(HERE / SERVER.name, SERVER)
        CREDENTIAL.parent.mkdir(exist_ok=True)
        CREDENTIAL.write_text(CANARY + "\n")
        CREDENTIAL.chmod(0o600)
        cls.policy = Path("/srv/notes.yaml")
        cls.policy.write_text(POLICY)
        subprocess.run(["groupadd", "--force", "--system", "sandboxd-users"], check=True)
        cls.member, cls.stranger = User("mcp-member", Path("/home/mcp-member")), User("mcp-stranger", Path("/home/mcp-stranger"))
        subprocess.run(["groupadd", "--force", "mcp-clients"], check=True)
        systemctl("start", "sandboxd.service")
        until(lambda: sandboxctl("status", "--socket", "/run/sandboxd/sandboxd.sock", check=False).returncode == 0, 60, f"sandboxd; {journal('sandboxd.service')[-3000:]}")

    @classmethod
    def tearDownClass(cls):
        systemctl("stop", "sandboxd.service", check=False)
        cls.member.remove()
        cls.stranger.remove()

    def setUp(self):
        self.wires: list[Wire] = []
        self.names: list[str] = []

    def tearDown(self):
        for wire in self.wires:
            wire.end()
        for name in self.names:
            systemctl("stop", f"mcp@{name}.socket", f"mcp@{name}.service", check=False)
            systemctl("reset-failed", f"mcp@{name}.socket", f"mcp@{name}.service", check=False)
            Path(f"/etc/sandboxd/policies/{name}.yaml").unlink(missing_ok=True)
            for kind in ("socket", "service"):
                shutil.rmtree(f"/etc/systemd/system/mcp@{name}.{kind}.d", ignore_errors=True)
        systemctl("daemon-reload")

    def instance(self, name: str, *options, policy: Path | None = None) -> str:
        """Written as an operator has it written, and its socket started; the name of the service."""
        self.names.append(name)
        sandboxctl("unit", name, "--policy", policy or self.policy, "--group", "mcp-clients", "--credential", f"API_KEY:{CREDENTIAL}", *options)
        systemctl("daemon-reload")
        systemctl("start", f"mcp@{name}.socket")
        return f"mcp@{name}.service"

    def wire(self, name: str) -> Wire:
        self.wires.append(Wire(["sandboxctl", "connect", name], start_new_session=True))
        return self.wires[-1]

    def begun(self, name: str) -> Wire:
        wire = self.wire(name)
        self.assertIn("result", wire.begin(60), f"{wire.said()}\n{journal(f'mcp@{name}.service')[-4000:]}")
        return wire

    def cgroup(self, unit: str) -> Path:
        return Path("/sys/fs/cgroup" + show(unit, "ControlGroup")["ControlGroup"])

    def servers(self, unit: str) -> list[int]:
        return [int(pid) for file in self.cgroup(unit).glob("sandboxd.*/server/cgroup.procs") for pid in file.read_text().split()]

    def test_the_units_are_what_systemd_calls_clean(self):
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", "mcp@notes.socket", "mcp@notes.service"], capture_output=True, text=True, timeout=120)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_the_socket_is_for_its_group_and_the_first_client_starts_the_service(self):
        unit = self.instance("notes")
        path = Path("/run/sandboxd-mcp/notes.sock")
        self.assertEqual(path.stat().st_mode & 0o777, 0o660)
        self.assertEqual(path.group(), "mcp-clients")
        self.assertFalse(is_active(unit))
        refused = self.stranger.run(["sandboxctl", "connect", "notes"])
        self.assertEqual(refused.returncode, 125)
        self.assertIn("EACCES", refused.stderr.replace("permission denied", "EACCES").replace("Permission denied", "EACCES"))
        self.assertFalse(is_active(unit))
        subprocess.run(["usermod", "--append", "--groups", "mcp-clients", self.member.name], check=True)
        request = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize",
                              "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}}) + "\n"
        done = subprocess.run(["runuser", "-u", self.member.name, "--", "sandboxctl", "connect", "notes"], input=request, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr + journal(unit))
        self.assertIn('"result"', done.stdout)
        self.assertTrue(is_active(unit))
        self.assertIn(f"of uid {self.member.uid} connects", journal(unit))

    def test_sessions_live_in_the_unit_and_stopping_it_ends_them(self):
        unit = self.instance("notes")
        def ends() -> list[str]:
            return [line for line in journal(unit).splitlines() if " ended" in line and "session" in line]
        before = len(ends())
        wires = [self.begun("notes"), self.begun("notes")]
        servers = self.servers(unit)
        self.assertEqual(len(servers), 2)
        uids = {process.uid for process in processes() if process.pid in servers}
        self.assertEqual(len(uids), 2)
        self.assertNotIn(0, uids)
        shown = subprocess.run(["systemd-cgls", "--no-pager", "--full", "--unit", unit], capture_output=True, text=True, timeout=60).stdout
        for pid in servers:
            self.assertIn(f"{pid} /usr/bin/python3 {SERVER}", shown)
        # What the service manager sees of the server is the unit's.
        self.assertIn(unit, subprocess.run(["systemctl", "status", "--no-pager", str(servers[0])], capture_output=True, text=True, timeout=60).stdout)
        systemctl("stop", unit)
        left = [process for process in processes() if process.pid in servers]
        self.assertEqual(left, [])
        self.assertFalse(self.cgroup(unit).exists() and show(unit, "ControlGroup")["ControlGroup"])
        for wire in wires:
            wire.process.wait(20)
        self.assertEqual(len(ends()) - before, 2, ends())
        # Each has the receipt of its end.
        told = sandboxctl("receipts", "show", "--json", "/var/lib/sandboxd/evidence").stdout.splitlines()
        receipts = [json.loads(line) for line in told]
        mine = [receipt["session"] for receipt in receipts if receipt["kind"] == "launch" and "service" in receipt["body"]][-2:]
        until(lambda: set(mine) <= {json.loads(line).get("session") for line in sandboxctl(
            "receipts", "show", "--json", "/var/lib/sandboxd/evidence").stdout.splitlines() if json.loads(line)["kind"] == "exit"}, 20, "the receipts of both ends")
        launch = [receipt for receipt in receipts if receipt["kind"] == "launch" and "service" in receipt["body"]][-1]["body"]
        self.assertEqual(launch["service"]["unit"], unit)
        self.assertEqual(launch["client"]["uid"], 0)
        self.assertEqual(launch["client"]["claim"], "observed")

    def test_a_credential_of_the_unit_reaches_the_server_and_nobody_else(self):
        unit = self.instance("notes")
        wire = self.begun("notes")
        self.assertEqual(wire.text("secret"), CANARY)
        self.assertNotIn("CREDENTIALS_DIRECTORY", wire.text("variables"))
        self.assertEqual(wire.close(), 0)
        self.assertNotIn(CANARY, journal(unit) + journal("sandboxd.service"))
        kept = [kind for kind in Path("/var/lib/sandboxd").iterdir() if kind.name != "bpf"]
        state = [file for kind in kept for file in [kind, *kind.rglob("*")] if file.is_file() and not file.is_symlink()]
        self.assertTrue(state)
        self.assertEqual([file for file in state if CANARY.encode() in file.read_bytes()], [])

    def test_an_encrypted_credential_does_too_and_one_that_cannot_be_decrypted_starts_nothing(self):
        unit = self.instance("notes")
        file = encrypted("API_KEY", "sealed-" + CANARY)
        directory = Path("/etc/systemd/system/mcp@notes.service.d")
        (directory / "sealed.conf").write_text(f"[Service]\nLoadCredential=\nLoadCredentialEncrypted=API_KEY:{file}\n")
        systemctl("daemon-reload")
        self.assertNotIn(CANARY.encode(), file.read_bytes())
        wire = self.begun("notes")
        self.assertEqual(wire.text("secret"), "sealed-" + CANARY)
        self.assertEqual(wire.close(), 0)
        systemctl("stop", unit)
        file.write_bytes(file.read_bytes()[:-40] + b"A" * 40)
        self.assertNotEqual(systemctl("start", unit, check=False).returncode, 0)
        self.assertEqual(show(unit, "ExecMainStatus")["ExecMainStatus"], "243", "EXIT_CREDENTIALS")
        systemctl("stop", f"mcp@notes.socket", unit)

    def test_how_a_server_ended_reaches_whoever_connected(self):
        unit = self.instance("notes")
        for tool, arguments, status in (("leave", {"status": 7}, 7), ("die", {"signal": 9}, 137)):
            wire = self.begun("notes")
            wire.ask("tools/call", {"name": tool, "arguments": arguments})
            self.assertEqual(wire.process.wait(60), status, wire.said())
        wire = self.begun("notes")
        systemctl("kill", "--kill-whom=all", "--signal=KILL", unit)
        self.assertEqual(wire.process.wait(60), 255, wire.said())

    def test_what_the_server_says_on_stderr_is_in_the_journal_of_the_instance_by_session(self):
        unit = self.instance("notes")
        wire = self.begun("notes")
        self.assertEqual(wire.text("speak", text="hello from within"), "said")
        def entries() -> list[dict]:
            told = subprocess.run(["journalctl", "--quiet", "--output=json", f"--unit={unit}"], capture_output=True, text=True, timeout=60).stdout
            return [entry for line in told.splitlines() if "hello from within" in (entry := json.loads(line))["MESSAGE"]]
        found = until(entries, 20, "the line in the journal")
        self.assertEqual({entry["_SYSTEMD_UNIT"] for entry in found}, {unit})
        self.assertTrue(all(entry["SYSLOG_IDENTIFIER"].startswith("notes#") for entry in found), found)

    def test_the_units_memory_is_what_all_its_sessions_have_together(self):
        free = self.instance("free")
        wire = self.begun("free")
        self.assertEqual(wire.text("take", 60, mebibytes=160), "160")
        unit = self.instance("bounded", "--memory-max", "128M")
        neighbour, greedy = self.begun("bounded"), self.begun("bounded")
        greedy.ask("tools/call", {"name": "take", "arguments": {"mebibytes": 160}})
        greedy.process.wait(60)
        until(lambda: "ended: the server was ended by SIGKILL" in journal(unit), 20, f"the end; {journal(unit)[-3000:]}")
        self.assertEqual(neighbour.text("take", 60, mebibytes=8), "8")
        self.assertTrue(is_active(unit))
        self.assertTrue(is_active(free))
        self.assertIn("oom_kill 1", (self.cgroup(unit) / "memory.events").read_text())
        # Accounting: what the server holds and uses is counted for the unit.
        before = int(show(unit, "CPUUsageNSec")["CPUUsageNSec"])
        for _ in range(20):
            neighbour.text("take", 60, mebibytes=16)
        self.assertGreater(int(show(unit, "CPUUsageNSec")["CPUUsageNSec"]) - before, 10_000_000)
        self.assertGreater(int(show(unit, "MemoryCurrent")["MemoryCurrent"]), 4 << 20)

    def test_limits_of_the_policy_are_each_sessions_within_the_unit(self):
        policy = Path("/srv/limited.yaml")
        policy.write_text(POLICY + "processes: {tasks: 24, memory: 128MiB}\n")
        unit = self.instance("limited", policy=policy)
        wire = self.begun("limited")
        leaf = next(self.cgroup(unit).glob("sandboxd.*/server"))
        self.assertEqual(((leaf / "pids.max").read_text(), (leaf / "memory.max").read_text()), ("24\n", f"{128 << 20}\n"))
        self.assertEqual(wire.close(), 0)

    def test_a_refused_policy_is_not_tried_again_and_a_crash_is(self):
        unit = self.instance("notes")
        systemctl("start", unit)
        self.assertEqual(show(unit, "NRestarts")["NRestarts"], "0")
        os.kill(int(show(unit, "MainPID")["MainPID"]), 9)
        until(lambda: show(unit, "NRestarts")["NRestarts"] == "1" and is_active(unit), 60, "the service, started anew")
        systemctl("stop", unit)
        Path("/etc/sandboxd/policies/notes.yaml").write_text(POLICY + "egress: {names: ['a.example:443'], udp: any}\n")
        self.assertNotEqual(systemctl("start", unit, check=False).returncode, 0)
        said = show(unit, "Result", "ExecMainStatus", "NRestarts", "ActiveState", "StatusText")
        self.assertEqual((said["Result"], said["ExecMainStatus"], said["NRestarts"], said["ActiveState"]), ("exit-code", "125", "0", "failed"))
        self.assertIn("R120", journal(unit))
        self.assertIn("R120", subprocess.run(["systemctl", "status", "--no-pager", "--full", unit], capture_output=True, text=True, timeout=60).stdout)
        # Whoever connects is told, and the socket is there for the next.
        told = self.wire("notes")
        self.assertIn("R120", told.begin(60)["error"]["message"])
        self.assertEqual(told.process.wait(20), 125)
        [entry] = json.loads(sandboxctl("refusals", "list", "--json", "--policy", "notes").stdout)["refusals"]
        self.assertEqual((entry["codes"], entry["caller"], entry["times"]), (["R120"], 0, 2))
        self.assertTrue(is_active("mcp@notes.socket"))
        Path("/etc/sandboxd/policies/notes.yaml").write_text(POLICY)
        self.assertEqual(self.begun("notes").close(), 0)

    def test_a_unit_that_gives_its_cgroup_to_a_user_is_refused(self):
        policy = Path("/srv/owned.yaml")
        policy.write_text(POLICY.replace("env: {", "user: session, env: {"))
        self.instance("notes", policy=policy)
        directory = Path("/etc/systemd/system/mcp@notes.service.d")
        (directory / "user.conf").write_text("[Service]\nUser=mcp-member\nSupplementaryGroups=sandboxd-users\n")
        systemctl("daemon-reload")
        self.assertIn("only a service that runs as root", self.wire("notes").begin(60)["error"]["message"])

    def test_servers_of_a_chosen_user(self):
        policy = Path("/srv/chosen.yaml")
        policy.write_text(POLICY)
        if json.loads(sandboxctl("doctor", "--json").stdout)["observed"]["landlock-scopes"] != "works":
            # Linux 6.1 cannot hold servers of the host's users, and says so before anything is written.
            refused = sandboxctl("unit", "chosen", "--policy", policy, "--user", self.member.name, check=False)
            self.assertEqual(refused.returncode, 3)
            self.assertIn("this host cannot hold `server.user: caller`", refused.stderr)
            self.assertFalse(Path("/etc/sandboxd/policies/chosen.yaml").exists())
            return
        unit = self.instance("chosen", "--user", self.member.name, policy=policy)
        wire = self.begun("chosen")
        self.assertEqual(wire.text("who"), str(self.member.uid))
        self.assertEqual((self.cgroup(unit) / "cgroup.procs").stat().st_uid, 0)
        self.assertEqual(wire.close(), 0)
