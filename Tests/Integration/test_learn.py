"""A policy from what a server was seen to do, with a daemon and without one: what was seen passes under it, and nothing else does."""

import json
import os
import socket
import threading
from pathlib import Path

from cases import StagedTests
from stage import required, until


class LearnTests(StagedTests):
    @classmethod
    def start_daemon(cls):
        cls.layers = cls.stage.root / "layers"
        cls.layers.mkdir(mode=0o755)
        cls.stage.daemon.options = ["--layers", cls.layers]
        super().start_daemon()

    def setUp(self):
        super().setUp()
        self.project = self.user.home / "project"
        self.user.run(["/bin/mkdir", "-p", self.project])
        self.learned = self.user.home / "learned.yaml"
        self.addCleanup(self.learned.unlink, missing_ok=True)
        self.server = ["/usr/bin/python3", self.stage.servers / "learned_server.py"]

    def places(self):
        """With sandboxd, and with a private one."""
        for name, environment in (("daemon", self.stage.environment(self.user)), ("private", self.user.environment(SANDBOXD_SOCKET="none"))):
            self.learned.unlink(missing_ok=True)
            yield name, environment

    def learn(self, command, environment, *options):
        return self.wire([self.stage.sandboxctl, "learn", "--output", self.learned, *options, "--", *command], environment=environment, cwd=self.project)

    def under(self, command, environment, policy=None):
        words = [self.stage.sandboxctl, "wrap", "--policy", policy or self.learned, "--", *command]
        return self.wire(words, environment=environment, cwd=self.project)

    def check(self, environment):
        done = self.user.run([self.stage.sandboxctl, "check", self.learned], environment=environment, cwd=self.project)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr + self.learned.read_text())

    def blocked(self, answer: dict) -> bool:
        return "error" in answer or answer["result"]["isError"]

    def test_a_real_server_runs_again_under_what_was_learned(self):
        command = [required("SANDBOXD_SDK2") / "bin/mcp-server-time"]
        ask = {"timezone": "Europe/Berlin"}
        for name, environment in self.places():
            wire = self.learn(command, environment)
            self.assertIn("result", wire.begin(), wire.said())
            self.assertIn("Europe/Berlin", wire.text("get_current_time", **ask))
            self.assertEqual(wire.close(), 0, wire.said())
            text = self.learned.read_text()
            self.assertIn("include: [runtime-python]", text)
            self.assertIn("Not observed", text)
            self.check(environment)
            wire = self.under(command, environment)
            self.assertIn("result", wire.begin(), wire.said())
            self.assertIn("Europe/Berlin", wire.text("get_current_time", **ask))
            unseen = wire.call("convert_time", source_timezone="UTC", time="12:00", target_timezone="UTC")
            self.assertIn("Blocked by sandboxd", json.dumps(unseen))
            more = wire.call("get_current_time", timezone="Europe/Berlin", besides="x")
            self.assertIn("Blocked by sandboxd", json.dumps(more), "an argument of another shape")
            self.assertEqual(wire.close(), 0, wire.said())

    def test_files_programs_and_processes(self):
        (self.user.home / "seen.txt").write_text("seen")
        (self.user.home / "unseen.txt").write_text("unseen")
        for name, environment in self.places():
            wire = self.learn(self.server, environment)
            wire.begin()
            self.assertEqual(wire.text("read", path=str(self.user.home / "seen.txt")), "seen")
            self.assertEqual(wire.text("write", path=str(self.project / "out.txt")), "written")
            self.assertEqual(wire.text("run", program="/bin/true"), "0")
            self.assertEqual(wire.text("threads", count=8), "8")
            self.assertEqual(wire.close(), 0, wire.said())
            text = self.learned.read_text()
            self.assertIn("${home}/seen.txt", text)
            self.assertRegex(text, r'seen\.txt" +# once: read')
            self.assertIn("spawn: any", text)
            self.check(environment)
            wire = self.under(self.server, environment)
            wire.begin()
            self.assertEqual(wire.text("read", path=str(self.user.home / "seen.txt")), "seen")
            self.assertEqual(wire.text("write", path=str(self.project / "out.txt")), "written")
            self.assertEqual(wire.text("run", program="/bin/true"), "0")
            self.assertTrue(self.blocked(wire.call("read", path=str(self.user.home / "unseen.txt"))))
            self.assertTrue(self.blocked(wire.call("write", path=str(self.user.home / "seen.txt"))))
            self.assertTrue(self.blocked(wire.call("run", program="/usr/bin/env")))
            self.assertEqual((self.user.home / "seen.txt").read_text(), "seen")
            wire.close()

    def test_endpoints(self):
        """The receiver says who came: the learned port is reached, and another is not."""
        heard = {}
        def listen():
            listener = socket.create_server(("127.0.0.1", 0))
            port = listener.getsockname()[1]
            heard[port] = 0
            def serve():
                while True:
                    try:
                        stream, _ = listener.accept()
                    except OSError:
                        return
                    heard[port] += 1
                    stream.sendall(b"hello")
                    stream.close()
            thread = threading.Thread(target=serve, daemon=True)
            thread.start()
            def end():
                listener.shutdown(socket.SHUT_RDWR)
                listener.close()
                thread.join()
            self.addCleanup(end)
            return port
        seen, unseen = listen(), listen()
        environment = self.stage.environment(self.user)
        wire = self.learn(self.server, environment)
        wire.begin()
        self.assertEqual(wire.text("connect", port=seen), "hello")
        wire.close()
        self.assertIn(f"127.0.0.1:{seen}", self.learned.read_text())
        self.check(environment)
        wire = self.under(self.server, environment)
        wire.begin()
        self.assertEqual(wire.text("connect", port=seen), "hello")
        self.assertTrue(self.blocked(wire.call("connect", port=unseen)))
        wire.close()
        self.assertEqual((heard[seen], heard[unseen]), (2, 0))

    def test_names_that_a_nameserver_is_asked_for(self):
        environment = self.stage.environment(self.user)
        wire = self.learn(self.server, environment)
        wire.begin()
        for name, connected in (("one.example", False), ("two.example", True)):
            self.assertEqual(wire.text("ask", name=name, connected=connected), name)
        wire.close()
        text = self.learned.read_text()
        for name in ("one.example", "two.example"):
            self.assertRegex(text, f"a nameserver was asked for `{name}`, once: ask")
        self.check(environment)

    def test_hostile_names_come_out_as_yaml_that_says_nothing_else(self):
        names = ['quote"\\".txt', "line\n    - x", "\u202e gnp.txt", "${home}", "star*", "hash #x", "colon: {a: b}", "long" * 50, "# comment\r", "'", "tab\t"]
        for name in names:
            (self.user.home / name).write_text("x")
        environment = self.stage.environment(self.user)
        wire = self.learn(self.server, environment)
        wire.begin()
        for name in names:
            wire.text("read", path=str(self.user.home / name))
        for tool in ("two\nlines: [x]", "x" * 5000, "a b"):
            wire.call(tool)
        wire.call("read", **{"path": "/etc/hostname", "a\nb: {}": 1} | {"k" * 2000: 1})
        wire.close()
        text = self.learned.read_text()
        for line in text.splitlines():
            self.assertLess(len(line), 3000)
            self.assertFalse(set(line) & set("\t\r\u202e"), line)
        self.assertNotIn("\n    - x", text)
        self.check(environment)

    def test_a_server_that_opens_very_many_files(self):
        (self.project / "many").mkdir(mode=0o777, exist_ok=True)
        (self.project / "many").chmod(0o777)
        environment = self.stage.environment(self.user)
        wire = self.learn(self.server, environment)
        wire.begin()
        self.assertEqual(wire.text("make", timeout=120, directory=str(self.project / "many"), count=25_000), "25000")
        peak = int(next(line for line in Path(f"/proc/{wire.process.pid}/status").read_text().splitlines() if line.startswith("VmHWM")).split()[1])
        wire.close(60)
        self.assertLess(peak, 200_000, "kB")
        self.assertIn("beyond the number that is kept", self.learned.read_text())
        self.assertLess(len(self.learned.read_text()), 20_000)
        self.check(environment)

    def test_what_a_policy_lacks(self):
        (self.user.home / "needed.txt").write_text("needed")
        policy = self.written_policy("sandboxd: 1\nname: tight\ninclude: [runtime-python]\ntools: {rules: [{id: write, tools: [write], effect: allow}]}\n"
                                     f"files: {{read: [{self.stage.servers}]}}\n")
        for name, environment in self.places():
            command = [*self.server, "--needs", self.user.home / "needed.txt"]
            wire = self.under(command, environment, policy)
            answer = wire.begin()
            self.assertIn("error", answer)
            self.assertEqual(wire.close(), 1, wire.said())
            advice = next(line for line in wire.said().splitlines() if "sandboxctl learn" in line)
            typed = advice[advice.index("sandboxctl learn"):].replace("sandboxctl", str(self.stage.sandboxctl), 1)
            wire = self.wire(["/bin/sh", "-c", typed], environment=environment, cwd=self.project)
            self.assertIn("result", wire.begin(), wire.said())
            wire.text("read", path=str(self.user.home / "needed.txt"))
            self.assertEqual(wire.close(), 1, wire.said())
            said = wire.said()
            self.assertIn("lacks of what was seen", said)
            self.assertRegex(said, r"\+ +- \"\$\{home\}/needed.txt\"")
            self.assertRegex(said, r"\+ +- id: read")
            self.assertNotIn("tools: [write]", said)

    def test_a_server_that_answered_is_not_given_the_advice(self):
        environment = self.stage.environment(self.user)
        policy = self.written_policy("sandboxd: 1\nname: fine\ninclude: [runtime-python]\ntools: {default: allow}\n"
                                     f"files: {{read: [{self.stage.servers}]}}\n")
        wire = self.under(self.server, environment, policy)
        wire.begin()
        self.assertEqual(wire.close(), 0, wire.said())
        self.assertNotIn("sandboxctl learn", wire.said())

    def test_a_layer_that_forbids_it_is_named(self):
        layer = self.layers / "strict.yaml"
        layer.write_text("sandboxd-layer: 1\nname: strict\nfiles: {execute: none}\n")
        try:
            self.user.run([self.stage.sandboxctl, "reload"], environment=self.stage.environment(self.user))
            wire = self.learn(self.server, self.stage.environment(self.user))
            answer = wire.begin()
            self.assertIn("layer `strict`", answer["error"]["message"])
            self.assertEqual(wire.close(), 125, wire.said())
            self.assertFalse(self.learned.exists())
        finally:
            layer.unlink()

    def test_whoever_tries_it_at_home_is_told_where(self):
        """The server's own program lies below the working directory, which it might write."""
        program = self.user.home / "server"
        self.user.run(["/bin/cp", "/bin/cat", program])
        self.addCleanup(program.unlink)
        words = [self.stage.sandboxctl, "learn", "--output", self.learned]
        wire = self.wire([*words, "--", program], environment=self.stage.environment(self.user), cwd=self.user.home)
        answer = wire.begin()
        self.assertIn("R305", answer["error"]["message"])
        self.assertIn("`--set project=DIR`", answer["error"]["message"])
        self.assertEqual(wire.close(), 125, wire.said())
        self.assertIn("`--set project=DIR`", wire.said())
        wire = self.wire([*words, "--set", f"project={self.project}", "--", *self.server], environment=self.stage.environment(self.user),
                         cwd=self.user.home)
        self.assertIn("result", wire.begin(), wire.said())
        self.assertEqual(wire.close(), 0, wire.said())
        self.assertTrue(self.learned.exists())

    def test_a_file_that_is_there_is_not_replaced(self):
        environment = self.stage.environment(self.user)
        self.user.run(["/usr/bin/tee", self.learned], input="mine")
        wire = self.learn(self.server, environment)
        self.assertNotEqual(wire.close(), 0)
        self.assertIn("is there already", wire.said())
        self.assertEqual(self.learned.read_text(), "mine")

    def test_secrets_only_when_it_is_said(self):
        environment = self.stage.environment(self.user, TOKEN="s3cr3t-value")
        wire = self.learn(self.server, environment, "--secret", "TOKEN")
        self.assertEqual(wire.close(), 2)
        self.assertIn("--with-secrets", wire.said())
        wire = self.learn(self.server, environment, "--secret", "TOKEN", "--with-secrets")
        wire.begin()
        wire.close()
        self.assertIn("TOKEN", self.learned.read_text())
        self.assertNotIn("s3cr3t-value", self.learned.read_text())

    def test_nobody_else_is_observed(self):
        """An ordinary session has one filter, as ever; one that is observed has one more, and its receipt says so."""
        def counted(wire) -> int:
            (server,) = [process for process in self.stage.own_processes() if "learned_server" in Path(f"/proc/{process.pid}/cmdline").read_text()
                         and "sandboxctl" not in process.executable]
            status = Path(f"/proc/{server.pid}/status").read_text()
            return int(next(line for line in status.splitlines() if line.startswith("Seccomp_filters")).split()[1])
        environment = self.stage.environment(self.user)
        policy = self.written_policy("sandboxd: 1\nname: fine\ninclude: [runtime-python]\ntools: {default: allow}\n"
                                     f"files: {{read: [{self.stage.servers}]}}\n")
        wire = self.under(self.server, environment, policy)
        wire.begin()
        self.assertEqual(counted(wire), 1)
        wire.close()
        self.assertNotIn("observed", self.receipts("launch")[-1]["body"])
        wire = self.learn(self.server, environment)
        wire.begin()
        self.assertEqual(counted(wire), 2)
        wire.close()
        until(lambda: self.receipts("exit"), 10, "its end")
        self.assertEqual(self.receipts("launch")[-1]["body"]["observed"], "by the caller")

    def test_when_the_observer_dies_the_session_ends(self):
        environment = self.stage.environment(self.user)
        wire = self.learn(self.server, environment)
        wire.begin()
        os.kill(wire.process.pid, 9)
        wire.process.wait()
        self.assert_nothing_left()

    def test_from_receipts(self):
        environment = self.user.environment(SANDBOXD_SOCKET="none")
        policy = self.written_policy("sandboxd: 1\nname: fine\ninclude: [runtime-python]\ntools: {default: allow}\n"
                                     f"files: {{read: [{self.stage.servers}]}}\nevidence: {{arguments: full}}\n")
        before = set(self.user.home.glob(".local/state/sandboxd/sessions/*/evidence"))
        wire = self.under(self.server, environment, policy)
        wire.begin()
        wire.text("filters")
        wire.call("read", path="/etc/hostname")
        self.assertEqual(wire.close(), 0, wire.said())
        (log,) = set(self.user.home.glob(".local/state/sandboxd/sessions/*/evidence")) - before
        done = self.user.run([self.stage.sandboxctl, "learn", "--from", log, "--output", self.learned], environment=environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("maxLength", self.learned.read_text(), "the arguments were kept")
        wire = self.under(self.server, environment)
        wire.begin()
        wire.text("filters")
        self.assertNotIn("Blocked by sandboxd", json.dumps(wire.call("read", path="/etc/hostname")))
        self.assertIn("Blocked by sandboxd", json.dumps(wire.call("run", program="/bin/true")))
        wire.close()
        replay = [self.stage.sandboxctl, "check", self.learned, "--replay", log, "--json"]
        done = self.user.run(replay, environment=environment)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual((json.loads(done.stdout)["calls"], json.loads(done.stdout)["same"]), (2, 2), "kept arguments are judged")
        tight = self.written_policy("sandboxd: 1\nname: tight\ntools: {rules: [{id: look, tools: [filters], effect: allow}]}\n", "tight.yaml")
        done = self.user.run([self.stage.sandboxctl, "learn", "--from", log, "--policy", tight], environment=environment)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("tools: [read]", done.stdout)
        self.assertNotIn("tools: [filters]", done.stdout)
