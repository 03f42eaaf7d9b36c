"""A reload holds running sessions to what permits less: by the gate, by the kernel and in what flows; what they cannot be held to ends them."""

import json
import os
import signal
import socket
import subprocess
import threading
import time

from cases import StagedTests
from stage import required, until
from wire import Closed, Wire

POLICY = """\
sandboxd: 1
name: flowing
include: [runtime-python]
tools: {default: allow, rules: [{id: ask, tools: [refund], effect: ask}]}
approvals: {by: [caller], wait: 60s}
egress:
  tcp: ["127.0.0.1:%(kept)d", "127.0.0.1:%(cut)d", "[::1]:%(cut)d"]
  udp: ["127.0.0.1:%(kept)d", "127.0.0.1:%(cut)d"]
files: {read: ["%(servers)s", "%(extra)s"]}
processes: {memory: 512MiB, tasks: 64}
"""

LAYER = "sandboxd-layer: 1\nname: company\n"
NO_CUT = LAYER + 'egress: {tcp: ["127.0.0.1:%(kept)d"], udp: ["127.0.0.1:%(kept)d"]}\n'
NO_DELETE = LAYER + "tools: {rules: [{id: never, tools: [delete_all], effect: deny, reason: ask the archive team}]}\n"
NO_REFUND = LAYER + "tools: {rules: [{id: none, tools: [refund], effect: deny}]}\n"
NO_FILES = 'sandboxd-layer: 1\nname: files\nfiles: {read: ["%(servers)s", /usr, /lib, /lib64, /etc]}\n'


class Peer:
    """Listens on both families, by TCP and UDP, on one port of loopback; knows what it got."""

    def __init__(self):
        while True:
            self.tcp = socket.create_server(("127.0.0.1", 0))
            self.port = self.tcp.getsockname()[1]
            try:
                self.tcp6 = socket.create_server(("::1", self.port), family=socket.AF_INET6)
                self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                self.udp.bind(("127.0.0.1", self.port))
                break
            except OSError:
                self.tcp.close()
        for one in (self.tcp, self.tcp6, self.udp):
            one.settimeout(5)

    def accept(self, six: bool = False) -> socket.socket:
        flow = (self.tcp6 if six else self.tcp).accept()[0]
        flow.settimeout(5)
        return flow

    def datagrams(self) -> list[bytes]:
        """Whatever came until now."""
        self.udp.setblocking(False)
        found = []
        try:
            while True:
                found.append(self.udp.recv(100))
        except BlockingIOError:
            return found

    def is_asked(self) -> bool:
        self.tcp.setblocking(False)
        try:
            self.tcp.accept()[0].close()
            return True
        except BlockingIOError:
            return False
        finally:
            self.tcp.settimeout(5)

    def close(self):
        for one in (self.tcp, self.tcp6, self.udp):
            one.close()


