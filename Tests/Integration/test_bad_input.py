"""What is wrong is said clearly, to the person and to the MCP client, and nothing is left running."""

import os
import signal
import socket
import subprocess
import threading

from cases import StagedTests, session_processes
from stage import until
from wire import LEGACY, MODERN, Closed, Wire

GOOD = """\
sandboxd: 1
name: written
tools: {rules: [{id: one, tools: [misbehave], effect: allow}]}
"""

# What is wrong, the policy, and where it is.
WRONG_POLICIES = [
    ("an unknown key", GOOD + "egres: {tcp: none}\n", "4:1"),
    ("an unknown key of a rule", GOOD.replace("id: one", "id: one, tool: x"), "3:27"),
    ("a wrong type", GOOD + "egress: {tcp: {a: b}}\n", "4:15"),
    ("a number where a word belongs", GOOD.replace("effect: allow", "effect: 7"), "3:"),
    ("an unknown effect", GOOD.replace("effect: allow", "effect: alow"), "3:"),
    ("a duplicate key", GOOD + "name: again\n", "4:1"),
    ("an anchor", GOOD.replace("name: written", "name: &n written"), "2:7"),
    ("an alias", GOOD.replace("name: written", "name: *n"), "2:7"),
    ("a tag", GOOD.replace("name: written", "name: !!str written"), "2:7"),
    ("two documents", GOOD + "---\nsandboxd: 1\n", "4:1"),
    ("no document", "", ""),
    ("another grammar", GOOD.replace("sandboxd: 1", "sandboxd: 2"), "1:11"),
    ("bad YAML", GOOD + "egress: [\n", ""),
    ("no rule's tool", GOOD.replace("[misbehave]", "[]"), "3:"),
    ("a name where the kernel needs an address", GOOD + 'egress: {tcp: ["api.example.com:443"]}\n', "4:"),
    ("a key of a later version", GOOD + "agents: []\n", "4:1"),
    ("something not built yet", GOOD + "egress: {names: [\"a.example:443\"], udp: any}\n", "4:"),
    ("a file that is not there", GOOD + "include: [no-such-preset]\n", "4:"),
]


