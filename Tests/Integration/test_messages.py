"""Messages that are no tool calls, with the official SDK as client: what is permitted works, what is denied does not reach the other side."""

import json
import subprocess

from cases import LIST, call
from generation_tests import GENERATIONS, GenerationTests
from stage import required


class MessageTests(GenerationTests):
    def setUp(self):
        super().setUp()
        self.log = self.user.home / "received"

    def each(self, steps: list, check, gated=True):
        """Runs the steps with each client; `check` gets the generation, events, answers, and what reached the server."""
        for generation in GENERATIONS:
            with self.subTest(generation=f"{generation.environment} {generation.mode}"):
                self.empty_log()
                command = [self.environment / "bin/python", self.stage.servers / "asking_server.py", self.log / "lines"]
                inputs = {"environment": self.environment, "programs": self.stage.servers, "log": self.log}
                wrapped = self.wrap("asking", command, inputs) if gated else command
                events = self.session(required(generation.environment), generation.mode, wrapped, ["--able"], *steps)
                answers = self.answers(events)
                self.assertEqual(len(answers), len(steps), f"{events}\n{self.client_said}")
                self.assertEqual(events[0].get("protocol"), generation.protocol, events[0])
                self.assertEqual(events[-1]["event"], "closed", events[-1])
                received = [json.loads(line) for line in (self.log / "lines").read_text().splitlines()]
                check(generation, events, answers, received)
                self.assert_nothing_left()

    def empty_log(self):
        """The user's, so that the server can write there."""
        self.user.run(["rm", "-rf", self.log])
        self.user.run(["mkdir", self.log])

    def asked(self, received: list, method: str) -> list:
        return [message.get("params") or {} for message in received if message.get("method") == method]

    def told(self, events: list, what: str) -> list:
        return [event for event in events if event["event"] == "asked" and event["what"] == what]

    def test_without_a_gate_everything_passes(self):
        """The control: the same steps, and each of them reaches the other side."""
        steps = [self.do("resources"), self.do("read", uri="file:///etc/passwd"), self.do("prompt", name="delete", arguments={}),
                 call("ask", **{"for": "sampling"})]

        def check(generation, events, answers, received):
            self.assertEqual(len(answers[0]["data"]["resources"]), 3)
            self.assertEqual([answer["outcome"] for answer in answers], ["result"] * 4, answers)
            self.assertEqual([params["uri"] for params in self.asked(received, "resources/read")], ["file:///etc/passwd"])
            self.assertEqual([params["name"] for params in self.asked(received, "prompts/get")], ["delete"])
            self.assertEqual(len(self.told(events, "sampling")), 1)

        self.each(steps, check, gated=False)

    def test_resources(self):
        permitted, denied = ["file:///srv/notes/a", "file:///srv/notes/b/../a"], ["file:///etc/passwd", "file:///srv/notes/b/../../x"]
        steps = [self.do("resources"), self.do("templates"), *[self.do("read", uri=uri) for uri in permitted + denied]]

        def check(generation, events, answers, received):
            self.assertEqual([one["uri"] for one in answers[0]["data"]["resources"]], ["file:///srv/notes/a"])
            self.assertEqual([one["uriTemplate"] for one in answers[1]["data"]["resourceTemplates"]], ["file:///srv/notes/{name}"])
            self.assertEqual([answer["outcome"] for answer in answers[2:]], ["result"] * 2 + ["protocol-error"] * 2, answers)
            self.assertEqual([answer["code"] for answer in answers[4:]], [40111, 40111])
            read = [params["uri"] for params in self.asked(received, "resources/read")]
            self.assertEqual(len(read), 2)
            self.assertFalse([uri for uri in read if "etc" in uri or "/x" in uri])

        self.each(steps, check)

    def test_prompts_and_completion(self):
        steps = [self.do("prompts"), self.do("prompt", name="summarise", arguments={}), self.do("prompt", name="delete", arguments={}),
                 self.do("complete_prompt", name="summarise", argument={"name": "text", "value": "a"}),
                 self.do("complete_prompt", name="delete", argument={"name": "text", "value": "a"}),
                 self.do("complete_resource", uri="file:///etc/{name}", argument={"name": "name", "value": "pass"})]

        def check(generation, events, answers, received):
            self.assertEqual([one["name"] for one in answers[0]["data"]["prompts"]], ["summarise"])
            outcomes = ["result", "result", "protocol-error", "result", "protocol-error", "protocol-error"]
            self.assertEqual([answer["outcome"] for answer in answers], outcomes, answers)
            self.assertEqual(answers[3]["data"]["completion"]["values"], ["a-completed"])
            self.assertEqual([params["name"] for params in self.asked(received, "prompts/get")], ["summarise"])
            self.assertEqual([params["ref"]["name"] for params in self.asked(received, "completion/complete")], ["summarise"])

        self.each(steps, check)

    def test_what_servers_ask(self):
        """Elicitation and roots are permitted, sampling is not; in the modern era within results, before by requests of the server."""
        steps = [call("ask", **{"for": "elicitation"}), call("ask", **{"for": "roots"}), call("ask", **{"for": "sampling"}),
                 call("ask", **{"for": "elicitation"})]

        def check(generation, events, answers, received):
            self.assertEqual(json.loads(answers[0]["text"]), {"action": "accept", "content": {"name": "ann"}})
            self.assertEqual(json.loads(answers[1]["text"])["roots"][0]["uri"], "file:///a/root")
            self.assertEqual(len(self.told(events, "elicitation")), 2)
            self.assertEqual(self.told(events, "sampling"), [])
            self.assertIn("D110", answers[2]["text"])
            self.assertIn("ann", answers[3]["text"])
            if generation.protocol == "2026-07-28":
                self.assertEqual(answers[2]["outcome"], "tool-error")

        self.each(steps, check)

    def test_neither_side_is_offered_what_is_denied(self):
        def check(generation, events, answers, received):
            offers = [params["capabilities"] for params in self.asked(received, "initialize")]
            offers += [params["_meta"]["io.modelcontextprotocol/clientCapabilities"] for params in self.asked(received, "tools/list")
                       if "_meta" in params and "io.modelcontextprotocol/clientCapabilities" in params["_meta"]]
            self.assertTrue(offers)
            for offer in offers:
                self.assertNotIn("sampling", offer)
                self.assertIn("elicitation", offer)

        self.each([LIST], check)

    def test_logging(self):
        """Of the legacy era; in the modern one nothing is logged to who did not ask for it."""
        def check(generation, events, answers, received):
            told = [event["text"] for event in events if event["event"] == "told"]
            modern = generation.protocol == "2026-07-28"
            self.assertEqual(told, [] if modern else ["a line of the log"])

        self.each([call("log")], check)

    def test_listening(self):
        """A stream of the modern era: of three changes the client is told the one that it asked for and may read."""
        steps = [self.do("listen", resource_subscriptions=["file:///srv/notes/a"]),
                 self.do("listen", resource_subscriptions=["file:///etc/passwd"])]
        generation = GENERATIONS[0]
        self.empty_log()
        command = [self.environment / "bin/python", self.stage.servers / "asking_server.py", self.log / "lines"]
        inputs = {"environment": self.environment, "programs": self.stage.servers, "log": self.log}
        events = self.session(required(generation.environment), generation.mode, self.wrap("asking", command, inputs), *steps)
        answers = self.answers(events)
        self.assertEqual(answers[0]["outcome"], "result", answers)
        self.assertEqual(answers[0]["data"]["_meta"]["told"], "ResourceUpdated", answers)
        self.assertNotEqual(answers[1]["outcome"], "result", answers)
        received = [json.loads(line) for line in (self.log / "lines").read_text().splitlines()]
        self.assertEqual([params["notifications"] for params in self.asked(received, "subscriptions/listen")],
                         [{"resourceSubscriptions": ["file:///srv/notes/a"]}])

    def test_receipts(self):
        steps = [self.do("read", uri="file:///srv/notes/a-secret-name"), self.do("prompt", name="summarise", arguments={"text": "a secret text"}),
                 call("ask", **{"for": "elicitation"}), call("ask", **{"for": "sampling"})]

        def check(generation, events, answers, received):
            self.assert_nothing_left()
            receipts = self.receipts()
            bodies = [receipt["body"] for receipt in receipts if receipt["kind"] == "decision"]
            rules = [body.get("rule") for body in bodies if body["decision"] == "forward"]
            for rule in ("messages.resources", "messages.prompts", "messages.elicitation", "all"):
                self.assertIn(rule, rules)
            self.assertIn("D110", [body.get("reason") for body in bodies])
            self.assertNotIn("secret", json.dumps(receipts))
            self.assertIn("summarise", [body.get("prompt") for body in bodies])

        self.each(steps, check)

    @classmethod
    def tearDownClass(cls):
        words = [cls.stage.sandboxctl, "receipts", "verify", cls.stage.root / "state/evidence"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)
