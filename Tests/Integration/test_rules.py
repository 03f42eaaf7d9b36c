"""Conditions, limits, budgets, redaction, hidden tools and labels, with the official SDK as client."""

import json

from cases import call
from generation_tests import GenerationTests


class RuleTests(GenerationTests):
    def shop(self, steps: list, check):
        inputs = {"environment": self.environment, "programs": self.stage.servers}
        self.each_generation("shop", inputs, [self.environment / "bin/python", self.stage.servers / "shop_server.py"], steps, check)

    def outcomes(self, answers: list) -> list[bool]:
        """Which calls the server answered."""
        for answer in answers:
            self.assertIn(answer["outcome"], ("result", "tool-error"), answer)
        return [answer["outcome"] == "result" for answer in answers]

    def test_conditions(self):
        arguments = [{"path": "notes/today", "tags": ["work"]}, {"path": "/srv/./notes//a/../today", "tags": ["home", "work"]},
                     {"path": "notes/../../etc/passwd", "tags": ["work"]}, {"path": "/srv/notes-of-others/x", "tags": ["work"]},
                     {"path": "notes/today", "tags": ["work", "secret"]}, {"path": "notes/today"}]

        def check(names, answers):
            self.assertEqual(self.outcomes(answers), [True, True, False, False, False, False])

        self.shop([call("read_note", **each) for each in arguments], check)

    def test_limits(self):
        def check(names, answers):
            self.assertEqual(self.outcomes(answers), [True, True, True, False, False])

        self.shop([call("look", what=f"number {number}") for number in range(5)], check)

    def test_budgets(self):
        card = {"number": "4111"}
        amounts = [60, 90, 30, 20, 10, 1]

        def check(names, answers):
            # 90 is denied and costs nothing; 20 is more than what is left.
            self.assertEqual(self.outcomes(answers), [True, False, True, False, True, False])
            self.assert_denied(answers[1], "refunds above 80 need a person")

        self.shop([call("refund", amount=amount, card=card) for amount in amounts], check)

    def test_redaction(self):
        def check(names, answers):
            self.assertEqual(json.loads(answers[0]["text"])["card"], {"number": "[redacted]", "name": "A. Customer"})
            self.assertEqual(json.loads(answers[1]["text"])["card"], {"name": "A. Customer"})

        cards = [{"number": "4111 1111", "name": "A. Customer"}, {"name": "A. Customer"}]
        self.shop([call("refund", amount=1, card=card) for card in cards], check)

    def test_hidden_tools(self):
        def check(names, answers):
            self.assertEqual(names, ["look", "read_note", "refund"])
            answer = answers[0]
            self.assertEqual((answer["outcome"], answer["code"]), ("protocol-error", -32602), answer)
            self.assertIn("Unknown tool: delete_note", answer["text"])

        self.shop([call("delete_note", path="x")], check)

    def test_labels(self):
        def check(names, answers):
            self.assert_nothing_left()
            receipts = [receipt["body"] for receipt in self.receipts("decision") if receipt["body"].get("method") == "tools/call"]
            self.assertEqual([receipt.get("labels") for receipt in receipts], [{"risk": ["high"], "team": ["money"]}, {"risk": ["low"]}, None])
            self.assertEqual([receipt.get("rule") for receipt in receipts], ["refunds", "notes", "looks"])
            self.assertEqual([receipt.get("masked") for receipt in receipts], [1, None, None])

        self.shop([call("refund", amount=1, card={"number": "4111"}), call("read_note", path="notes/x", tags=[]), call("look")], check)
