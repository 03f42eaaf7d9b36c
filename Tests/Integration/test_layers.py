"""Layers of the host tighten whatever policy is sent: by the gate, by the kernel, and in what is recorded."""

import json
import os
import socket
import subprocess

from cases import StagedTests

POLICY = """\
sandboxd: 1
name: layered
include: [runtime-python]
tools: {default: allow}
egress: {tcp: ["127.0.0.1:%(closed)d", "127.0.0.1:%(open)d"]}
files: {read: ["%(servers)s"], write: ["%(kept)s", "%(taken)s"]}
"""

LAYER = """\
sandboxd-layer: 1
name: acme
applies_to: {policies: ["lay*"], users: [%(user)s]}
tools: {rules: [{id: never, tools: ["delete_*"], effect: deny, reason: ask the archive team}]}
egress: {tcp: ["127.0.0.0/8:%(open)d"]}
files: {write: ["%(kept)s"]}
"""


def listener() -> socket.socket:
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(10)
    return listening


class LayerTests(StagedTests):
    @classmethod
    def start_daemon(cls):
        cls.layers = cls.stage.root / "layers"
        cls.layers.mkdir(mode=0o755)
        cls.stage.daemon.options = ["--layers", cls.layers]
        super().start_daemon()

    def setUp(self):
        super().setUp()
        self.closed, self.open = listener(), listener()
        for listening in (self.closed, self.open):
            self.addCleanup(listening.close)
        self.kept, self.taken = self.user.home / "kept", self.user.home / "taken"
        for directory in (self.kept, self.taken):
            directory.mkdir(exist_ok=True)
            os.chown(directory, self.user.uid, self.user.gid)
        facts = {"closed": self.closed.getsockname()[1], "open": self.open.getsockname()[1], "kept": self.kept, "taken": self.taken,
                 "servers": self.stage.servers, "user": self.user.name}
        self.layer = LAYER % facts
        self.path = self.written_policy(POLICY % facts, "layered.yaml")

    def write_layer(self, text: str, name: str = "acme.yaml"):
        path = self.layers / name
        path.write_text(text)
        path.chmod(0o644)
        self.addCleanup(path.unlink, missing_ok=True)
        return path

    def begun(self):
        wire = self.wire(self.wrap(self.path, ["/usr/bin/python3", self.stage.servers / "acting_server.py"]))
        self.assertIn("result", wire.begin(), wire.said())
        return wire

    def refused(self) -> str:
        """What is said when nothing may start; the client is told the same."""
        wire = self.wire(self.wrap(self.path, ["/usr/bin/python3", self.stage.servers / "acting_server.py"]))
        answer = wire.begin()
        self.assertEqual(wire.close(), 125, wire.said())
        self.assertIn("refused[R", answer["error"]["message"])
        self.assert_nothing_left()
        return wire.said()

    def receipts(self) -> list[dict]:
        words = [self.stage.sandboxctl, "receipts", "show", "--json", self.stage.root / "state/evidence"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def arrived(self, listening: socket.socket) -> bool:
        """Whether somebody connected. Asked after an act on a permitted way that came later, so that nothing is on its way still."""
        listening.setblocking(False)
        try:
            listening.accept()[0].close()
            return True
        except BlockingIOError:
            return False

    def act(self, wire) -> list[str]:
        ports = [listening.getsockname()[1] for listening in (self.closed, self.open)]
        return [wire.text("write", path=str(self.taken / "file")), wire.text("write", path=str(self.kept / "file")),
                *(wire.text("connect", port=port) for port in ports)]

    def test_without_a_layer_the_policy_permits_all_of_it(self):
        wire = self.begun()
        self.assertEqual(self.act(wire), ["done"] * 4)
        self.assertEqual(wire.text("delete_all"), "done")
        self.assertTrue((self.taken / "file").exists() and (self.kept / "file").exists())
        self.assertTrue(self.arrived(self.closed) and self.arrived(self.open))
        (self.taken / "file").unlink()
        self.end_wires()
        self.assertNotIn("layers", [receipt for receipt in self.receipts() if receipt["kind"] == "launch"][-1]["body"])

    def test_what_a_layer_takes_is_denied_by_gate_and_kernel(self):
        self.write_layer(self.layer)
        wire = self.begun()
        denied = wire.call("delete_all")["result"]
        self.assertTrue(denied["isError"])
        self.assertIn("ask the archive team", denied["content"][0]["text"])
        self.assertIn("acme", denied["content"][0]["text"])
        said = self.act(wire)
        self.assertEqual([said[1], said[3]], ["done", "done"], said)
        self.assertTrue(said[0].startswith("failed") and said[2].startswith("failed"), said)
        self.assertTrue((self.kept / "file").exists() and not (self.taken / "file").exists())
        self.assertTrue(self.arrived(self.open))
        self.assertFalse(self.arrived(self.closed))
        self.assertEqual(wire.close(), 0, wire.said())
        self.assert_nothing_left()
        launch = [receipt for receipt in self.receipts() if receipt["kind"] == "launch"][-1]["body"]
        self.assertEqual([layer["name"] for layer in launch["layers"]], ["acme"])
        self.assertRegex(launch["layers"][0]["digest"], "^[0-9a-f]{64}$")
        blocked = [receipt["body"] for receipt in self.receipts() if receipt["body"].get("decision") == "block"][-1]
        self.assertEqual((blocked["layer"], blocked["rule"]), ("acme", "never"))
        self.evidence_verifies()

    def test_a_layer_for_others_takes_nothing(self):
        self.write_layer(self.layer.replace(self.user.name, "root"))
        self.assertEqual(self.begun().text("delete_all"), "done")

    def test_commands_say_what_the_launch_does(self):
        self.write_layer(self.layer)
        done = self.sandboxctl("check", self.path, "--layers", self.layers)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("tightened by layer `acme`", done.stdout)
        done = self.sandboxctl("decide", self.path, "delete_all", "--layers", self.layers)
        self.assertEqual(done.returncode, 1)
        self.assertIn("rule `never` of layer `acme` denies it", done.stdout)

    def test_a_layer_with_a_fault_keeps_everything_from_starting(self):
        path = self.write_layer("sandboxd-layer: 1\negres: {tcp: none}\n", "faulty.yaml")
        said = self.refused()
        self.assertIn(f"{path}:2:1: refused[R107]: unknown key `egres`", said)
        self.assertIn(" 2 | egres: {tcp: none}\n   | ^~~~~", said)

    def test_a_tightening_that_cannot_be_held_points_into_the_layer(self):
        path = self.write_layer(self.layer.replace("files: {write: ", "files: {execute: [/usr/bin/true], read: "))
        policy = self.path.read_text().replace("files: {", 'files: {execute: [/usr/bin/true, /usr/bin/false], ')
        self.path.write_text(policy + "processes: {spawn: any}\n")
        said = self.refused()
        self.assertIn(f"{path}:", said)
        self.assertIn("refused[R128]", said)

    def test_a_layer_that_others_may_write_is_none_to_rely_on(self):
        path = self.write_layer(self.layer)
        path.chmod(0o666)
        self.assertIn(f"{path}:1:1: refused[R129]", self.refused())
        path.chmod(0o644)
        self.layers.chmod(0o777)
        try:
            self.assertIn(f"{self.layers}:1:1: refused[R129]", self.refused())
        finally:
            self.layers.chmod(0o755)
        self.begun()

    def test_two_layers_of_one_name_keep_everything_from_starting(self):
        self.write_layer(self.layer)
        path = self.write_layer("sandboxd-layer: 1\nname: acme\n", "second.yaml")
        self.assertIn(f"{path}:2:7: refused[R143]", self.refused())
