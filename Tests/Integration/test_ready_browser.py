"""Playwright's own server, as the registry for Python has it too, with Debian's headless Chromium, by the policy that is shipped for it."""

import json
import os
import re
import unittest

from cases import LIST, call
from hold_tests import HoldTests
from ready_places import BROWSER, Places, pages, playwright
from stage import until
from web_server import WebServer

@unittest.skipUnless(BROWSER.exists(), f"there is no {BROWSER}")
class ReadyBrowserTests(HoldTests, Places):
    def setUp(self):
        super().setUp()
        self.page = WebServer("127.0.0.1", 0, "a page of text\n")
        self.addCleanup(self.page.close)
        self.other = WebServer("127.0.0.2", self.page.port, "another page\n")
        self.addCleanup(self.other.close)
        self.profile = self.place("profile")
        self.secret = self.user.home / "secret"
        self.secret.write_text("a secret")
        os.chown(self.secret, self.user.uid, self.user.gid)

    def by_address(self, *changes):
        """The shipped policy; but where the server lies here, with one address in place of all public names, and for a caller who may decide."""
        text = self.policy("playwright").read_text().split("\ntests:")[0] + "\napprovals: {by: [caller], wait: 1s}\n"
        here = [(r"\n  # `plain`[^\n]*\n  names: [^\n]*\n", f'\n  tcp: ["{self.page.endpoint}"]\n'), (r'\n    - "\$\{profile\}"\n', '\n    - "${profile}"\n    - "${server}"\n')]
        for old, new in here + list(changes):
            self.assertTrue(re.search(old, text, re.DOTALL), old)
            text = re.sub(old, lambda _: new, text, count=1, flags=re.DOTALL)
        return self.written_policy(text, "browser.yaml")

    def wrapped(self, *changes, options=()) -> list:
        return self.wrap(self.by_address(*changes), [*playwright(self.profile), *options], {"profile": self.profile})

    def told(self, words, *steps) -> list[dict]:
        return self.answers(self.session(self.environment, "legacy", words, ["--elicit", "decline"], *steps))

    def test_it_looks_at_pages_and_at_nothing_else(self):
        page, other = self.page.url("first"), f"http://{self.other.endpoint}/no"
        steps = [call("browser_navigate", url=page), call("browser_snapshot"), call("browser_take_screenshot", filename="page.png"),
                 call("browser_navigate", url=other), call("browser_tabs", action="new", url=other)]
        denied = [call("browser_navigate", url=f"file://{self.secret}"), call("browser_tabs", action="new", url=f"file://{self.secret}"),
                  call("browser_evaluate", function="() => document.title"), call("browser_run_code_unsafe", code="async page => 1"),
                  call("browser_snapshot", filename="../stolen.md"), call("browser_file_upload", paths=[str(self.secret)])]
        listed, *answers = self.told(self.wrapped(), LIST, *steps, *denied)
        allowed, blocked = answers[:len(steps)], answers[len(steps):]
        tools = {tool["name"] for tool in listed["tools"]}
        self.assertLessEqual({"browser_navigate", "browser_click", "browser_file_upload"}, tools)
        self.assertFalse({"browser_evaluate", "browser_run_code_unsafe"} & tools)
        self.assertEqual([answer["outcome"] for answer in allowed[:3]], ["result"] * 3, allowed)
        self.assertIn("a page of text", allowed[0]["text"] + allowed[1]["text"])
        self.assertTrue((self.profile / "page.png").read_bytes().startswith(b"\x89PNG"))
        self.assertIn("ERR_", allowed[3]["text"])
        self.assertEqual([answer["outcome"] for answer in blocked], ["tool-error"] * len(denied), blocked)
        self.assertFalse((self.profile.parent / "stolen.md").exists())
        self.assertNotIn("a secret", json.dumps(answers))
        self.assertEqual((set(self.page.visits) - {"/favicon.ico"}, self.other.visits), ({"/first"}, []))
        self.assertTrue(self.other.visit(), "it is there, and reached from outside")

    def test_what_the_gate_lets_through_the_kernel_holds(self):
        """All tools allowed, and the server told to open any file: it reads the secret outside, and not in a session."""
        unbound = ["--allow-unrestricted-file-access"]
        steps = [call("browser_navigate", url=f"file://{self.secret}"), call("browser_snapshot"),
                 call("browser_navigate", url=f"http://{self.other.endpoint}/no"),
                 call("browser_snapshot", filename=str(self.user.home / "planted.md"))]
        wide = self.wrapped((r"\ntools:\n.*?\negress:", "\ntools: {default: allow}\negress:"), options=unbound)
        answers = self.told(wide, *steps)
        self.assertNotIn("a secret", json.dumps(answers))
        self.assertEqual((self.other.visits, (self.user.home / "planted.md").exists()), ([], False))
        answers = self.told([*playwright(self.profile), *unbound], *steps)
        self.assertIn("a secret", json.dumps(answers))
        until(lambda: not [process for process in self.user.processes() if process.executable == str(BROWSER)], 10, "the end of the browser outside")
        self.assertEqual((self.other.visits[:1], (self.user.home / "planted.md").exists()), (["/no"], True))

    def test_the_policy_speaks_of_every_tool_that_it_has(self):
        events = self.session(self.environment, "auto", playwright(self.profile), LIST)
        tools = {tool["name"] for tool in self.answers(events)[0]["tools"]}
        rules = next(policy.text for policy in pages.policies() if policy.name == "playwright").split("\nrules:")[-1].split("\ntests:")[0]
        self.assertEqual({tool for tool in tools if tool not in rules and not tool.startswith("browser_run_code")}, set())
        self.assertGreater(len(tools), 20)
