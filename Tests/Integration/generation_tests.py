"""Sessions of the official SDK as client, both generations and both eras."""

import json
from typing import NamedTuple

from cases import LIST, StagedTests
from stage import required


class Generation(NamedTuple):
    """A client: which environment, which mode, and the protocol version that it must end up with."""

    environment: str
    mode: str
    protocol: str


GENERATIONS = [
    Generation("SANDBOXD_SDK2", "auto", "2026-07-28"),
    Generation("SANDBOXD_SDK2", "legacy", "2025-11-25"),
    Generation("SANDBOXD_SDK1", "auto", "2025-11-25"),
]


class GenerationTests(StagedTests):
    def each_generation(self, policy, inputs: dict, command: list, steps: list, check, newest: str = "9999"):
        """Runs the steps with each client and hands `check` the tools that it was shown and its answers. `newest`: what the server speaks."""
        for generation in GENERATIONS:
            with self.subTest(generation=f"{generation.environment} {generation.mode}"):
                events = self.session(required(generation.environment), generation.mode, self.wrap(policy, command, inputs), LIST, *steps)
                answers = self.answers(events)
                self.assertEqual(events[0].get("protocol"), min(generation.protocol, newest), events[0])
                self.assertEqual(len(answers), 1 + len(steps), f"{events}\n{self.client_said}")
                self.assertEqual(events[-1]["event"], "closed", events[-1])
                check(sorted(tool["name"] for tool in answers[0]["tools"]), answers[1:])
                self.assert_nothing_left()

    def do(self, verb: str, **arguments) -> list[str]:
        """A step of the official client that is no tool call."""
        return ["--do", verb, json.dumps(arguments)]

    def assert_denied(self, answer: dict, *words: str):
        self.assertEqual(answer["outcome"], "tool-error", answer)
        for word in words:
            self.assertIn(word, answer["text"])
