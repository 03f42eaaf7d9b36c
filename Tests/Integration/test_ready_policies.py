"""The policies that are shipped: each is exact here, its tests hold, and its page says what it is."""

import json
import re

from cases import LIST, StagedTests
from ready_places import SERVERS, Places, pages, program
from stage import PROJECT


class ReadyPolicyTests(StagedTests, Places):
    def checked(self, path, inputs: dict, *options) -> list[str]:
        """The codes of all reasons against a policy; none where it is exact."""
        settings = [word for name, value in inputs.items() for word in ("--set", f"{name}={value}")]
        done = self.sandboxctl("check", "--format", "json", path, *settings, *options)
        self.assertIn(done.returncode, (0, 3), done.stdout + done.stderr)
        policy = json.loads(done.stdout)["policies"][0]
        codes = [reason["code"] for reason in policy["reasons"]]
        self.assertEqual(policy["outcome"], "refused" if codes else "exact", policy)
        return codes

    def server_policies(self):
        return [policy for policy in pages.policies() if policy.server]

    def test_each_is_exact_here_and_its_tests_hold(self):
        outcomes = {policy.name: self.checked(self.policy(policy.name), self.inputs(policy.text)) for policy in pages.policies()
                    if policy.server or policy.name.startswith("runtime-") or policy.name in ("no-network", "read-only-project")}
        self.assertEqual(outcomes, dict.fromkeys(outcomes, []))
        self.assertGreaterEqual(len(outcomes), 26)

    def test_without_the_systems_daemon_those_are_refused_that_need_it(self):
        """Each for the clause that takes root; the others are exact there, too."""
        profile = PROJECT / "Tests/Fixtures/profiles/linux-6.18-user.json"
        needs = {"postgres": {"R202"}, "fetch-proxy": {"R202"}, "playwright": {"R201"}}
        for policy in self.server_policies():
            with self.subTest(policy=policy.name):
                codes = self.checked(self.policy(policy.name), self.inputs(policy.text), "--host", profile)
                self.assertEqual(set(codes), needs.get(policy.name, set()))

    def test_their_tests_can_fail(self):
        """Each expectation the other way round is an error at its line."""
        flipped = {"forward": "block", "hold": "forward", "block": "forward", "permitted": "denied", "denied": "permitted"}
        for policy in pages.policies():
            count = len(re.findall(r"expect: (\w+)\}", policy.text))
            if not count or not (policy.server or policy.name.startswith("runtime-")):
                continue
            with self.subTest(policy=policy.name):
                text = re.sub(r"expect: (\w+)\}", lambda found: f"expect: {flipped[found.group(1)]}}}", policy.text)
                codes = self.checked(self.written_policy(text, f"flipped-{policy.name}.yaml"), self.inputs(text))
                self.assertEqual(codes.count("R150"), count, codes)

    def test_whoever_includes_that_there_is_no_network_cannot_have_one(self):
        for clause in ("egress: {tcp: any}", 'egress: {tcp: ["192.0.2.1:443"]}', "egress: {udp: any}", "egress: {dns: host}",
                       'egress: {names: ["example.org:443"]}', 'ingress: {tcp: ["127.0.0.1:80"]}'):
            with self.subTest(clause=clause):
                path = self.written_policy(f"sandboxd: 1\nname: wide\ninclude: [no-network]\n{clause}\n")
                self.assertNotEqual(self.checked(path, {}), [])
        self.assertEqual(self.checked(self.written_policy("sandboxd: 1\nname: narrow\ninclude: [no-network]\n"), {}), [])
        for clause in ('files: {write: ["${project}"]}', "files: {metadata: owned}", "files: {tmp: private}"):
            with self.subTest(clause=clause):
                path = self.written_policy(f"sandboxd: 1\nname: wide\ninclude: [read-only-project]\n{clause}\n")
                self.assertNotEqual(self.checked(path, {"project": self.place("project")}), [])

    # What they say of themselves

    def test_the_page_about_them_is_what_they_say(self):
        readme = pages.README.read_text()
        self.assertEqual(pages.rewritten(readme), readme, "run scripts/policies, and review the difference")

    def test_each_begins_with_the_command_line_that_uses_it(self):
        for policy in self.server_policies():
            with self.subTest(policy=policy.name):
                words = policy.command.split()
                self.assertEqual(words[:4], ["sandboxctl", "wrap", "--policy", policy.name])
                self.assertEqual(words[words.index("--") + 1].split("/")[-1], policy.server.group(1))
                given = dict(word.split("=", 1) for before, word in zip(words, words[1:]) if before == "--set")
                self.assertEqual(sorted(given), sorted(name for name in self.inputs(policy.text)), "each input is shown")
                self.assertTrue(policy.said("Does not stop"))
                self.assertLessEqual(set(given), set(self.inputs(policy.text)))

    def test_each_is_found_by_the_name_of_its_program(self):
        """`clients wrap` takes it without `--policy`; of several for one program the one that is asked for least."""
        source = (PROJECT / "Sources/Commands/Clients/ReadyPolicy.swift").read_text()
        self.maxDiff = None
        found = dict(re.findall(r'policy: "([^"]+)", programs: \["([^"]+)"', source))
        self.assertEqual(found, {policy.name: policy.server.group(1) for policy in self.server_policies() if policy.name not in ("git-commit", "fetch-proxy")})

    def test_all_servers_of_the_registry_are_run_here_in_the_versions_that_are_named(self):
        named = {policy.server.group(1): policy.server.group(3).split() for policy in self.server_policies() if policy.server.group(2) == "PyPI"}
        self.assertEqual(sorted(named), sorted(SERVERS))
        for server, (package, version) in named.items():
            with self.subTest(server=server):
                lock = "sdk2" if SERVERS[server] == "SANDBOXD_SDK2" else "servers"
                pins = re.findall(r"^(\S+)==(\S+) ", (PROJECT / f"scripts/python/requirements-{lock}.txt").read_text(), re.MULTILINE)
                self.assertEqual(dict(pins).get(package.replace(".", "-")), version)

    def test_a_policy_speaks_of_every_tool_that_its_server_has(self):
        options = {"mcp-server-git": ["--repository", self.repository()], "mcp-server-sqlite": ["--db-path", self.place("databases") / "notes.db"]}
        for policy in self.server_policies():
            server = policy.server.group(1)
            if server not in SERVERS:
                continue
            with self.subTest(policy=policy.name):
                events = self.session(self.environment, "auto", [program(server), *options.get(server, [])], LIST)
                tools = {tool["name"] for tool in self.answers(events)[0]["tools"]}
                rules = policy.text[policy.text.index("\ntools:"):policy.text.index("\ntests:")]
                self.assertEqual({tool for tool in tools if not re.search(rf"[\[ ]{re.escape(tool)}[,\]\n]", rules)}, set())
                self.assertTrue(tools)
