"""Tasks of MCP 2025-11-25 with the official SDK on both sides: made, asked after, answered in, ended; and others' that nobody gets."""

import json

from cases import LIST
from generation_tests import GenerationTests
from stage import required, until

FOREIGN = "another's"


class TaskTests(GenerationTests):
    def run_steps(self, *steps, gated=True) -> tuple[list[dict], list[dict]]:
        sdk = required("SANDBOXD_SDK1")
        command = [sdk / "bin/python", "-B", self.stage.servers / "tasks_server.py"]
        wrapped = self.wrap("tasks", command, {"environment": sdk, "programs": self.stage.servers}) if gated else command
        events = self.session(sdk, "auto", wrapped, ["--able"], *steps)
        answers = self.answers(events)
        self.assertEqual(len(answers), len(steps), f"{events}\n{self.client_said}")
        self.assertEqual(events[0]["protocol"], "2025-11-25")
        self.assertEqual(events[-1]["event"], "closed", events[-1])
        return events, answers

    def text(self, answer: dict) -> str:
        self.assertEqual(answer["outcome"], "result", answer)
        return answer["data"]["content"][0]["text"]

    def test_without_a_gate_others_tasks_can_be_read(self):
        """The control: the server serves what the gate keeps from the client."""
        _, answers = self.run_steps(self.do("task", name="never"), self.do("task_result"), self.do("foreign_result", id=FOREIGN), gated=False)
        self.assertEqual(self.text(answers[1]), "it ran")
        self.assertEqual(self.text(answers[2]), "the secret of another")

    def test_a_task_from_its_call_to_its_result(self):
        _, answers = self.run_steps(LIST, self.do("task", name="report", arguments={"card": "4111", "n": 1}), self.do("task_state"), self.do("task_end"),
                                    self.do("task_result"), self.do("tasks"), self.do("task_result"))
        shown = {tool["name"]: tool.get("execution") for tool in answers[0]["tools"]}
        self.assertEqual(sorted(shown), ["forever", "named", "report"])
        self.assertEqual(shown["report"], {"taskSupport": "required"})
        made = answers[1]["data"]["task"]
        self.assertEqual(made["status"], "working")
        self.assertEqual(answers[2]["data"]["taskId"], made["taskId"])
        self.assertEqual(answers[3]["data"]["status"], "completed")
        self.assertEqual(json.loads(self.text(answers[4])), {"card": "[redacted]", "n": 1})
        self.assertEqual(answers[4]["data"]["_meta"]["io.modelcontextprotocol/related-task"], {"taskId": made["taskId"]})
        self.assertEqual([task["taskId"] for task in answers[5]["data"]["tasks"]], [made["taskId"]])
        self.assertEqual(self.text(answers[6]), self.text(answers[4]))
        until(lambda: self.receipts("exit"), 10, "the end of the session in the log")
        outcomes = [receipt["body"] for receipt in self.receipts("outcome") if receipt["body"].get("task") == made["taskId"]]
        self.assertEqual([outcome["status"] for outcome in outcomes], ["task", "result", "result"])
        self.assertEqual(len({outcome["decision"] for outcome in outcomes}), 1)
        self.evidence_verifies()

    def test_a_task_that_asks_its_client(self):
        events, answers = self.run_steps(self.do("task", name="named"), self.do("task_result"))
        self.assertEqual(self.text(answers[1]), "accept ann")
        self.assertEqual([event["text"] for event in events if event["event"] == "asked"], ["your name?"])

    def test_a_task_that_is_ended(self):
        _, answers = self.run_steps(self.do("task", name="forever"), self.do("task_cancel"), self.do("task_state"), self.do("task_cancel"))
        self.assertEqual(answers[1]["data"]["status"], "cancelled")
        self.assertEqual(answers[2]["data"]["status"], "cancelled")
        self.assertEqual(answers[3]["outcome"], "protocol-error")
        until(lambda: self.receipts("exit"), 10, "the end of the session in the log")
        self.assertEqual([receipt["body"]["status"] for receipt in self.receipts("outcome") if "task" in receipt["body"]], ["task", "cancelled"])

    def test_the_session_ends_before_its_task(self):
        self.run_steps(self.do("task", name="forever"))
        until(lambda: self.receipts("exit"), 15, "the end of the session in the log")
        last = [receipt["body"] for receipt in self.receipts("outcome") if "task" in receipt["body"]][-1]
        self.assertEqual((last["status"], last["taskStatus"]), ("lost", "working"))

    def test_others_tasks_and_denied_calls(self):
        _, answers = self.run_steps(self.do("foreign_state", id=FOREIGN), self.do("foreign_result", id=FOREIGN), self.do("foreign_cancel", id=FOREIGN),
                                    self.do("task", name="never"), self.do("tasks"))
        for answer in answers[:3]:
            self.assertEqual((answer["outcome"], answer["code"]), ("protocol-error", -32602), answer)
            self.assertIn("D224", answer["text"])
        # The SDK reads a denial, which is a tool's result, as a task that it is not.
        self.assertNotEqual(answers[3]["outcome"], "result")
        self.assertEqual(answers[4]["data"]["tasks"], [])
