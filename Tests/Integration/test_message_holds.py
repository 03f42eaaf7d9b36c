"""What a server on the official SDK asks the client for, and a person decides about: in line, by the approval id, in the client's window; it
reaches the client at most once.  The client is the test, so that the truth is what it got."""

import json
import re

from hold_tests import HoldTests
from stage import until
from wire import LEGACY, MODERN, Wire

ABLE = {"sampling": {}, "roots": {}}
FORMS = {"elicitation": {"form": {}}}
SAMPLE = {"role": "assistant", "content": {"type": "text", "text": "a sample"}, "model": "none"}
ANSWERS = {"sampling/createMessage": SAMPLE, "roots/list": {"roots": [{"uri": "file:///a/root"}]},
           "elicitation/create": {"action": "accept", "content": {"name": "ann"}}}
VERSIONS = (LEGACY, MODERN)


class MessageHoldTests(HoldTests):
    def setUp(self):
        super().setUp()
        self.asked: dict = {}  # the id of the last call of each tool

    def needy(self, approvals: str | None = None, clauses: str | None = None) -> list:
        text = self.policy("needy").read_text().replace("{by: [caller], wait: 3s, within: 1m}", approvals or self.approvals)
        text = text.replace("{sampling: ask, elicitation: ask, roots: ask}", clauses or "{sampling: ask, elicitation: ask, roots: ask}")
        # Of each test's own: what one leaves behind is of no use to another.
        text = text.replace("description: what", f"description: in {self.id()}, what")
        return self.wrap(self.written_policy(text, "written-needy.yaml"),
                         [self.environment / "bin/python", self.stage.servers / "needy_server.py"],
                         {"environment": self.environment, "programs": self.stage.servers})

    def begun(self, version: str = LEGACY, approvals: str | None = None, capabilities: dict | None = None, clauses: str | None = None) -> Wire:
        wire = self.wire(self.needy(approvals, clauses), version, environment=self.hold_environment())
        wire.capabilities = ABLE if capabilities is None else capabilities
        self.assertIn("result", wire.begin(), wire.said())
        return wire

    def call(self, wire: Wire, tool: str, **arguments) -> int:
        self.asked[tool] = wire.ask("tools/call", {"name": tool, "arguments": arguments})
        return self.asked[tool]

    def sample(self, wire: Wire, text: str) -> int:
        return self.call(wire, "sample", text=text)

    def question(self, wire: Wire, id: int) -> tuple[str, dict]:
        """What the client is asked by the call: the method, and the whole message."""
        message = wire.receive()
        while "method" in message and message["method"].startswith("notifications/"):
            message = wire.receive()
        if wire.version == MODERN:
            self.assertEqual((message["id"], message["result"]["resultType"]), (id, "input_required"), message)
            return next(iter(message["result"]["inputRequests"].values()))["method"], message
        return message["method"], message

    def answered(self, wire: Wire, question: dict, tool: str, arguments: dict) -> dict:
        """Answers it as its era has it; the result of the call, which is the last of its tool."""
        if wire.version == LEGACY:
            wire.send({"jsonrpc": "2.0", "id": question["id"], "result": ANSWERS[question["method"]]})
            return wire.answer(self.asked[tool])
        result = question["result"]
        responses = {name: ANSWERS[asked["method"]] for name, asked in result["inputRequests"].items()}
        return wire.request("tools/call", {"name": tool, "arguments": arguments, "inputResponses": responses, "requestState": result["requestState"]})

    def text_of(self, answer: dict) -> str:
        return json.dumps(answer.get("error") or answer["result"])

    def id_told(self, answer: dict) -> str:
        return re.search(r"approval id is ([0-9a-z]{5}-[0-9a-z]{5})", self.text_of(answer)).group(1)

    def assert_told(self, wire: Wire, *texts: str):
        """What the server got of the client."""
        self.assertEqual(json.loads(wire.text("seen")), list(texts), wire.said())

    def assert_nothing_asked(self, wire: Wire):
        self.assertEqual([other for other in wire.others if other.get("method") in ANSWERS], [])


