"""Servers that connect by name, each by the policy that is shipped for it, beside an Internet of the test's own: what its servers saw counts."""

import json
import re
import unittest

from cases import LIST, call
from names_tests import GOOD, NAMES, NamedTests
from ready_places import BROWSER, Places, playwright, program
from stage import required

# Hosts that servers have written into their code, which lead to servers of the test's own.
HOSTS = ["html.duckduckgo.com", "docs.aws.amazon.com", "proxy.search.docs.aws.com", "api.contentrecs.docs.aws.com"]
NAMES.extend(name for name in HOSTS if name not in NAMES)


class ReadyNamesTests(NamedTests, Places):
    def setUp(self):
        super().setUp()
        self.nameserver.table |= {name: [GOOD] for name in HOSTS}

    def trusting_policy(self, name: str, *changes):
        """The shipped policy, for a server that trusts the test's authority besides."""
        text = self.policy(name).read_text().split("\ntests:")[0] + "\n"
        for old, new in [(r'pass: \["LANG\?"', 'pass: [SSL_CERT_FILE, "LANG?"'), *changes]:
            self.assertTrue(re.search(old, text), old)
            text = re.sub(old, lambda _: new, text, count=1)
        text += "" if "\nfiles:" in text else "files: {read: []}\n"
        text = re.sub(r"\nfiles:\n  read: ?\[", f'\nfiles:\n  read: ["{self.shared}", ', text)
        text = text.replace("files: {read: []}", f'files: {{read: ["{self.shared}"]}}')
        return self.written_policy(text, f"trusting-{name}.yaml")

    def told(self, policy, command, *steps, inputs=None) -> list[dict]:
        environment = self.stage.environment(self.user) | {"SSL_CERT_FILE": str(self.authority.root)}
        client = [required("SANDBOXD_SDK2") / "bin/python", self.stage.servers / "client.py", "--mode", "legacy"]
        for name in ("SANDBOXD_SOCKET", "SSL_CERT_FILE"):
            client += ["--env", f"{name}={environment[name]}"]
        words = [word for step in steps for word in step]
        done = self.user.run([*client, *words, "--", *self.wrap(policy, command, inputs)])
        self.client_said = done.stderr
        return self.answers([json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")])

    def test_fetch(self):
        addresses = ["https://api.test/first", "http://api.test/plain", "https://inside.test/no", "https://metadata.test/no", "https://loop.test/no",
                     f"https://{GOOD}/no", "http://169.254.169.254/latest/meta-data/", "https://api.test/elsewhere", "https://api.test:22/no"]
        command = [program("mcp-server-fetch"), "--ignore-robots-txt"]
        listed, *answers = self.told(self.trusting_policy("fetch"), command, LIST, *[call("fetch", url=url, raw=True) for url in addresses])
        self.assertEqual([tool["name"] for tool in listed["tools"]], ["fetch"])
        for answer in answers[:2]:
            self.assertIn("this is api.test", answer["text"])
        # A redirect leads to another public site, which is permitted as well.
        self.assertEqual([answer["outcome"] for answer in answers], ["result"] * 2 + ["tool-error"] * 5 + ["result"] + ["tool-error"], answers)
        self.assertEqual([path for _, path in self.good.seen], ["/first", "/elsewhere"])
        self.assertEqual(([path for _, path in self.plain.seen], [path for _, path in self.evil.seen]), (["/plain"], ["/secret"]))
        self.assertEqual([server.seen for server in self.inside], [[], []])

    def test_duckduckgo_searches_and_fetches_nothing(self):
        steps = [LIST, call("search", query="sandbox"), call("fetch_content", url="https://api.test/page")]
        listed, found, fetched = self.told(self.trusting_policy("duckduckgo"), [program("duckduckgo-mcp-server")], *steps)
        self.assertEqual([tool["name"] for tool in listed["tools"]], ["search"])
        self.assertEqual(found["outcome"], "result", found)
        self.assertEqual(fetched["outcome"], "tool-error")
        self.assertIn("this server only searches", fetched["text"])
        self.assertEqual(self.good.seen, [("html.duckduckgo.com", "/html")])

    def test_aws_documentation_reads_that_documentation(self):
        page = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"
        steps = [LIST, call("read_documentation", url=page), call("read_documentation", url="https://api.test/page.html"),
                 call("search_documentation", search_phrase="buckets", search_intent="learn")]
        listed, read, other, _ = self.told(self.trusting_policy("aws-documentation"), [program("awslabs.aws-documentation-mcp-server")], *steps)
        self.assertEqual(sorted(tool["name"] for tool in listed["tools"]),
                         ["read_documentation", "read_sections", "recommend", "search_documentation", "search_table"])
        self.assertIn("this is docs.aws.amazon.com", read["text"])
        self.assertEqual(other["outcome"], "tool-error")
        self.assertEqual({host for host, _ in self.good.seen}, {"docs.aws.amazon.com", "proxy.search.docs.aws.com"})

    @unittest.skipUnless(BROWSER.exists(), f"there is no {BROWSER}")
    def test_playwright_goes_to_public_sites_by_name(self):
        """The policy as it is shipped, but for where the server lies here. The browser trusts nobody of ours, and is told not to care."""
        profile = self.place("profile")
        text = self.policy("playwright").read_text().split("\ntests:")[0].replace('    - "${profile}"\n', '    - "${profile}"\n    - "${server}"\n', 1)
        command = [*playwright(profile), "--ignore-https-errors"]
        urls = ["https://api.test/first", "http://api.test/plain", "https://inside.test/no", "https://127.0.0.1/no", "http://169.254.169.254/no"]
        steps = [step for url in urls for step in (call("browser_navigate", url=url), call("browser_snapshot"))]
        answers = self.told(self.written_policy(text + "\n", "browser.yaml"), command, *steps, inputs={"profile": profile})
        said = [answers[index]["text"] + answers[index + 1]["text"] for index in range(0, len(answers), 2)]
        self.assertIn("this is api.test", said[0])
        self.assertIn("this is api.test", said[1])
        for answer in said[2:]:
            self.assertIn("ERR_", answer)
        self.assertIn("/first", [path for _, path in self.good.seen])
        self.assertIn("/plain", [path for _, path in self.plain.seen])
        self.assertEqual([server.seen for server in self.inside], [[], []])
