"""Every act that a policy forbids is tried twice: unconfined, where it must work, and wrapped, where it must not.

Truth is what the other side saw: a receiver, a file, another process. Everything runs in a network namespace of the
test's own.
"""

import errno
import json
import os
import secrets
import shutil
import socket
import subprocess
from contextlib import suppress
from pathlib import Path

from cases import StagedTests
from receivers import IPPROTO_UDPLITE, Receivers, network_namespace
from stage import processes, until
from wire import Closed, Wire

DIED = -2
MAY_KILL = {"tcp-int80"}
TCP_TARGETS = [("127.0.0.1", 9002), ("127.0.0.2", 9001), ("::1", 9002), ("::ffff:127.0.0.1", 9002), ("::ffff:127.0.0.2", 9001),
               ("0.0.0.0", 9002), ("::", 9002)]
FOUR, SIX = ("127.0.0.1", 9002), ("::1", 9002)

# Act, and where to; the last word is always a nonce of the moment.
FORBIDDEN_TRAFFIC = [
    *(("tcp", *target) for target in TCP_TARGETS),
    ("tcp-after-unspec", *FOUR),
    ("mptcp", *FOUR), ("mptcp", "127.0.0.1", 9001), ("mptcp", "::ffff:127.0.0.1", 9002), ("mptcp-high-bit", *FOUR),
    *((act, *target) for act in ("fast-open-sendto", "fast-open-sendmsg", "fast-open-sendmmsg", "fast-open-option") for target in (FOUR, SIX)),
    ("fast-open-sendto", "127.0.0.2", 9001), ("fast-open-high-bit", *FOUR), ("fast-open-mptcp", *FOUR),
    *((act, *target) for act in ("udp-connect", "udp-sendto", "udp-sendmsg", "udp-sendmmsg") for target in (FOUR, SIX, ("127.0.0.1", 9001))),
    ("udp-sendto", "::ffff:127.0.0.1", 9002), ("udp-unspec", *FOUR), ("udp-four-on-six", *FOUR),
    ("udplite-connect", *FOUR), ("udplite-sendto", *FOUR),
]
PERMITTED_TRAFFIC = [("tcp", "127.0.0.1", 9001), ("tcp", "::1", 9001), ("tcp", "::ffff:127.0.0.1", 9001)]

# Act, and the name of a unix socket: a path below the sockets' directory, or an abstract name.
FORBIDDEN_UNIX = [
    ("unix-stream", "stream"), ("unix-stream", "granted-stream"), ("unix-stream", "@stream"), ("unix-high-bit", "stream"),
    ("unix-datagram", "datagram"), ("unix-datagram", "@datagram"),
    ("unix-pair", "datagram"), ("unix-pair", "@datagram"), ("unix-pair-sendto", "datagram"), ("unix-pair-sendto", "@datagram"),
]

# What the kernel itself offers: an act that needs nobody else. The second list may be closed on some hosts.
FORBIDDEN_INTERFACES = ["uring", "keyring", "filter-listener", "socket-netlink", "socket-netlink-high-bit"]
HOST_MAY_FORBID = ["user-namespace", "network-namespace", "event-counter", "fault-handler", "socket-vsock"]


def nonce() -> str:
    return secrets.token_hex(8)