class LineTests(MessageHoldTests):
    def test_without_ask_everything_passes(self):
        """The control: the same questions, and each reaches the client at once."""
        for version in VERSIONS:
            with self.subTest(version=version):
                wire = self.begun(version, capabilities=ABLE | FORMS, clauses="{sampling: allow, elicitation: allow, roots: allow}")
                for tool, arguments in (("sample", {"text": "x"}), ("ask", {"text": "who?"}), ("roots", {})):
                    id = self.call(wire, tool, **arguments)
                    self.answered(wire, self.question(wire, id)[1], tool, arguments)
                self.assert_told(wire, "a sample", "ann", "file:///a/root")

    def test_approved_from_another_terminal_and_passed_on_once(self):
        for version in VERSIONS:
            with self.subTest(version=version):
                wire = self.begun(version)
                id = self.sample(wire, "a secret plan")
                waits = self.one_waiting()
                self.assertEqual((waits["message"], waits["tool"], waits["rule"], waits["waits"]),
                                 ("sampling", "sampling/createMessage", "messages.sampling", True))
                self.assert_told(wire)
                self.assert_nothing_asked(wire)
                self.assertIn("passed on", self.decide("approve", waits["id"]))
                method, question = self.question(wire, id)
                self.assertEqual(method, "sampling/createMessage")
                self.assertIn("a secret plan", json.dumps(question))
                self.assertIn("sampled a sample", self.text_of(self.answered(wire, question, "sample", {"text": "a secret plan"})))
                self.assertEqual(self.approvals_command("approve", waits["id"]).returncode, 1)
                self.assert_told(wire, "a sample")
                again = self.sample(wire, "a secret plan")
                self.decide("deny", self.one_waiting()["id"])
                self.assertIn("D121", self.text_of(wire.answer(again)))
                self.assert_nothing_asked(wire)
                self.assertEqual(wire.close(), 0, wire.said())

    def test_each_kind(self):
        for version in VERSIONS:
            with self.subTest(version=version):
                wire = self.begun(version, capabilities=ABLE | FORMS, approvals="{by: [caller], wait: 20s, within: 1m}")
                for tool, arguments, kind in (("ask", {"text": "who?"}, "elicitation"), ("roots", {}, "roots")):
                    id = self.call(wire, tool, **arguments)
                    if kind == "roots" and version == LEGACY:
                        form = wire.receive()
                        self.assertIn("which directories", form["params"]["message"])
                        wire.send({"jsonrpc": "2.0", "id": form["id"], "result": {"action": "accept", "content": {"approve": True}}})
                    else:
                        waits = self.one_waiting()
                        self.assertEqual(waits["message"], kind)
                        self.assert_nothing_asked(wire)
                        self.decide("approve", waits["id"])
                    method, question = self.question(wire, id)
                    self.assertEqual(method, {"elicitation": "elicitation/create", "roots": "roots/list"}[kind])
                    self.answered(wire, question, tool, arguments)
                self.assert_told(wire, "ann", "file:///a/root")
                self.assertEqual(self.waiting(), [])

    def test_denied_the_server_is_told(self):
        for version in VERSIONS:
            with self.subTest(version=version):
                wire = self.begun(version)
                id = self.sample(wire, "x")
                self.decide("deny", self.one_waiting()["id"], "--reason", "not on a Monday")
                answer = self.text_of(wire.answer(id))
                self.assertIn("D121", answer)
                self.assertIn("not on a Monday", answer)
                self.assert_nothing_asked(wire)
                self.assert_told(wire)

    def test_what_the_approver_sees(self):
        wire = self.begun(approvals="{by: [caller], wait: 20s, within: 1m}")
        self.sample(wire, "a\u202eb\u001b[31m")
        waits = self.one_waiting()
        shown = self.decide("show", waits["id"])
        for words in ("\\u{202e}", "\\u001b", '"maxTokens": 5', "asks the client's model", "sampling/createMessage", "messages.sampling of the policy",
                      "parameters", f"uid {self.user.uid}", f"policy    sha256:{waits['policy']}"):
            self.assertIn(words, shown)
        self.assertNotIn("\u202e", shown)
        self.assertNotIn("\x1b", shown)
        self.decide("deny", waits["id"])

    def test_receipts(self):
        wire = self.begun()
        id = self.sample(wire, "a secret plan")
        approval = self.one_waiting()["id"]
        self.decide("approve", approval)
        self.answered(wire, self.question(wire, id)[1], "sample", {"text": "a secret plan"})
        wire.close()
        self.assert_nothing_left()
        holds = [receipt["body"] for receipt in self.receipts("hold")]
        self.assertEqual([hold.get("outcome", hold.get("decision")) for hold in holds], ["hold", "granted"])
        self.assertEqual((holds[0]["method"], holds[0]["side"], holds[0]["rule"]), ("sampling/createMessage", "server", "messages.sampling"))
        grants = [receipt["body"] for receipt in self.receipts("grant")]
        self.assertEqual([(grant["approval"], grant["method"], grant["approver"]["uid"]) for grant in grants],
                         [(approval, "sampling/createMessage", self.user.uid)])
        self.assertNotIn("secret plan", json.dumps(self.receipts()))
        self.evidence_verifies()