class BadInputTests(StagedTests):
    def raw(self, version: str = LEGACY, arguments=(), **options) -> Wire:
        """A session with the server that misbehaves."""
        command = ["/usr/bin/python3", self.stage.servers / "raw_server.py", *arguments]
        return self.wire(self.wrap("raw", command, {"programs": self.stage.servers}), version, **options)

    def begun(self, version: str = LEGACY) -> Wire:
        wire = self.raw(version)
        welcome = wire.begin()
        self.assertIn("result", welcome, wire.said() + self.stage.daemon.said()[-2000:])
        return wire

    def assert_refused(self, wire: Wire, *words: str, status: int = 125):
        """The first request is answered with the refusal, stderr carries it too, and the exit status says so."""
        answer = wire.begin()
        self.assertIn("error", answer, wire.said())
        self.assertEqual(wire.close(), status, wire.said())
        for word in words:
            self.assertIn(word, wire.said())
            self.assertIn(word, answer["error"]["message"])
        self.assertNotIn(answer["error"]["code"], range(-32099, -31999))
        self.assert_nothing_left()

    # Policies

    def test_a_policy_that_is_not_there(self):
        for version in (LEGACY, MODERN):
            with self.subTest(version=version):
                self.assert_refused(self.wire(self.wrap(self.stage.policies / "none.yaml", ["/bin/true"]), version), "none.yaml")

    def test_a_policy_that_cannot_be_read(self):
        path = self.written_policy(GOOD)
        path.chmod(0o600)
        self.assert_refused(self.wire(self.wrap(path, ["/bin/true"])), "written.yaml")

    def test_a_directory_for_a_policy(self):
        self.assert_refused(self.wire(self.wrap(self.stage.policies, ["/bin/true"])), "policies")

    def test_wrong_policies(self):
        mark = self.user.home / "started"
        for what, text, position in WRONG_POLICIES:
            with self.subTest(what=what):
                path = self.written_policy(text)
                self.assert_refused(self.wire(self.wrap(path, ["/usr/bin/touch", mark])), f"written.yaml:{position}")
                self.assertFalse(mark.exists())
                checked = self.sandboxctl("check", path)
                self.assertEqual(checked.returncode, 3, checked.stdout + checked.stderr)
                self.assertIn(f"written.yaml:{position}", checked.stdout + checked.stderr)

    def test_usage_errors(self):
        good = self.written_policy(GOOD)
        commanded = self.written_policy(GOOD + "server: {command: [/bin/true]}\n", "commanded.yaml")
        for what, words in {"no policy": ["wrap", "--", "/bin/true"], "no command": ["wrap", "--policy", good],
                            "an unknown option": ["wrap", "--polcy", good, "--", "/bin/true"],
                            "two commands": ["wrap", "--policy", commanded, "--", "/bin/true"],
                            "an input that is not declared": ["wrap", "--policy", good, "--set", "a=b", "--", "/bin/true"]}.items():
            with self.subTest(what=what):
                done = self.sandboxctl(*words, input="")
                self.assertEqual(done.returncode, 125, done.stderr)
                self.assertNotEqual(done.stderr, "")
        self.assertEqual(self.sandboxctl("no-such-command").returncode, 2)
        self.assertEqual(self.sandboxctl("check").returncode, 2)

    # Commands

    def test_a_command_that_does_not_exist(self):
        for command in ("/no/such/program", "no-such-program-anywhere"):
            with self.subTest(command=command):
                self.assert_refused(self.wire(self.wrap(self.written_policy(GOOD), [command])), command, status=127)

    def test_a_command_that_cannot_be_executed(self):
        plain = self.user.home / "plain"
        plain.write_text("#!/bin/sh\n")
        for command in (plain, self.user.home):
            with self.subTest(command=command):
                self.assert_refused(self.wire(self.wrap(self.written_policy(GOOD), [command])), str(command), status=126)

    # Daemons

    def test_a_dead_socket(self):
        path = self.user.home / "dead.sock"
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(path))
        os.chmod(path, 0o666)
        self.assert_unreachable(path)

    def test_a_foreign_socket(self):
        strangers = {"silent": None, "closing": b"", "talking": b"HTTP/1.1 400 Bad Request\r\n\r\n\0", "lying": b'{"parameters":{}}\0'}
        for what, answer in strangers.items():
            with self.subTest(what=what):
                path = self.user.home / f"{what}.sock"
                with socket.socket(socket.AF_UNIX) as foreign:
                    foreign.bind(str(path))
                    os.chmod(path, 0o666)
                    foreign.listen()
                    threading.Thread(target=self.answer_like_a_stranger, args=(foreign, answer), daemon=True).start()
                    self.assert_unreachable(path)

    def test_a_socket_of_another_user(self):
        stranger, place = self.stage.user("stranger"), self.stage.root / "stranger"
        place.mkdir()
        os.chown(place, stranger.uid, stranger.gid)
        program = ("import os, socket, sys\nlistener = socket.socket(socket.AF_UNIX)\nlistener.bind(sys.argv[1])\nos.chmod(sys.argv[1], 0o666)\n"
                   "listener.listen()\nprint(flush=True)\nsys.stdin.read()")
        process = stranger.start(["/usr/bin/python3", "-c", program, place / "sock"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        process.stdout.readline()
        self.assert_unreachable(place / "sock")
        process.communicate()

    @staticmethod
    def answer_like_a_stranger(listener: socket.socket, answer: bytes | None):
        kept = []
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            if answer is None:
                kept.append(connection)
            else:
                with connection:
                    connection.sendall(answer)

    def assert_unreachable(self, path):
        environment = self.user.environment(SANDBOXD_SOCKET=str(path))
        wire = self.wire(self.wrap(self.written_policy(GOOD), ["/bin/true"]), environment=environment)
        answer = wire.begin()
        self.assertIn("error", answer)
        self.assertEqual(wire.close(), 125, wire.said())
        self.assertIn(str(path), wire.said())
        checked = self.user.run([self.stage.sandboxctl, "status"], environment=environment)
        self.assertEqual(checked.returncode, 5, checked.stderr)

    # The client's lines

    def test_lines_that_are_not_messages_are_answered_and_the_session_goes_on(self):
        rows = {
            "no JSON": (b"hello\n", -32700), "half of JSON": (b'{"jsonrpc":"2.0",\n', -32700),
            "not UTF-8": (b'{"jsonrpc":"2.0","id":9,"method":"\xff"}\n', -32700),
            "a batch": (b'[{"jsonrpc":"2.0","id":9,"method":"ping"}]\n', -32600), "no version": (b'{"id":9,"method":"ping"}\n', -32600),
            "duplicate members": (b'{"jsonrpc":"2.0","id":9,"method":"ping","method":"tools/call"}\n', None),
            "a carriage return": (b'{"jsonrpc":"2.0","id":9,\r"method":"ping"}\n', None),
            "a fractional id": (b'{"jsonrpc":"2.0","id":9.5,"method":"ping"}\n', -32600),
            "over-long": (b'{"jsonrpc":"2.0","id":9,"method":"' + b"x" * (8 << 20) + b'"}\n', None),
            "deep": (b'{"jsonrpc":"2.0","id":9,"method":"ping","params":{"a":' + b"[" * 5000 + b"]" * 5000 + b"}}\n", None),
        }
        for version in (LEGACY, MODERN):
            for what, (line, code) in rows.items():
                with self.subTest(what=what, version=version):
                    wire = self.begun(version)
                    wire.send(line)
                    answer = wire.receive()
                    self.assertIn("error", answer)
                    if code is not None:
                        self.assertEqual(answer["error"]["code"], code)
                    else:
                        self.assertIn(answer["error"]["code"], (-32700, -32600))
                    self.assertEqual(wire.text("misbehave", how="none"), "none")
                    wire.close()

    def test_an_id_in_use_is_not_used_twice(self):
        wire = self.begun()
        wire.send(wire.message("tools/call", {"name": "misbehave", "arguments": {"how": "silence"}}, 50))
        wire.send(wire.message("tools/call", {"name": "misbehave", "arguments": {"how": "none"}}, 50))
        answer = wire.receive()
        self.assertIn("error", answer)
        self.assertNotEqual(answer.get("id"), 50, "the client would take it for the answer to its first request")
        self.assertEqual(wire.text("misbehave", how="none"), "none")

    def test_unknown_methods_are_answered(self):
        wire = self.begun()
        self.assertEqual(wire.request("no/such/method")["error"]["code"], -32601)
        self.assertIn("error", wire.request("resources/read", {"uri": "file:///etc/passwd"}))

    # The server's lines

    def test_what_a_server_may_not_say_never_reaches_the_client(self):
        for version in (LEGACY, MODERN):
            for how in ("unparsable", "truncated", "long", "twice", "forged", "both-result-and-error", "duplicate-members", "not-utf-8",
                        "carriage-return", "batch", "request", "deep", "two-in-one-line"):
                with self.subTest(how=how, version=version):
                    wire = self.begun(version)
                    id = wire.ask("tools/call", {"name": "misbehave", "arguments": {"how": how}})
                    answer = wire.answer(id)
                    self.assertTrue("error" in answer or answer["result"]["content"][0]["text"] == how or answer["result"]["isError"], answer)
                    self.after_misbehaviour(wire)
                    for other in wire.others:
                        self.assertNotIn("forged", str(other))
                        self.assertNotIn("hybrid", str(other))
                        self.assertNotEqual(other.get("method"), "sampling/createMessage")
                        self.assertNotEqual(other.get("id"), id, "a second answer")

    def after_misbehaviour(self, wire: Wire):
        """Either the session goes on, or it has ended in good order."""
        try:
            self.assertEqual(wire.text("misbehave", how="none"), "none")
            wire.close()
        except (Closed, BrokenPipeError):
            self.assertNotEqual(wire.close(), 0)

    # Ends

    def test_the_server_dies_in_mid_call(self):
        for how, status in {"die": 128 + signal.SIGKILL, "die-in-a-line": 128 + signal.SIGKILL, "exit": 7}.items():
            for version in (LEGACY, MODERN):
                with self.subTest(how=how, version=version):
                    wire = self.begun(version)
                    answer = wire.call("misbehave", how=how)
                    self.assertTrue("error" in answer or answer["result"]["isError"], answer)
                    self.assertEqual(wire.close(), status, wire.said())
                    self.assert_nothing_left()
        self.evidence_verifies()

    def test_the_server_dies_before_its_first_answer(self):
        wire = self.raw(arguments=["--die-at-once"])
        answer = wire.begin()
        self.assertIn("error", answer)
        self.assertEqual(wire.close(), 3, wire.said())
        self.assertIn("cannot find my configuration", wire.said())

    def test_a_server_that_ends_at_once(self):
        """Whenever in the launch the end is noticed, it is the server's own status that comes out."""
        for _ in range(20):
            wire = self.wire(self.wrap("raw", ["/usr/bin/false"], {"programs": self.stage.servers}))
            self.assertIn("error", wire.begin())
            self.assertEqual(wire.close(), 1, wire.said())

    def test_the_server_closes_its_stdout(self):
        wire = self.begun()
        answer = wire.call("misbehave", how="close-stdout")
        self.assertTrue("error" in answer or answer["result"]["isError"], answer)
        wire.close()

    def test_the_client_closes(self):
        wire = self.begun()
        self.assertEqual(wire.text("misbehave", how="none"), "none")
        self.assertEqual(wire.close(), 0, wire.said())
        self.assert_nothing_left()
        self.evidence_verifies()

    def test_the_client_closes_in_mid_call(self):
        wire = self.begun()
        wire.ask("tools/call", {"name": "misbehave", "arguments": {"how": "silence"}})
        self.assertEqual(wire.text("misbehave", how="none"), "none")
        wire.close()
        self.assert_nothing_left()
        self.evidence_verifies()

    def test_the_client_vanishes(self):
        """Both of its ends are gone at once, as when it is killed."""
        wire = self.begun()
        wire.ask("tools/call", {"name": "misbehave", "arguments": {"how": "silence"}})
        wire.process.stdout.close()
        wire.process.stdin.close()
        wire.process.wait(20)
        self.assert_nothing_left()

    def test_wrap_is_killed(self):
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT):
            with self.subTest(signal=number.name):
                wire = self.begun()
                wire.ask("tools/call", {"name": "misbehave", "arguments": {"how": "silence"}})
                wire.process.send_signal(number)
                wire.process.wait(20)
                self.assert_nothing_left()
                self.evidence_verifies()

    def test_wrap_is_killed_while_it_starts(self):
        for _ in range(5):
            wire = self.raw()
            wire.process.kill()
            wire.process.wait(20)
        self.assert_nothing_left()
        self.evidence_verifies()

    def test_a_part_of_the_session_is_killed(self):
        for name in ("sandbox-gate", "sandbox-keeper"):
            with self.subTest(killed=name):
                wire = self.begun()
                victims = session_processes(self.stage, name)
                self.assertEqual(len(victims), 1, victims)
                victims[0].kill()
                wire.process.wait(20)
                with self.assertRaises((Closed, BrokenPipeError)):
                    wire.call("misbehave", how="none")
                self.assertNotEqual(wire.close(), 0)
                self.assert_nothing_left()
                self.evidence_verifies()

    def test_a_process_of_another_mount_namespace_gets_no_session(self):
        command = ["/usr/bin/unshare", "--mount", "--propagation", "private", "--", *self.wrap("echo", ["/bin/true"])]
        done = subprocess.run([str(word) for word in command], input="", capture_output=True, text=True, timeout=30,
                              env=self.stage.environment(self.user))
        self.assertEqual(done.returncode, 125, done.stderr)
        self.assertIn("namespace", done.stderr)

    def test_sandboxd_ends_with_a_session_running(self):
        wire = self.begun()
        self.assertEqual(self.stage.daemon.stop(), 0, self.stage.daemon.said())
        wire.process.wait(20)
        until(lambda: not self.stage.own_processes(), 10, "the session's end")
        self.evidence_verifies()
        self.start_daemon()
        self.before = self.stage.cgroup.below(), set(self.stage.pins()), self.stage.daemon.descriptors()
        self.assertEqual(self.begun().close(), 0)
