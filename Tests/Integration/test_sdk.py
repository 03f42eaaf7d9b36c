"""The official SDK as client, both generations and both eras, against real servers through `sandboxctl wrap`."""

import json
import subprocess

from cases import LIST, call
from generation_tests import GENERATIONS, GenerationTests
from stage import required
from web_server import WebServer


class SDKTests(GenerationTests):
    def test_time(self):
        steps = [call("get_current_time", timezone="Etc/UTC"),
                 call("convert_time", source_timezone="Etc/UTC", time="12:00", target_timezone="Asia/Tokyo"), call("no_such_tool")]

        def check(names, answers):
            self.assertEqual(names, ["get_current_time"])
            self.assertIn("datetime", json.loads(answers[0]["text"]))
            self.assert_denied(answers[1], "ask for the current time in each zone instead")
            self.assertIn(answers[2]["outcome"], ("tool-error", "protocol-error"))

        self.each_generation("sdk-time", {"environment": self.environment}, [self.environment / "bin/mcp-server-time"], steps, check)

    def test_git(self):
        repository = self.repository()
        inputs = {"environment": self.environment, "repository": repository}
        steps = [call("git_log", repo_path=str(repository)), call("git_commit", repo_path=str(repository), message="x")]
        command = [self.environment / "bin/mcp-server-git", "--repository", repository]

        def check(names, answers):
            self.assertEqual(names, ["git_branch", "git_log", "git_status"])
            self.assertIn("a first commit", answers[0]["text"])
            self.assert_denied(answers[1], "this repository is for reading")
            self.assertEqual(self.git(repository, "rev-list", "--count", "HEAD").strip(), "1")

        self.each_generation("sdk-git", inputs, command, steps, check)

    def repository(self):
        repository = self.user.home / "repository"
        if not repository.exists():
            self.git(None, "init", "--quiet", repository)
            self.git(repository, "-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "--quiet", "--allow-empty", "-m", "a first commit")
        return repository

    def git(self, repository, *words) -> str:
        done = self.user.run(["git", *(["-C", repository] if repository else []), *words])
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_fetch(self):
        allowed = WebServer("127.0.0.1", 0, "a page of text\n")
        self.addCleanup(allowed.close)
        forbidden = WebServer("127.0.0.2", allowed.port, "a page of text\n")
        self.addCleanup(forbidden.close)
        inputs = {"environment": self.environment, "origin": f"127.0.0.1:{allowed.port}"}
        steps = [call("fetch", url=f"http://127.0.0.1:{allowed.port}/first"), call("fetch", url=f"http://127.0.0.2:{allowed.port}/no"),
                 call("fetch", url=f"http://127.0.0.1:{allowed.port}/last")]
        command = [self.environment / "bin/mcp-server-fetch", "--allow-private-ips", "--ignore-robots-txt"]

        def check(names, answers):
            self.assertEqual(names, ["fetch"])
            self.assertIn("a page of text", answers[0]["text"])
            self.assertEqual(answers[1]["outcome"], "tool-error")
            self.assertIn("a page of text", answers[2]["text"])
            self.assertEqual(allowed.visits, ["/first", "/last"])
            self.assertEqual(forbidden.visits, [])
            allowed.visits.clear()

        self.each_generation("sdk-fetch", inputs, command, steps, check)

    def test_hostile(self):
        secret = self.stage.root / "secret"
        secret.write_text("the secret")
        secret.chmod(0o644)
        listener = WebServer("127.0.0.1", 0, "a page of text\n")
        self.addCleanup(listener.close)
        inputs = {"environment": self.environment, "programs": self.stage.servers}
        steps = [call("say", text="hello \u2028 \"quoted\" \\ \u00e9"), call("read_file", path=str(secret)),
                 call("write_file", path=str(self.user.home / "x"), text="x"),
                 call("tcp", address="127.0.0.1", port=listener.port, text="GET / HTTP/1.0\r\n\r\n"),
                 call("udp", address="127.0.0.1", port=9, text="x"),
                 call("unix", path=str(self.stage.daemon.socket)), call("run", command=["/usr/bin/id"]),
                 call("delete_everything"), call("environment")]

        def check(names, answers):
            said = [answer["text"] for answer in answers]
            self.assertNotIn("delete_everything", names)
            self.assertEqual(said[0], "hello \u2028 \"quoted\" \\ \u00e9")
            self.assertNotIn("the secret", said[1])
            self.assertFalse((self.user.home / "x").exists())
            self.assertEqual(listener.visits, [])
            self.assertNotIn("sent", said[3])
            self.assertNotEqual(said[4], "1")
            self.assertNotIn("connected", said[5])
            self.assertNotIn("uid=", said[6])
            self.assertNotIn("deleted", said[7])
            self.assertIn(answers[7]["outcome"], ("tool-error", "protocol-error"))
            self.assertNotIn("SANDBOXD_SOCKET", said[8])

        self.each_generation("hostile", inputs, [self.environment / "bin/python", self.stage.servers / "hostile_server.py"], steps, check)

    def test_progress_structured_output_and_cancelled_calls(self):
        inputs = {"environment": self.environment, "programs": self.stage.servers}
        command = [self.environment / "bin/python", self.stage.servers / "pacing_server.py"]
        steps = [self.do("follow", name="count", arguments={"to": 5}), self.do("give_up", name="sleep", arguments={"name": "ann"}),
                 call("who_was_stopped")]
        for generation in GENERATIONS:
            with self.subTest(generation=f"{generation.environment} {generation.mode}"):
                events = self.session(required(generation.environment), generation.mode, self.wrap("pacing", command, inputs), LIST, *steps)
                listed, counted, given_up, stopped = self.answers(events)
                shape = next(tool for tool in listed["tools"] if tool["name"] == "count")["outputSchema"]
                self.assertEqual(sorted(shape["properties"]), ["parity", "to"])
                self.assertEqual(counted["data"]["structuredContent"], {"to": 5, "parity": "odd"}, counted)
                told = [event["progress"] for event in events if event["event"] == "progress"]
                self.assertEqual(told, [1, 2, 3, 4, 5])
                self.assertEqual(given_up["outcome"], "result", given_up)
                self.assertEqual(stopped["text"], "ann", "the server heard that nobody waits")
                self.assert_nothing_left()

    def test_many_calls_at_once_are_each_answered(self):
        inputs = {"environment": self.environment, "programs": self.stage.servers}
        command = [self.environment / "bin/python", self.stage.servers / "hostile_server.py"]
        steps = [call("say", text=f"number {number}") for number in range(50)]
        events = self.session(self.environment, "auto", self.wrap("hostile", command, inputs), ["--parallel"], *steps)
        self.assertEqual([answer["text"] for answer in self.answers(events)], [f"number {number}" for number in range(50)])

    @classmethod
    def tearDownClass(cls):
        """No receipt of all this was lost or changed."""
        words = [cls.stage.sandboxctl, "receipts", "verify", cls.stage.root / "state/evidence"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)