class RetryTests(MessageHoldTests):
    def test_approved_after_the_wait_and_asked_again(self):
        for version in VERSIONS:
            with self.subTest(version=version):
                text = f"x in {version}"  # what is denied at the end is told to nobody else
                wire = self.begun(version, approvals="{by: [caller], wait: 2s, within: 1m}")
                answer = wire.answer(self.sample(wire, text))
                self.assertIn("D122", self.text_of(answer))
                approval = self.id_told(answer)
                self.assertIn("asks again", self.decide("approve", approval))
                # Something else needs another approval, and does not use this one up.
                other = wire.answer(self.sample(wire, "not " + text))
                self.assertIn("D122", self.text_of(other))
                self.assertNotEqual(self.id_told(other), approval)
                id = self.sample(wire, text)
                _, question = self.question(wire, id)
                self.assertIn("sampled a sample", self.text_of(self.answered(wire, question, "sample", {"text": text})))
                again = wire.answer(self.sample(wire, text))
                self.assertIn("D122", self.text_of(again))
                self.assert_nothing_asked(wire)
                self.assert_told(wire, "a sample")
                self.decide("deny", self.id_told(other))
                self.decide("deny", self.id_told(again))

    def test_a_grant_of_one_era_is_for_the_same_question_in_the_other(self):
        wire = self.begun(LEGACY, approvals="{by: [caller], wait: 2s, within: 1m}")
        self.decide("approve", self.id_told(wire.answer(self.sample(wire, "x"))))
        wire = self.begun(MODERN, approvals="{by: [caller], wait: 2s, within: 1m}")
        self.question(wire, self.sample(wire, "x"))
        self.assertIn("D122", self.text_of(wire.answer(self.sample(wire, "x"))))

    def test_a_denial_after_the_wait_is_told_once(self):
        wire = self.begun(approvals="{by: [caller], wait: 2s, within: 1m}")
        self.decide("deny", self.id_told(wire.answer(self.sample(wire, "x"))))
        self.assertIn("D121", self.text_of(wire.answer(self.sample(wire, "x"))))
        self.assertIn("D122", self.text_of(wire.answer(self.sample(wire, "x"))))
        self.assert_told(wire)

    def test_expired(self):
        for version in VERSIONS:
            with self.subTest(version=version):
                wire = self.begun(version, approvals="{by: [caller], wait: 30s, within: 2s}")
                id = self.sample(wire, "x")
                waits = self.one_waiting()
                self.assertIn("D123", self.text_of(wire.answer(id)))
                self.assertEqual(self.approvals_command("approve", waits["id"]).returncode, 1)
                self.assert_told(wire)

    def test_the_end_of_the_client_drops_what_waits(self):
        for version in VERSIONS:
            with self.subTest(version=version):
                wire = self.begun(version)
                self.sample(wire, "x")
                waits = self.one_waiting()
                wire.close()
                until(lambda: not self.waiting(), 10, "the end of the wait")
                self.assertEqual(self.approvals_command("approve", waits["id"]).returncode, 1)

    def test_the_next_daemon_is_asked_and_none_is_told_as_such(self):
        wire = self.begun(approvals="{by: [caller], wait: 30s, within: 1m}")
        id = self.sample(wire, "x")
        first = self.one_waiting()["id"]
        daemon = self.stage.daemon
        daemon.process.kill()
        daemon.process.wait()
        daemon.start()
        waits = until(self.waiting, 10, "the question, asked again")[0]
        self.assertNotEqual(waits["id"], first)
        self.decide("approve", waits["id"])
        self.answered(wire, self.question(wire, id)[1], "sample", {"text": "x"})
        self.assert_told(wire, "a sample")
        daemon.process.kill()
        daemon.process.wait()
        self.assertIn("D304", self.text_of(wire.answer(self.sample(wire, "x"))))
        daemon.start()
        self.assertEqual(wire.close(), 0, wire.said())


class WindowTests(MessageHoldTests):
    def test_sampling_is_asked_about_in_a_window_that_takes_forms(self):
        for accepts in (True, False):
            with self.subTest(accepts=accepts):
                wire = self.begun(capabilities=ABLE | FORMS)
                id = self.sample(wire, "x")
                form = wire.receive()
                self.assertEqual(form["method"], "elicitation/create")
                self.assertIn("may the server", form["params"]["message"])
                self.assertIn('"text":"x"', form["params"]["message"])
                answer = {"action": "accept", "content": {"approve": True}} if accepts else {"action": "decline"}
                wire.send({"jsonrpc": "2.0", "id": form["id"], "result": answer})
                if accepts:
                    self.answered(wire, self.question(wire, id)[1], "sample", {"text": "x"})
                else:
                    self.assertIn("D121", self.text_of(wire.answer(id)))
                self.assert_told(wire, *["a sample"] * accepts)


class PrivateTests(MessageHoldTests):
    """Without a daemon."""

    def hold_environment(self) -> dict:
        return self.user.environment(SANDBOXD_SOCKET="none")

    def test_approved_from_another_process(self):
        for version in VERSIONS:
            with self.subTest(version=version):
                wire = self.begun(version)
                id = self.sample(wire, "x")
                waits = self.one_waiting()
                self.assert_told(wire)
                self.decide("approve", waits["id"])
                self.answered(wire, self.question(wire, id)[1], "sample", {"text": "x"})
                self.assert_told(wire, "a sample")
                self.assertEqual(wire.close(), 0, wire.said())
