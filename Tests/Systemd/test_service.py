"""sandboxd as a service of systemd: what its units say is what happens."""

import grp
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
import unittest
from pathlib import Path

from guest import LIBEXEC, SANDBOXD, SESSIONS, encrypted, install, is_active, journal, override, replace, show, systemctl
from leaving_tests import Attempts, Listeners
from stage import PROGRAMS, User, processes, required, until
from wire import Wire

STATE = Path("/var/lib/sandboxd")


class ServiceTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        install()
        cls.user = User("trial", Path("/home/trial"))
        cls.user.gid = grp.getgrnam("sandboxd-users").gr_gid  # who may start sessions
        cls.addClassCleanup(cls.user.remove)
        cls.prober = Path("/usr/local/lib/prober/sandbox-prober")
        cls.prober.parent.mkdir()
        replace(required("SANDBOXD_BIN") / "sandbox-prober", cls.prober)
        cls.listeners = Listeners()
        cls.addClassCleanup(cls.listeners.close)
        cls.policy = Path("/etc/sandboxd/policies/trial.yaml")
        cls.policy.write_text(
            f'sandboxd: 1\nname: trial\nserver: {{user: session}}\ntools: {{default: allow}}\nfiles: {{read: ["${{server}}"]}}\n'
            f'egress: {{tcp: ["127.0.0.1:{cls.listeners.port("granted")}"]}}\nprocesses: {{spawn: any, tasks: 8, memory: 64MiB}}\n')
        cls.policy.chmod(0o644)

    def setUp(self):
        self.wires: list[Wire] = []

    def tearDown(self):
        for wire in self.wires:
            wire.__exit__()
        systemctl("stop", "sandboxd.socket", SANDBOXD, SESSIONS, check=False)
        systemctl("reset-failed", SANDBOXD, SESSIONS, check=False)

    def start(self):
        systemctl("start", SANDBOXD)

    def wrap(self) -> list:
        return ["sandboxctl", "wrap", "--policy", "trial", "--", self.prober]

    def begun(self) -> Wire:
        """A session of an unprivileged user."""
        self.wires.append(Wire(self.wrap(), start=self.user.start))
        welcome = self.wires[-1].begin(40)
        self.assertIn("result", welcome, f"{self.wires[-1].said()}\n{journal(SANDBOXD)[-3000:]}")
        return self.wires[-1]

    def act(self, wire: Wire, *words) -> dict:
        return json.loads(wire.call("act", words=" ".join(map(str, words)))["result"]["content"][0]["text"])

    def main(self) -> int:
        return int(show(SANDBOXD, "MainPID")["MainPID"])

    def receipts(self) -> list[dict]:
        done = subprocess.run(["sandboxctl", "receipts", "show", "--json", STATE / "evidence"], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def follows(self, change) -> None:
        """Waits until another daemon is ready after `change`."""
        before = self.main()
        change(before)
        until(lambda: self.main() not in (0, before) and is_active(SANDBOXD), 60, "the next daemon")

    @staticmethod
    def kill(process: int):
        os.kill(process, signal.SIGKILL)

    @staticmethod
    def restart(_: int):
        systemctl("restart", SANDBOXD)

    @staticmethod
    def own(program: str):
        """The process that runs a program of sandboxd's."""
        return next(process for process in processes() if process.executable == str(LIBEXEC / program))

    def session_uids(self) -> list:
        return [process for process in processes() if 2_000_000_000 <= process.uid < 2_000_050_000]

    # What the units say

    def test_the_units_are_in_order(self):
        files = [f"/usr/lib/systemd/system/{name}" for name in (SANDBOXD, SESSIONS, "sandboxd.socket")]
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", *files], capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))
        rated = subprocess.run(["systemd-analyze", "security", "--no-pager", SANDBOXD], capture_output=True, text=True, timeout=60).stdout
        print(re.sub(r"[^\x00-\x7f]", "", rated), flush=True)
        self.assertIn("Overall exposure level", rated)

    def test_it_is_ready_and_lives_where_the_units_say(self):
        self.start()
        self.assertEqual(show(SANDBOXD, "StatusText", "ActiveState", "NRestarts"), {"StatusText": "0 sessions", "ActiveState": "active", "NRestarts": "0"})
        wire = self.begun()
        until(lambda: show(SANDBOXD, "StatusText")["StatusText"] == "1 session", 10, "the status to count it")
        self.assertEqual(Path(f"/proc/{self.main()}/cgroup").read_text(), "0::/system.slice/sandboxd.service\n")
        for name in ("sandbox-keeper", "sandbox-gate"):
            self.assertRegex(self.own(name).cgroups[0], rf"^/system\.slice/{re.escape(SESSIONS)}/sandboxd\.[0-9a-f]{{16}}/")
        status = dict(line.split(":\t", 1) for line in Path(f"/proc/{self.main()}/status").read_text().splitlines() if ":\t" in line)
        wanted = show(SANDBOXD, "CapabilityBoundingSet")["CapabilityBoundingSet"].split()
        self.assertEqual(int(status["CapEff"], 16), int(status["CapBnd"], 16))
        self.assertEqual(int(status["CapEff"], 16).bit_count(), len(wanted))
        # What servers see of the service: nothing that their policy does not say.
        self.assertIn("capabilities 0", self.act(wire, "credentials")["said"])
        self.assertNotRegex(self.act(wire, "own-environment")["said"], "NOTIFY_SOCKET|LISTEN_|WATCHDOG|CREDENTIALS")

    # One daemon follows another

    def test_sessions_outlive_the_daemon_however_it_ends_and_stop_ends_them(self):
        self.start()
        before = len(self.receipts())
        wire = self.begun()
        keeper = self.own("sandbox-keeper")
        server = next(process for process in self.session_uids() if process.executable == str(self.prober))
        cgroup = Path("/sys/fs/cgroup" + server.cgroups[0])
        attempts = Attempts(wire, self.listeners, pause=0.1)  # an emulated processor has enough to do
        for change in (self.kill, self.restart, self.kill):
            self.follows(change)
            self.assertTrue(attempts.thread.is_alive(), wire.said())
            self.assertEqual((cgroup / "pids.max").read_text().strip(), "8")
            self.assertEqual((cgroup / "memory.max").read_text().strip(), str(64 << 20))
        attempts.stop()
        self.assertEqual(attempts.wrong, [])
        self.assertEqual(self.act(wire, "fork-bomb", 20)["said"].split()[0], "7")
        self.assertGreater(attempts.calls, 8)
        self.assertEqual(self.listeners.came["other"], 0, "a connection that is not granted got through")
        self.assertGreaterEqual(self.listeners.came["granted"], attempts.calls // 2 - 1)
        with socket.create_connection(("127.0.0.1", self.listeners.port("other"))):  # positive control
            until(lambda: self.listeners.came["other"] == 1, 10, "the positive control")
        self.assertEqual(self.own("sandbox-keeper").pid, keeper.pid)
        print(f"         3 daemons followed another: {attempts.calls} attempts, half of them forbidden, none through", flush=True)
        systemctl("stop", SANDBOXD)
        until(lambda: not self.session_uids() and not Path(f"/proc/{keeper.pid}").exists(), 20, "the end of the session")
        wire.process.wait(10)
        self.assertEqual(list(cgroup.parent.parent.glob("sandboxd.*")), [])
        receipts = self.receipts()[before:]
        forwarded = [one for one in receipts if one["kind"] == "decision" and one["body"]["decision"] == "forward"]
        self.assertGreaterEqual(len(forwarded), attempts.calls)
        self.assertEqual([one["body"]["event"] for one in receipts if one["kind"] == "lifecycle" and one["body"].get("event") in ("left", "adopted")],
                         ["adopted", "left", "adopted", "adopted"])
        self.assertEqual(receipts[-1]["body"], {"event": "stopped"})

    def test_a_loop_that_does_not_turn_is_ended_and_its_sessions_are_not(self):
        with override(SANDBOXD, "[Service]\nWatchdogSec=6s\n"):
            self.start()
            wire = self.begun()
            time.sleep(7)  # it is heard
            self.assertEqual(show(SANDBOXD, "NRestarts")["NRestarts"], "0")
            self.follows(lambda pid: os.kill(pid, signal.SIGSTOP))
            self.assertEqual(show(SANDBOXD, "NRestarts")["NRestarts"], "1")
            self.assertIn("watchdog", journal(SANDBOXD).lower())
            self.assertIn("uids 2000", self.act(wire, "credentials")["said"])

    def test_another_version_takes_over_and_nobody_who_connects_is_turned_away(self):
        self.start()
        wire = self.begun()
        for name in PROGRAMS:
            replace(required("SANDBOXD_BIN") / name, LIBEXEC / name)
        status = []
        systemctl("restart", "--no-block", SANDBOXD)
        thread = threading.Thread(target=lambda: status.append(self.user.run(self.wrap(), input="", timeout=60).returncode))
        thread.start()
        self.assertIn("uids 2000", self.act(wire, "credentials")["said"])
        thread.join(70)
        self.assertEqual(status, [0])
        self.assertIn("uids 2000", self.act(wire, "credentials")["said"])

    def test_the_cgroup_of_sessions_limits_all_of_them_and_its_end_is_theirs(self):
        with override(SESSIONS, "[Service]\nMemoryMax=300M\n"):
            self.start()
            wire = self.begun()
            self.assertEqual(Path(f"/sys/fs/cgroup/system.slice/{SESSIONS}/memory.max").read_text().strip(), str(300 << 20))
            self.assertIn("sandbox-gate", systemctl("status", SESSIONS).stdout)
            systemctl("stop", SESSIONS)
            wire.process.wait(20)
            self.assertFalse(is_active(SANDBOXD))
            self.assertEqual(self.session_uids(), [])

    # Documents that change

    def layer(self, clauses: str):
        file = Path("/etc/sandboxd/layers/trial.yaml")
        self.addCleanup(file.unlink, missing_ok=True)
        file.write_text(f"sandboxd-layer: 1\nname: trial\n{clauses}\n")

    def reloads(self) -> list[dict]:
        return [one["body"] for one in self.receipts() if one["body"].get("event") == "reloaded" and "session" not in one]

    def reaches(self, wire: Wire) -> bool:
        """As the receiver saw it."""
        before = self.listeners.came["granted"]
        said = self.act(wire, "tcp", "127.0.0.1", self.listeners.port("granted"), "x")
        if said["errno"] == 0:
            until(lambda: self.listeners.came["granted"] == before + 1, 10, "the connection")
        return self.listeners.came["granted"] > before

    def test_a_reload_is_over_when_systemctl_returns_and_a_refused_document_fails_it(self):
        self.start()
        wire, main, before = self.begun(), self.main(), len(self.reloads())
        self.assertTrue(self.reaches(wire), "the control")
        self.layer("tools: {rules: [{id: none, tools: [nothing], effect: deny}]}\negres: none")
        failed = systemctl("reload", SANDBOXD, check=False)
        self.assertNotEqual(failed.returncode, 0)
        self.assertIn("Job for sandboxd.service failed", failed.stderr)
        self.assertIn("refused[R107]", journal(SANDBOXD))
        self.assertEqual((is_active(SANDBOXD), self.main()), (True, main))
        self.assertTrue(self.reaches(wire), "nothing is applied")
        self.layer("egress: {tcp: none}")
        systemctl("reload", SANDBOXD)
        self.assertFalse(self.reaches(wire))
        self.assertEqual((is_active(SANDBOXD), self.main()), (True, main))
        refused, applied = self.reloads()[before:]
        self.assertEqual((refused["outcome"], refused["by"], refused["uid"], refused["reasons"][0]["code"]), ("refused", "control", 0, "R107"))
        self.assertEqual((applied["outcome"], applied["by"], applied["uid"], applied["tightened"]), ("applied", "control", 0, 1))

    # Credentials

    def other_place(self, credential: str) -> str:
        """A drop-in with this credential, and with a log of its own."""
        place = "/var/lib/other-sandboxd"
        self.addCleanup(shutil.rmtree, place, ignore_errors=True)
        return f"[Service]\n{credential}\nExecStart=\nExecStart={LIBEXEC}/sandboxd --scopes {SESSIONS} --state {place}\n"

    def new_key(self) -> str:
        done = subprocess.run(["sandboxctl", "receipts", "new-key"], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_a_key_that_systemd_hands_over_signs_the_log(self):
        plain = Path("/etc/credstore/sandboxd-key")
        plain.parent.mkdir(exist_ok=True)
        plain.write_text(self.new_key())
        plain.chmod(0o600)
        other = encrypted("sandboxd-key", self.new_key())
        evidence, logs = Path("/var/lib/other-sandboxd/evidence"), []
        for credential in (f"LoadCredential=sandboxd-key:{plain}", f"LoadCredentialEncrypted=sandboxd-key:{other}"):
            with self.subTest(credential), override(SANDBOXD, self.other_place(credential)):
                self.start()
                self.begun()  # from the same mount namespace, whatever systemd made for the credential
                systemctl("reload", SANDBOXD)  # and so is who reloads
                self.assertFalse((evidence / "key").exists())
                logs.append((evidence / "key.pub").read_text())
                systemctl("stop", "sandboxd.socket", SANDBOXD)
                shutil.rmtree(evidence.parent)
        self.assertEqual(len(set(logs)), 2)
        self.start()
        self.assertTrue((STATE / "evidence/key").exists(), "without it, the key is kept beside the log")

    def test_a_key_that_cannot_be_decrypted_is_none_and_nothing_is_signed_by_another(self):
        file = encrypted("sandboxd-key", self.new_key())
        file.write_bytes(file.read_bytes()[:-40] + b"A" * 40)
        with override(SANDBOXD, self.other_place(f"LoadCredentialEncrypted=sandboxd-key:{file}")):
            systemctl("start", "--no-block", SANDBOXD)
            until(lambda: int(show(SANDBOXD, "NRestarts")["NRestarts"]) > 0, 30, "the service to fail")
            self.assertFalse(Path("/var/lib/other-sandboxd/evidence").exists())
            systemctl("stop", "sandboxd.socket", SANDBOXD)

    def test_a_caller_starts_it_by_its_socket(self):
        systemctl("start", "sandboxd.socket")
        self.assertFalse(is_active(SANDBOXD))
        done = self.user.run(self.wrap(), input="", timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(is_active(SANDBOXD))