class EscapeTests(StagedTests):
    @classmethod
    def setUpClass(cls):
        space = network_namespace()
        space.__enter__()
        cls.addClassCleanup(space.__exit__, None, None, None)
        super().setUpClass()
        cls.program = cls.stage.prober()
        cls.area = cls.stage.root / "area"
        cls.prepare()
        cls.receive()
        cls.held: Wire | None = None
        cls.addClassCleanup(cls.drop_held)

    @classmethod
    def receive(cls):
        cls.sockets = cls.stage.root / "sockets"
        cls.sockets.mkdir()
        cls.receivers = Receivers()
        for address, port in [("127.0.0.1", 9001), ("127.0.0.1", 9002), ("127.0.0.2", 9001), ("::1", 9001), ("::1", 9002)]:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            cls.receivers.tcp(address, port)
            cls.receivers.datagram(family, (address, port))
        with suppress(OSError):  # where the kernel has no UDP-Lite, nobody can send it either
            cls.receivers.datagram(socket.AF_INET, FOUR, IPPROTO_UDPLITE)
        cls.receivers.stream(socket.AF_UNIX, str(cls.sockets / "stream"))
        cls.receivers.stream(socket.AF_UNIX, str(cls.area / "granted/stream"))
        cls.receivers.datagram(socket.AF_UNIX, str(cls.sockets / "datagram"))
        for name in ("stream", "datagram"):
            adding = cls.receivers.stream if name == "stream" else cls.receivers.datagram
            adding(socket.AF_UNIX, f"\0{cls.stage.root.name}-{name}")
        cls.receivers.start()
        cls.addClassCleanup(cls.receivers.close)

    @classmethod
    def prepare(cls):
        """Directories that the user owns: what stops an act below is the policy, not the mode."""
        for name in ("granted", "written", "outside", "outside/directory"):
            cls.own(cls.area / name)
        for name in ("granted/note", "written/note", "outside/note"):
            cls.put(name, f"the {name} of the test")

    @classmethod
    def own(cls, directory: Path):
        directory.mkdir(parents=True, exist_ok=True)
        os.chown(directory, cls.user.uid, cls.user.gid)

    @classmethod
    def put(cls, name: str, text: str) -> Path:
        path = cls.area / name
        path.write_text(text)
        os.chown(path, cls.user.uid, cls.user.gid)
        path.chmod(0o644)
        return path

    @classmethod
    def drop_held(cls):
        if cls.held is not None:
            cls.held.__exit__()
            cls.held = None

    def setUp(self):
        self.receivers.forget()

    def tearDown(self):
        """The wrapped session stays for the next test; tests of leftovers are elsewhere."""
        self.end_free()

    # Acting

    def free(self, **options) -> Wire:
        wire = Wire([self.program], start=self.user.start, **options)
        wire.begin()
        return wire

    def wrapped(self, policy: str = "escape", **options) -> Wire:
        inputs = {"granted": self.area / "granted"} | ({"written": self.area / "written"} if policy == "escape" else {})
        wire = Wire(self.wrap(policy, [self.program], inputs), start=self.user.start, environment=self.stage.environment(self.user), **options)
        welcome = wire.begin()
        if "result" not in welcome:
            self.fail(f"the session did not start: {welcome}\n{wire.said()}\n{self.stage.daemon.said()[-2000:]}")
        return wire

    @staticmethod
    def act(wire: Wire, *words) -> dict:
        try:
            answer = wire.call("act", words=" ".join(str(word) for word in words))
        except (Closed, BrokenPipeError):
            return {"errno": DIED, "said": wire.said()}
        if "error" in answer:
            return {"errno": DIED, "said": str(answer)}
        return json.loads(answer["result"]["content"][0]["text"])

    def act_free(self, *words) -> dict:
        """In a process of its own, which lives until `end_free`, as what it opened does."""
        self.end_free()
        self.freed = self.free()
        return self.act(self.freed, *words)

    freed: Wire | None = None

    def end_free(self):
        if self.freed is not None:
            self.freed.__exit__()
            self.freed = None

    def act_held(self, *words) -> dict:
        """In the wrapped session, which outlives every act but the one that the kernel answers with a signal."""
        if type(self).held is None:
            type(self).held = self.wrapped()
        done = self.act(self.held, *words)
        if done["errno"] == DIED:
            self.drop_held()
            self.assertIn(words[0], MAY_KILL, f"{words} ended the session: {done}")
        return done

    def both(self, check, *words, prepare=None):
        """`check(answer)` says whether the act took effect: unconfined it must, wrapped it must not."""
        if prepare:
            prepare()
        answer = self.act_free(*words)
        self.assertTrue(check(answer), f"positive control: {words} does not work unconfined either: {answer}")
        self.end_free()
        if prepare:
            prepare()
        answer = self.act_held(*words)
        self.assertFalse(check(answer), f"{words} took effect: {answer}")

    # Traffic

    def assert_stopped(self, act: str, *target):
        free, held = nonce(), nonce()
        answer = self.act_free(act, *target, free)
        try:
            until(lambda: self.receivers.saw(free), 5, "the receiver")
        except TimeoutError:
            self.fail(f"positive control: nothing arrived by {act} to {target} unconfined: {answer}")
        self.receivers.settle()
        self.receivers.forget()
        answer = self.act_held(act, *target, held)
        self.receivers.settle()
        self.assertFalse(self.receivers.saw(held), f"{act} to {target} arrived: {answer}")
        self.assertEqual(self.receivers.strangers(), [], f"{act} to {target} made a connection: {answer}")
        self.assertNotEqual(answer["errno"], 0)

    def test_permitted_traffic_arrives(self):
        for act, *target in PERMITTED_TRAFFIC:
            with self.subTest(act=act, target=target):
                sent = nonce()
                answer = self.act_held(act, *target, sent)
                self.assertEqual(answer["errno"], 0, answer)
                until(lambda: self.receivers.saw(sent), 5, "the receiver")

    def test_forbidden_traffic_does_not_arrive(self):
        for act, *target in FORBIDDEN_TRAFFIC:
            with self.subTest(act=act, target=target):
                if act.startswith("udplite") and not any(receiver.proto == IPPROTO_UDPLITE for receiver in self.receivers.listeners):
                    self.skipTest("this kernel has no UDP-Lite")
                self.assert_stopped(act, *target)

    def test_the_32_bit_entry_is_closed(self):
        self.assert_stopped("tcp-int80", *FOUR)

    def test_unix_sockets_are_out_of_reach(self):
        for act, name in FORBIDDEN_UNIX:
            with self.subTest(act=act, name=name):
                where = self.area / "granted/stream" if name == "granted-stream" else self.sockets / name
                self.assert_stopped(act, f"@{self.stage.root.name}-{name[1:]}" if name.startswith("@") else where)

    def test_nobody_gets_in(self):
        for act in ("listen-tcp", "listen-mptcp"):
            with self.subTest(act=act):
                self.both(lambda answer: reachable(9100), act, "127.0.0.1", 9100)
        with self.subTest(act="listen-unbound"):
            self.both(lambda answer: answer["errno"] == 0, "listen-unbound")
        with self.subTest(act="listen-unix"):
            where = self.area / "written/listener"
            self.both(lambda answer: where.exists() and answer["errno"] == 0, "listen-unix", where, prepare=lambda: where.unlink(missing_ok=True))

    def test_no_datagram_gets_in(self):
        for take in (self.act_udp_free, self.act_udp_held):
            sent = nonce()
            answer = take(sent)
            if take == self.act_udp_free:
                self.assertIn(sent, answer["said"], "positive control")
            else:
                self.assertNotIn(sent, answer["said"])

    def act_udp_free(self, sent: str) -> dict:
        with self.free() as wire:
            return self.receive_udp(wire, sent)

    def act_udp_held(self, sent: str) -> dict:
        self.act_held("pair")
        return self.receive_udp(self.held, sent)

    def receive_udp(self, wire: Wire, sent: str) -> dict:
        self.act(wire, "bind-udp", "127.0.0.1", 9100)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(sent.encode(), ("127.0.0.1", 9100))
        return self.act(wire, "receive-udp")

    # Files

    def test_permitted_files_can_be_used(self):
        granted, written = self.area / "granted", self.area / "written"
        self.assertEqual(self.act_held("read", granted / "note")["said"], "the granted/note of the test")
        self.assertIn("note", self.act_held("list", granted)["said"])
        for words in (("create", written / "new", "text"), ("append", written / "new", "more"), ("rename", written / "new", written / "newer"),
                      ("truncate", written / "newer"), ("make-directory", written / "made"), ("remove-directory", written / "made"),
                      ("remove", written / "newer")):
            with self.subTest(words=words):
                self.assertEqual(self.act_held(*words)["errno"], 0)
        self.assertEqual(self.act_held("read", written / "note")["errno"], 0)

    def test_files_outside_are_out_of_reach(self):
        granted, written, outside = self.area / "granted", self.area / "written", self.area / "outside"
        text = "the outside/note of the test"

        def changed(path: Path, was: str):
            return lambda _: not path.exists() or path.read_text() != was

        rows = [
            (lambda answer: text in answer["said"], "read", outside / "note"),
            (lambda answer: text in answer["said"], "read", f"/proc/self/root{outside}/note"),
            (lambda answer: text in answer["said"], "read", f"{granted}/../outside/note"),
            (lambda answer: text in answer["said"], "read", granted / "link"),
            (lambda answer: "note" in answer["said"], "list", outside),
            (changed(outside / "note", text), "write", outside / "note", "x"),
            (changed(outside / "note", text), "append", outside / "note", "x"),
            (changed(outside / "note", text), "truncate", outside / "note"),
            (changed(outside / "note", text), "truncate-open", outside / "note"),
            (changed(outside / "note", text), "remove", outside / "note"),
            (changed(outside / "note", text), "rename", outside / "note", outside / "renamed"),
            (changed(outside / "note", text), "rename", outside / "note", written / "taken"),
            (changed(written / "note", "the written/note of the test"), "rename", written / "note", outside / "brought"),
            (lambda _: (written / "alias").exists(), "hard-link", outside / "note", written / "alias"),
            (lambda _: (outside / "made").exists(), "create", outside / "made", "x"),
            (lambda _: (outside / "made").exists(), "make-directory", outside / "made"),
            (lambda _: os.path.lexists(outside / "made"), "symbolic-link", granted / "note", outside / "made"),
            (lambda _: (outside / "made").exists(), "make-fifo", outside / "made"),
            (lambda _: not (outside / "directory").exists(), "remove-directory", outside / "directory"),
            (changed(granted / "note", "the granted/note of the test"), "write", granted / "note", "x"),
            (changed(granted / "note", "the granted/note of the test"), "truncate", granted / "note"),
            (changed(granted / "note", "the granted/note of the test"), "truncate-open", granted / "note"),
            (lambda _: (granted / "made").exists(), "create", granted / "made", "x"),
        ]
        for check, *words in rows:
            with self.subTest(words=words):
                self.both(check, *words, prepare=self.prepare_files)

    def test_metadata_cannot_be_changed(self):
        for place in ("granted", "written", "outside"):
            path = self.area / place / "note"
            for act, changed in {"chmod": lambda: path.stat().st_mode & 0o777 == 0o600, "utime": lambda: path.stat().st_mtime == 1,
                                 "xattr": lambda: "user.escape" in os.listxattr(path)}.items():
                with self.subTest(act=act, place=place):
                    self.both(lambda _: changed(), act, path, prepare=self.prepare_files)
            with self.subTest(act="chown", place=place):
                self.both(lambda answer: answer["errno"] == 0, "chown", path, prepare=self.prepare_files)

    def prepare_files(self):
        for name in ("written", "outside"):
            if (self.area / name / "made").is_dir() and not (self.area / name / "made").is_symlink():
                shutil.rmtree(self.area / name / "made")
        for name in ("granted/made", "outside/made", "outside/renamed", "outside/brought", "outside/note", "written/taken", "written/alias",
                     "written/note", "granted/note", "granted/link"):
            with suppress(FileNotFoundError):
                (self.area / name).unlink()
        self.prepare()
        (self.area / "granted/link").symlink_to(self.area / "outside/note")

    # Programs and processes

    def test_nothing_is_executed_again(self):
        mark = self.area / "written/mark"
        loader = Path("/lib64/ld-linux-x86-64.so.2")
        for act in ("exec", "exec-descriptor", "exec-memory", "spawn"):
            with self.subTest(act=act):
                sent = nonce()
                self.both(lambda _: mark.exists() and mark.read_text() == sent, act, self.program, mark, sent,
                          prepare=lambda: mark.unlink(missing_ok=True))
        if loader.exists():
            with self.subTest(act="exec-loader"):
                self.both(lambda _: mark.exists(), "exec-loader", loader, "/usr/bin/touch", mark, prepare=lambda: mark.unlink(missing_ok=True))

    def test_no_process_is_made_but_threads_are(self):
        self.assertEqual(self.act_held("thread")["errno"], 0)
        self.assertEqual(self.act_held("pair")["errno"], 0)
        mark = self.area / "written/mark"
        for act in ("fork", "clone", "clone3"):
            with self.subTest(act=act):
                sent = nonce()
                self.both(lambda _: mark.exists() and mark.read_text() == sent, act, mark, sent, prepare=lambda: mark.unlink(missing_ok=True))

    def test_processes_outside_are_out_of_reach(self):
        secret = nonce() * 2
        program = f"import ctypes,os,sys\nb=ctypes.create_string_buffer(b'{secret}')\nprint(hex(ctypes.addressof(b)),flush=True)\nsys.stdin.read()"

        def outsider():
            process = self.user.start(["/usr/bin/python3", "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                      environment=self.user.environment(SECRET=secret))
            self.addCleanup(self.end, process)
            return process, process.stdout.readline().strip()

        def try_both(check, act, words):
            for acting in (self.act_free, self.act_held):
                process, address = outsider()
                answer = acting(act, process.pid, *words(address))
                with self.subTest(act=act, wrapped=acting == self.act_held):
                    self.assertEqual(check(process, answer), acting == self.act_free, answer)
                self.end(process)

        def signalled(process, _):
            with suppress(subprocess.TimeoutExpired):
                return process.wait(1 if _["errno"] == 0 else 0.01) != 0
            return False

        try_both(signalled, "signal", lambda _: [])
        try_both(signalled, "signal-descriptor", lambda _: [])
        try_both(lambda _, answer: answer["errno"] == 0, "trace", lambda _: [])
        try_both(lambda _, answer: secret[:16] in answer["said"], "read-memory", lambda address: [address])
        try_both(lambda _, answer: answer["errno"] == 0, "take-descriptor", lambda _: [1])
        try_both(lambda _, answer: secret in answer["said"], "read-environment", lambda _: [])

    @staticmethod
    def end(process: subprocess.Popen):
        process.stdin.close()
        process.stdout.close()
        process.kill()
        process.wait()

    def test_kernel_interfaces_are_closed(self):
        for act in FORBIDDEN_INTERFACES + HOST_MAY_FORBID:
            with self.subTest(act=act):
                free = self.act_free(act)
                if free["errno"] != 0 and act in HOST_MAY_FORBID:
                    self.skipTest(f"this host closes it to everybody ({os.strerror(free['errno'])})")
                self.assertEqual(free["errno"], 0, "positive control")
                self.assertNotEqual(self.act_held(act)["errno"], 0)

    def test_no_namespace_is_cloned(self):
        mark, sent = self.area / "written/mark", nonce()
        mark.unlink(missing_ok=True)
        self.assertNotEqual(self.act_held("clone-namespace", mark, sent)["errno"], 0)
        self.assertFalse(mark.exists())

    # What a session is born with

    def test_nothing_is_inherited_but_three_pipes(self):
        with open(self.area / "outside/note") as file, socket.socket() as inherited:
            passed = {"pass_fds": (file.fileno(), inherited.fileno())}
            with self.free(**passed) as wire:
                said = self.act(wire, "descriptors")["said"]
                self.assertIn(f"{file.fileno()}:file", said, "positive control")
                self.assertIn(f"{inherited.fileno()}:socket", said, "positive control")
            with self.wrapped(**passed) as wire:
                self.assertEqual(self.act(wire, "descriptors")["said"].split(), ["0:pipe", "1:pipe", "2:pipe"])

    def test_the_environment_is_the_policys(self):
        environment = self.stage.environment(self.user, LEAKED="x")
        with Wire([self.program], start=self.user.start, environment=environment) as wire:
            wire.begin()
            self.assertIn("LEAKED=x", self.act(wire, "own-environment")["said"], "positive control")
        inputs = {"granted": self.area / "granted", "written": self.area / "written"}
        with Wire(self.wrap("escape", [self.program], inputs), start=self.user.start, environment=environment) as wire:
            wire.begin()
            names = {pair.split("=")[0] for pair in self.act(wire, "own-environment")["said"].split()}
            self.assertLessEqual(names, {"PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM"})

    def test_there_is_no_privilege(self):
        said = self.act_held("credentials")["said"]
        self.assertIn("no-new-privileges 1", said)
        self.assertIn("bounding 0", said)
        self.assertNotIn("uids 0", said)


    def test_a_user_of_the_sessions_own(self):
        with self.wrapped("session-user") as wire:
            uids = set(self.act(wire, "credentials")["said"].split()[1:4])
            self.assertEqual(len(uids), 1)
            self.assertNotIn(uids.pop(), ("0", str(self.user.uid)))
            self.assertEqual(self.act(wire, "read", self.area / "granted/note")["errno"], 0)
            self.assertNotEqual(self.act(wire, "read", self.area / "outside/note")["errno"], 0)
            outsider = self.user.start(["/bin/sleep", "60"])
            self.addCleanup(outsider.wait)
            self.addCleanup(outsider.kill)
            for act in ("signal", "signal-descriptor", "trace", "read-environment"):
                self.assertNotEqual(self.act(wire, act, outsider.pid)["errno"], 0, act)

    def test_networks_and_ranges_end_where_they_say(self):
        """Each endpoint is a neighbour of another on the far side of a boundary; the receivers say what arrived."""
        cases = {
            '["127.0.0.0/31:9000-9001"]': {("127.0.0.1", 9001): True, ("127.0.0.1", 9002): False, ("127.0.0.2", 9001): False, ("::1", 9001): False,
                                           ("::ffff:127.0.0.1", 9001): True, ("::ffff:127.0.0.2", 9001): False, ("0.0.0.0", 9001): True},
            '["127.0.0.2/31:*"]': {("127.0.0.2", 9001): True, ("127.0.0.1", 9001): False, ("127.0.0.1", 9002): False},
            '["[::/0]:9002-9003"]': {("::1", 9002): True, ("::1", 9001): False, ("127.0.0.1", 9002): False, ("::ffff:127.0.0.1", 9002): False},
            '["public:9001", "*:9002"]': {("127.0.0.1", 9001): False, ("127.0.0.1", 9002): True, ("::1", 9001): False, ("::1", 9002): True},
        }
        for endpoints, targets in cases.items():
            policy = self.written_policy("sandboxd: 1\nname: networks\ntools: {rules: [{id: acts, tools: [act], effect: allow}]}\n"
                                         f"egress: {{tcp: {endpoints}}}\nfiles: {{read: [\"${{server}}\"]}}\n")
            with Wire(self.wrap(policy, [self.program]), start=self.user.start, environment=self.stage.environment(self.user)) as wire:
                self.assertIn("result", wire.begin(), wire.said())
                for target, is_permitted in targets.items():
                    with self.subTest(endpoints=endpoints, target=target):
                        unconfined, sent = nonce(), nonce()
                        self.assertEqual(self.act_free("tcp", *target, unconfined)["errno"], 0)
                        until(lambda: self.receivers.saw(unconfined), 5, "the control")
                        done = self.act(wire, "tcp", *target, sent)
                        self.assertEqual(done["errno"] == 0, is_permitted, done)
                        if is_permitted:
                            until(lambda: self.receivers.saw(sent), 5, "the receiver")
                        else:
                            self.assertFalse(self.receivers.saw(sent))

    def test_root_chooses_a_user_and_no_one_else_does(self):
        command = self.wrap("chosen-user", [self.program], options=("--user", self.user.name))
        environment = self.stage.environment(self.user, HOME="/srv")
        with Wire(command, env=environment, cwd="/", start_new_session=True) as wire:
            self.assertIn("result", wire.begin(), wire.said())
            said = self.act(wire, "credentials")["said"].split()
            self.assertEqual(set(said[1:4]), {str(self.user.uid)}, said)
            # The home is that user's own, whatever the environment of root says.
            self.assertEqual(self.act(wire, "list", self.user.home)["errno"], 0)
            self.assertNotEqual(self.act(wire, "list", self.area)["errno"], 0)
        with Wire(command, start=self.user.start, environment=self.stage.environment(self.user)) as wire:
            self.assertIn("R402", wire.begin()["error"]["message"])
        with Wire(self.wrap("chosen-user", [self.program], options=("--user", "root")), env=environment, cwd="/", start_new_session=True) as wire:
            self.assertIn("R401", wire.begin()["error"]["message"])

    def test_any_tcp_is_tcp_alone(self):
        with self.wrapped("session-user") as wire:
            for target in (("127.0.0.1", 9002), ("::1", 9002)):
                sent = nonce()
                self.assertEqual(self.act(wire, "tcp", *target, sent)["errno"], 0)
                until(lambda: self.receivers.saw(sent), 5, "the receiver")
            self.receivers.forget()
            for act, *target in [("udp-sendto", *FOUR), ("udp-connect", *SIX), ("udplite-sendto", *FOUR)]:
                sent = nonce()
                self.assertNotEqual(self.act(wire, act, *target, sent)["errno"], 0)
                self.receivers.settle()
                self.assertFalse(self.receivers.saw(sent), act)

    def test_children_may_be_made_and_execute_nothing(self):
        with self.wrapped("session-user") as wire:
            mark = self.area / "outside/mark"
            self.assertEqual(self.act(wire, "fork", mark, nonce())["errno"], errno.EACCES, "the child ran, and could not write")
            self.assertEqual(self.act(wire, "spawn", self.program, mark, nonce())["errno"], errno.ENOSYS)
            self.assertEqual(self.act(wire, "exec", self.program, mark, nonce())["errno"], errno.ENOSYS)
            self.assertNotEqual(self.act(wire, "clone3", mark, nonce())["errno"], 0)
            self.assertFalse(mark.exists())

    def test_children_end_with_the_session(self):
        for way in ("close", "kill"):
            with self.subTest(way=way), self.wrapped("session-user") as wire:
                for _ in range(5):
                    self.assertEqual(self.act(wire, "linger")["errno"], 0)
                lingering = [process for process in processes() if process.executable == str(self.program) and process.uid != self.user.uid]
                self.assertEqual(len(lingering), 6, "the server and its children")
                if way == "close":
                    wire.close()
                else:
                    wire.process.kill()
                until(lambda: not any(os.path.exists(f"/proc/{process.pid}") for process in lingering), 10, "the end of the children")


def reachable(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
