"""The control API as others read it: the PyPI package `varlink`, `varlinkctl` where it is there, and the description that replies keep to."""

import json
import re
import shutil
import subprocess

from cases import StagedTests
from control import Control
from stage import PROJECT, required, until
from wire import Wire

POLICY = """\
sandboxd: 1
name: described
include: [runtime-python]
inputs: {programs: null}
tools:
  rules:
    - {id: ask, tools: [misbehave], effect: ask, when: {argument: /how, equals: ask}}
    - {id: rest, tools: [misbehave], effect: allow, budget: {name: calls, of: /amount, limit: 100, per: day}, when: {argument: /how, equals: spend}}
files: {read: ["${programs}"]}
approvals: {by: [caller], wait: 30s}
"""


class VarlinkTests(StagedTests):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clients = required("SANDBOXD_CLIENTS")

    def peer(self, questions: list, user=None) -> dict:
        command = [self.clients / "bin/python", "-B", self.stage.servers / "varlink_peer.py", self.stage.daemon.socket]
        if user is None:
            done = subprocess.run([str(word) for word in command], input=json.dumps(questions), capture_output=True, text=True, timeout=60)
        else:
            done = user.run(command, input=json.dumps(questions))
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def begun(self) -> Wire:
        policy = self.written_policy(POLICY)
        wire = self.wire(self.wrap(policy, ["/usr/bin/python3", self.stage.servers / "raw_server.py"], {"programs": self.stage.servers}))
        self.assertIn("result", wire.begin(), wire.said())
        return wire

    def test_every_reply_is_as_it_was_described(self):
        wire = self.begun()
        self.assertIn("result", wire.call("misbehave", how="spend", amount=1))
        wire.call("forbidden")
        wire.ask("tools/call", {"name": "misbehave", "arguments": {"how": "ask"}})
        with Control(self.stage.daemon.socket) as control:
            [waiting] = until(lambda: control.call("ListApprovals")["approvals"], 10, "a call that waits")
            [session] = until(lambda: [one for one in control.call("ListSessions")["sessions"] if one["decisions"]["block"]], 10, "the fold")
        pins = self.peer([["ListPins", {}]])["answers"][0]["reply"]["pins"]
        questions = [
            ["HostProfile", {}], ["DescribeLog", {}], ["Status", {}], ["ListSessions", {}], ["ShowSession", {"session": session["id"]}],
            ["ListApprovals", {}], ["ShowApproval", {"approval": waiting["id"]}], ["ListBudgets", {}], ["ListPins", {}],
            ["WatchApprovals", {}, True], ["ResetBudgets", {"budget": "none"}], ["RotateKey", {}],
            ["KillSession", {"session": "none"}], ["ShowPin", {"pin": "none"}], ["AcceptPin", {"pin": "none"}], ["RejectPin", {"pin": "none"}],
            ["Approve", {"approval": "none"}], ["Deny", {"approval": "none"}], ["EraseContent", {"receipt": 1 << 40}], ["Wrap", {}],
            ["WatchApprovals", {}], ["Check", {}], ["ListRefusals", {}], ["ShowRefusal", {"refusal": "none"}],
            ["NoteRefusal", {"refusal": "none", "words": "x"}], ["CloseRefusal", {"refusal": "none", "words": "x"}], ["Reload", {"dry": True}],
            ["ListLog", {}], ["ReadLog", {"file": "checkpoints", "offset": 0}], ["RecordPreparation", {}],
        ] + [["ShowPin", {"pin": one["id"]}] for one in pins[:1]]
        seen = self.peer(questions)
        self.assertEqual({answer["method"]: answer["wrong"] for answer in seen["answers"] if answer["wrong"]}, {})
        self.assertEqual(set(seen["methods"]), {question[0] for question in questions}, "each method was asked")
        errors = {answer["method"]: answer["error"] for answer in seen["answers"] if "error" in answer}
        self.assertEqual(errors["WatchApprovals"], "org.varlink.service.ExpectedMore")
        self.assertEqual(errors["KillSession"], "io.sandboxd.NoSuchSession")
        replies = {answer["method"]: answer["reply"] for answer in seen["answers"] if "reply" in answer}
        self.assertTrue(replies["ListBudgets"]["budgets"] and replies["ListApprovals"]["approvals"] and replies["Status"]["denials"])
        self.assertTrue(replies["ShowSession"]["facts"]["budgets"])
        self.assertEqual(set(seen["interfaces"]), {"org.varlink.service", "io.sandboxd"})

    def test_who_decides_is_answered_as_described(self):
        wire = self.begun()
        asked = wire.ask("tools/call", {"name": "misbehave", "arguments": {"how": "ask"}})
        with Control(self.stage.daemon.socket) as control:
            [waiting] = until(lambda: control.call("ListApprovals")["approvals"], 10, "a call that waits")
        done = self.sandboxctl("approvals", "deny", waiting["id"], "--reason", "no")
        self.assertEqual(done.returncode, 0, done.stderr)
        wire.answer(asked)
        [session] = [one["id"] for one in self.peer([["ListSessions", {}]])["answers"][0]["reply"]["sessions"]]
        with Control(self.stage.daemon.socket) as control:
            self.assertEqual(control.call("KillSession", session=session), {"recorded": True})

    def test_the_description_names_what_the_program_knows(self):
        """Of the wire names in the one file that has them, none is missing in what others are told."""
        text = (PROJECT / "Sources/ControlProtocol/ControlInterface.swift").read_text()
        methods = set(re.findall(r'case \w+ = "io\.sandboxd\.(\w+)"', text.split("enum ServiceMethod")[0]))
        self.assertEqual(set(self.peer([])["methods"]), methods)

    def test_varlinkctl(self):
        program = shutil.which("varlinkctl")
        if not program:
            self.skipTest("there is no varlinkctl on this host")
        for words, expected in {("info",): "io.sandboxd", ("list-interfaces",): "io.sandboxd", ("introspect", "io.sandboxd"): "method ListSessions"}.items():
            done = subprocess.run([program, words[0], str(self.stage.daemon.socket), *words[1:]], capture_output=True, text=True, timeout=30)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(expected, done.stdout)
        done = subprocess.run([program, "--json=short", "call", str(self.stage.daemon.socket), "io.sandboxd.ListSessions", "{}"], capture_output=True,
                              text=True, timeout=30)
        self.assertEqual(json.loads(done.stdout)["process"], self.stage.daemon.process.pid)