class Reloading(StagedTests):
    """A daemon with layers and policies of the test's own."""

    drain = "2"

    @classmethod
    def start_daemon(cls):
        cls.layers, cls.managed = cls.stage.root / "layers", cls.stage.root / "managed"
        for directory in (cls.layers, cls.managed):
            directory.mkdir(mode=0o755)
        cls.stage.daemon.options = ["--layers", cls.layers, "--policies", cls.managed, "--drain", cls.drain]
        super().start_daemon()

    def setUp(self):
        super().setUp()
        self.kept, self.cut = Peer(), Peer()
        self.addCleanup(self.kept.close)
        self.addCleanup(self.cut.close)
        self.extra = self.stage.root / "extra"
        self.extra.mkdir(exist_ok=True)
        self.facts = {"kept": self.kept.port, "cut": self.cut.port, "servers": self.stage.servers, "extra": self.extra}
        self.path = self.written_policy(POLICY % self.facts, "flowing.yaml")
        self.held: list[Wire] = []

    def tearDown(self):
        while self.held:
            self.held.pop().__exit__()
        super().tearDown()

    def write(self, directory, name: str, text: str):
        path = directory / name
        path.write_text(text)
        path.chmod(0o644)
        self.addCleanup(path.unlink, missing_ok=True)
        return path

    def layer(self, text: str, name: str = "company.yaml"):
        return self.write(self.layers, name, text % self.facts if "%(" in text else text)

    def unlink_layers(self):
        for path in self.layers.iterdir():
            path.unlink()

    def begun(self, policy=None) -> Wire:
        wire = Wire(self.wrap(policy or self.path, ["/usr/bin/python3", self.stage.servers / "flow_server.py"]), start=self.user.start,
                    environment=self.stage.environment(self.user))
        self.held.append(wire)
        self.assertIn("result", wire.begin(), wire.said())
        return wire

    def reload(self, *options, status: int = 0) -> dict:
        done = subprocess.run([self.stage.sandboxctl, "reload", "--json", *options], capture_output=True, text=True, timeout=60,
                              env={"PATH": "/usr/bin:/bin", "HOME": "/root", "SANDBOXD_SOCKET": str(self.stage.daemon.socket)})
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.said = done.stderr
        return json.loads(done.stdout) if done.stdout else {}

    def outcomes(self, report: dict) -> list[str]:
        return sorted(session["outcome"] for session in report["sessions"])

    def log(self) -> list[dict]:
        words = [self.stage.sandboxctl, "receipts", "show", "--json", self.stage.root / "state/evidence"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def reloads(self) -> list[dict]:
        return [receipt["body"] for receipt in self.log() if receipt["body"].get("event") == "reloaded"]



class ReloadTests(Reloading):
    def test_flows_that_are_no_longer_permitted_are_cut_and_others_go_on(self):
        wire = self.begun()
        flows = {}
        for name, kind, peer in (("kept", "tcp", self.kept), ("cut", "tcp", self.cut), ("mapped", "mapped", self.cut), ("six", "tcp6", self.cut)):
            flow = wire.text("open", kind=kind, port=peer.port)
            flows[name] = int(flow), peer.accept(six=kind == "tcp6")
        udp = {name: int(wire.text("open", kind="udp", port=peer.port)) for name, peer in (("kept", self.kept), ("cut", self.cut))}
        for name, (flow, accepted) in flows.items():
            self.assertEqual(wire.text("send", flow=flow, text=name), "done")
            self.assertEqual(accepted.recv(100), name.encode())
        for flow in udp.values():
            self.assertEqual(wire.text("send", flow=flow, text="before"), "done")
        self.assertEqual(self.kept.datagrams() + self.cut.datagrams(), [b"before"] * 2)

        self.layer(NO_CUT)
        report = self.reload()
        self.assertEqual(self.outcomes(report), ["tightened"], report)
        self.assertEqual(report["sessions"][0]["tightened"], ["egress.tcp", "egress.udp"])

        self.assertEqual(wire.text("send", flow=flows["kept"][0], text="after"), "done")
        self.assertEqual(flows["kept"][1].recv(100), b"after")
        self.assertEqual(wire.text("send", flow=udp["kept"], text="after"), "done")
        for name in ("cut", "mapped", "six"):
            flow, accepted = flows[name]
            self.assertNotEqual(wire.text("alive", flow=flow), "alive", name)
            with self.assertRaises(ConnectionResetError, msg=name):
                if accepted.recv(100) == b"":
                    raise ConnectionResetError  # an end is as good as a reset
        self.assertNotEqual(wire.text("send", flow=udp["cut"], text="after"), "done")
        self.assertEqual(wire.text("connect", port=self.kept.port), "done")
        self.assertTrue(wire.text("connect", port=self.cut.port).startswith("failed"))
        self.assertEqual(self.kept.datagrams() + self.cut.datagrams(), [b"after"])
        self.assertTrue(self.kept.is_asked())
        self.assertFalse(self.cut.is_asked())
        said = [body for body in self.reloads() if body.get("outcome") == "tightened"][-1]
        self.assertEqual(len(said["flows"]), 4, said)
        self.assertRegex(said["under"], "^[0-9a-f]{64}$")
        self.assertEqual(wire.close(), 0, wire.said())
        self.held.pop()
        self.evidence_verifies()

    def test_a_tool_is_blocked_from_the_reload_on_and_a_layer_that_is_gone_gives_nothing_back(self):
        wire = self.begun()
        self.assertEqual(wire.text("delete_all"), "done")
        path = self.layer(NO_DELETE)
        self.assertEqual(wire.text("delete_all"), "done")
        self.assertEqual(self.outcomes(self.reload()), ["tightened"])
        denied = wire.call("delete_all")["result"]
        self.assertTrue(denied["isError"])
        self.assertIn("ask the archive team", denied["content"][0]["text"])
        self.assertEqual(wire.text("other"), "done")
        path.unlink()
        self.assertEqual(self.outcomes(self.reload()), ["unchanged"])
        self.assertTrue(wire.call("delete_all")["result"]["isError"])
        new = self.begun()
        self.assertEqual(new.text("delete_all"), "done")
        new.close(), wire.close()
        self.held.clear()
        blocked = [receipt["body"] for receipt in self.log() if receipt["body"].get("rule") == "never"][-1]
        under = [body["under"] for body in self.reloads() if "under" in body][-1]
        self.assertEqual((blocked["layer"], blocked["under"]), ("company", under))

    def test_a_call_that_waits_for_a_person_is_judged_anew(self):
        wire = self.begun()
        id = wire.ask("tools/call", {"name": "refund", "arguments": {"amount": 9}})
        until(lambda: "waits for a person" in wire.said(), 10, "the call to be held")
        self.layer(NO_REFUND)
        self.assertEqual(self.outcomes(self.reload()), ["tightened"])
        answer = wire.answer(id, 10)
        self.assertTrue(answer["result"]["isError"])
        self.assertIn("D102", answer["result"]["content"][0]["text"])
        listed = self.sandboxctl("approvals", "list", "--json")
        self.assertEqual(json.loads(listed.stdout)["approvals"], [], listed.stdout)

    def test_one_bad_document_changes_nothing_and_is_told(self):
        wire = self.begun()
        self.layer(NO_DELETE)
        bad = self.layer("sandboxd-layer: 1\negres: {tcp: none}\n", "faulty.yaml")
        self.reload(status=3)
        self.assertIn(f"{bad}:2:1: refused[R107]", self.said)
        self.assertIn("nothing was applied", self.said)
        self.assertEqual(wire.text("delete_all"), "done")
        refused = self.reloads()[-1]
        self.assertEqual((refused["outcome"], refused["reasons"][0]["code"], refused["reasons"][0]["line"]), ("refused", "R107", 2))
        bad.unlink()
        self.assertEqual(self.outcomes(self.reload()), ["tightened"])
        self.assertTrue(wire.call("delete_all")["result"]["isError"])

    def test_a_dry_run_says_what_would_become_of_sessions_and_changes_nothing(self):
        wire = self.begun()
        self.layer(NO_DELETE)
        report = self.reload("--dry-run")
        self.assertEqual(self.outcomes(report), ["tightened"])
        self.assertEqual(wire.text("delete_all"), "done")
        self.layer(NO_FILES)
        report = self.reload("--dry-run")
        self.assertEqual((self.outcomes(report), report["sessions"][0]["why"]), (["draining"], ["files.read"]))
        self.assertEqual(wire.text("delete_all"), "done")

    def test_what_cannot_be_tightened_in_place_blocks_calls_and_ends_the_session(self):
        wire = self.begun()
        self.layer(NO_FILES)
        report = self.reload()
        self.assertEqual((self.outcomes(report), report["sessions"][0]["why"]), (["draining"], ["files.read"]))
        blocked = wire.call("other")["result"]
        self.assertTrue(blocked["isError"])
        self.assertIn("D310", blocked["content"][0]["text"])
        began = time.monotonic()
        with self.assertRaises(Closed):
            wire.receive(10)
        self.assertLess(time.monotonic() - began, 8)
        self.assertIn("D310", wire.said())
        bodies = [receipt["body"] for receipt in self.log()]
        self.assertEqual([body["why"] for body in bodies if body.get("outcome") == "draining"][-1], ["files.read"])
        self.assertTrue(any(body.get("event") == "drained" for body in bodies))
        new = self.begun()
        self.assertEqual(new.text("other"), "done")

    def test_a_policy_of_roots_is_followed_and_one_from_elsewhere_is_not(self):
        text = POLICY % self.facts
        managed = self.write(self.managed, "flowing.yaml", text)
        followed, own = self.begun(managed), self.begun()
        managed.write_text(text.replace("rules: [", "rules: [{id: gone, tools: [delete_all], effect: deny}, "))
        self.path.write_text(managed.read_text())
        self.assertEqual(self.outcomes(self.reload()), ["tightened", "unchanged"])
        self.assertTrue(followed.call("delete_all")["result"]["isError"])
        self.assertEqual(own.text("delete_all"), "done")
        managed.write_text(text.replace("512MiB", "256MiB"))
        self.assertEqual(self.outcomes(self.reload()), ["tightened", "unchanged"])
        self.assertTrue(followed.call("delete_all")["result"]["isError"])
        managed.write_text(text.replace("sandboxd: 1", "sandboxd: 1\nfoo: 1"))
        self.reload(status=3)
        self.assertIn("refused[R107]", self.said)
        managed.unlink()
        self.assertEqual(self.outcomes(self.reload()), ["draining", "unchanged"])

    def test_a_caller_who_says_that_its_policy_is_roots_is_not_believed(self):
        """The bytes are another's: what root writes there later is nothing to the session."""
        managed = self.write(self.managed, "flowing.yaml", POLICY % self.facts)
        managed.write_text("# root's\n" + POLICY % self.facts)
        link = self.stage.policies / "claims.yaml"
        link.symlink_to(managed)
        self.addCleanup(link.unlink)
        through = self.begun(link)  # the same file by another name: root's all the same
        managed.write_text((POLICY % self.facts).replace("rules: [", "rules: [{id: gone, tools: [delete_all], effect: deny}, "))
        self.assertEqual(self.outcomes(self.reload()), ["tightened"])
        self.assertTrue(through.call("delete_all")["result"]["isError"])
        os.chown(managed, self.user.uid, self.user.gid)
        foreign = self.begun(managed)
        self.assertEqual(foreign.text("other"), "done")
        managed.write_text((POLICY % self.facts).replace("default: allow", "default: deny"))
        self.reload()
        self.assertEqual(foreign.text("other"), "done")

    def test_a_limit_is_lowered_in_place(self):
        wire = self.begun()
        self.layer(LAYER + "processes: {memory: 128MiB, tasks: 32}\n")
        report = self.reload()
        self.assertEqual((self.outcomes(report), report["sessions"][0]["tightened"]),
                         (["tightened"], ["processes.tasks", "processes.memory"]))
        found = [text for path in self.stage.cgroup.below() for name in ("pids.max", "memory.max", "memory.limit_in_bytes")
                 if (text := self.content(f"{path}/{name}"))]
        self.assertIn("32", found)
        self.assertIn(str(128 << 20), found)
        self.assertEqual(wire.text("other"), "done")

    @staticmethod
    def content(path: str) -> str:
        try:
            with open(path, encoding="ascii") as file:
                return file.read().strip()
        except OSError:
            return ""

    def test_only_root_reloads(self):
        done = self.sandboxctl("reload")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("only root", done.stderr)

    def test_sighup_reloads_and_goes_on(self):
        wire = self.begun()
        self.layer(NO_DELETE)
        self.stage.daemon.process.send_signal(signal.SIGHUP)
        until(lambda: wire.call("delete_all")["result"]["isError"], 10, "the reload")
        bad = self.layer("sandboxd-layer: 1\negres: {tcp: none}\n", "faulty.yaml")
        self.stage.daemon.process.send_signal(signal.SIGHUP)
        until(lambda: f"reload refused: {bad}:2:1: R107" in self.stage.daemon.said(), 10, "the refusal")
        self.assertIsNone(self.stage.daemon.process.poll())

    def test_many_sessions(self):
        wires = [self.begun() for _ in range(24)]
        self.layer(NO_DELETE)
        self.assertEqual(self.outcomes(self.reload()), ["tightened"] * len(wires))
        for wire in wires:
            self.assertTrue(wire.call("delete_all")["result"]["isError"])
            self.assertEqual(wire.text("other"), "done")

    def test_a_reload_under_load_loses_no_receipt_and_mixes_nothing(self):
        """Each decision is by all of the new documents or by none, and says which; the calls that reached the server are those that were recorded."""
        wire = self.begun()
        stop, answers = threading.Event(), []

        def press():
            while not stop.is_set():
                ids = [wire.ask("tools/call", {"name": "delete_all", "arguments": {}}) for _ in range(32)]
                answers.extend(wire.answer(id, 30)["result"]["isError"] for id in ids)

        thread = threading.Thread(target=press)
        thread.start()
        try:
            for number in range(4):
                time.sleep(0.1)
                self.layer(LAYER + "tools: {rules: [{id: r%d, tools: [other%d%s], effect: deny}]}\n"
                           % (number, number, ", delete_all" if number == 2 else ""))
                self.assertEqual(self.outcomes(self.reload()), ["tightened"])
        finally:
            stop.set()
            thread.join(60)
        self.assertEqual(wire.close(), 0, wire.said())
        self.held.pop()
        session = self.log()[-1]["session"]
        bodies = [receipt["body"] for receipt in self.log() if receipt.get("session") == session and receipt["kind"] == "decision"]
        calls = [body for body in bodies if body.get("tool") == "delete_all"]
        self.assertEqual(len(calls), len(answers))
        self.assertEqual([body["decision"] == "block" for body in calls], answers)
        unders = [body["under"] for body in self.reloads() if "under" in body][-4:]
        order = [None, *unders]
        seen = [order.index(body.get("under")) for body in calls]
        self.assertEqual(seen, sorted(seen))
        self.assertEqual(set(seen), set(range(5)), "not every reload came while calls were made")
        for at, body in zip(seen, calls):
            self.assertEqual(body["decision"], "block" if at >= 3 else "forward", body)
        self.evidence_verifies()

    def test_the_next_daemon_holds_adopted_sessions_to_what_is_there_now(self):
        self.before = self.before[0], self.before[1], 1 << 20  # descriptors of another process
        wire = self.begun()
        self.stage.daemon.process.kill()
        self.stage.daemon.process.wait(20)
        self.layer(NO_DELETE)
        self.assertEqual(wire.text("delete_all"), "done")
        self.stage.daemon.start()
        until(lambda: wire.call("delete_all")["result"]["isError"], 10, "the layer to hold")
        self.layer(NO_FILES, "files.yaml")
        self.assertEqual(self.outcomes(self.reload()), ["draining"])
        with self.assertRaises(Closed):
            while True:
                wire.receive(10)


class ReloadCrashTests(Reloading):
    """The daemon is killed at each step of a reload: the next one holds the session to what the reload had begun, and to what is there then."""

    STEPS = ("decided", "written", "gate", "kernel", "flows", "record")

    @classmethod
    def start_daemon(cls):
        cls.stage.install(required("SANDBOXD_BIN") / "faulty-sandboxd", "sandboxd")
        cls.faults = cls.stage.programs / "faults"
        super().start_daemon()

    def crash(self, serial: int, step: str):
        self.faults.write_text(f"{serial} daemon reload-{step} 1 0\n")
        try:
            subprocess.run([self.stage.sandboxctl, "reload"], capture_output=True, timeout=60,
                           env={"PATH": "/usr/bin:/bin", "HOME": "/root", "SANDBOXD_SOCKET": str(self.stage.daemon.socket)})
            self.assertEqual(self.stage.daemon.process.wait(20), -signal.SIGKILL)
        finally:
            self.faults.unlink()

    def test_killed_at_each_step(self):
        self.before = self.before[0], self.before[1], 1 << 20  # descriptors of another process
        for serial, step in enumerate(self.STEPS, 1):
            with self.subTest(step):
                self.unlink_layers()
                wire = self.begun()
                flow = int(wire.text("open", kind="tcp", port=self.cut.port))
                accepted = self.cut.accept()
                path = self.layer(NO_CUT + NO_DELETE.removeprefix(LAYER))
                self.crash(serial, step)
                self.assert_confined()
                # What was decided is taken back, and another document is there, which permits more: what was begun holds all the same.
                begun = self.STEPS.index(step) >= self.STEPS.index("written")
                path.write_text(LAYER + "processes: {tasks: 63}\n" if begun else path.read_text())
                self.stage.daemon.start()
                until(lambda: wire.call("delete_all")["result"]["isError"], 10, f"the layer to hold after {step}")
                until(lambda: wire.text("alive", flow=flow) != "alive", 10, f"the flow to be cut after {step}")
                until(lambda: wire.text("connect", port=self.cut.port).startswith("failed"), 10, f"connects to be denied after {step}")
                self.assertEqual(wire.text("connect", port=self.kept.port), "done")
                accepted.close()
                self.assertEqual(wire.close(), 0, wire.said())
                self.held.pop()
        self.evidence_verifies()

    def test_what_was_begun_is_ended_where_the_documents_cannot_be_read_any_more(self):
        self.before = self.before[0], self.before[1], 1 << 20
        wire = self.begun()
        path = self.layer(NO_DELETE)
        self.crash(100, "gate")
        path.write_text("sandboxd-layer: 1\negres: {tcp: none}\n")
        self.stage.daemon.start()
        until(lambda: wire.call("delete_all")["result"]["isError"], 10, "the layer to hold")
        self.assertEqual(wire.text("other"), "done")
        self.assertIn("reload refused", self.stage.daemon.said())

