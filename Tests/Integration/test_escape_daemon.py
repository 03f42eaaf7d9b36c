"""Attacks on sandboxd itself from inside of a session: its sockets, state, pins, cgroups and processes, and what it opens for a caller."""

import itertools
import json
import os
import re
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

import bpf_objects
from attempts import POLICIES, Attempt, topic
from effects import CLOSED_HERE, fresh_files, succeeded
from escape_tests import EscapeTests
from stage import until
from wire import Closed, Wire

QUESTION = '{"method":"io.sandboxd.HostProfile"}'
WITH_DAEMON = ("caller", "session")


def fresh_decoy(ground: EscapeTests):
    ground.make_decoy()


def answered(_: EscapeTests, answer: dict) -> bool:
    return answer["errno"] == 0 and "parameters" in answer["said"]


SOCKETS = topic(
    "sockets of sandboxd",
    Attempt("unix-stream {socket} {nonce}", succeeded),
    Attempt("unix-relative {socket} {nonce}", succeeded),
    Attempt("unix-descriptor {socket} {nonce}", succeeded),
    Attempt("unix-ask {socket} {question}", answered),
    Attempt("uring-socket {socket} {nonce}", succeeded, absent=CLOSED_HERE),
    Attempt("unix-stream {state}/keepers/{id} {nonce}", succeeded, control="root", custodies=WITH_DAEMON),
)
# The words are the same for a state that root keeps and for one that the user keeps, whose uid the server may have.
ON_STATE = [
    Attempt("list {state}", succeeded), Attempt("list {state}/spools", succeeded), Attempt("list {state}/evidence", succeeded),
    Attempt("read {state}/spools/{id}", succeeded), Attempt("append {state}/spools/{id} x", succeeded),
    Attempt("write {state}/spools/{id} x", succeeded), Attempt("truncate {state}/spools/{id}", succeeded),
    Attempt("truncate-open {state}/spools/{id}", succeeded), Attempt("remove {state}/spools/{id}", succeeded),
    Attempt("rename {state}/spools/{id} {area}/written/spool", succeeded), Attempt("hard-link {state}/spools/{id} {area}/written/spool", succeeded),
    Attempt("create {state}/sessions/made x", succeeded), Attempt("make-directory {state}/made", succeeded),
]
STATE = topic("state of the daemon", *ON_STATE, control="root", custodies=WITH_DAEMON, prepare=fresh_decoy)
PRIVATE_STATE = topic(
    "state of a private daemon",
    *(Attempt(row.words, row.effect, name=f"{row.words} of a private daemon") for row in ON_STATE),
    custodies=("private",), prepare=fresh_decoy,
)
PINS = topic(
    "pinned programs",
    Attempt("list {state}/bpf", succeeded), Attempt("bpf-get {pin}", succeeded),
    Attempt("bpf-program-by-id {loaded}", succeeded),
    Attempt("bpf-map-by-id {map}", succeeded),
    Attempt("bpf-link-by-id {link}", succeeded),
    Attempt("make-directory {state}/bpf/made", succeeded), Attempt("remove-directory {state}/bpf/decoy", succeeded),
    control="root", custodies=WITH_DAEMON, prepare=fresh_decoy,
)
CGROUPS = topic(
    "cgroups",
    *(Attempt(words.format(f"{{{whose}}}"), succeeded) for whose in ("own", "sibling", "parent") for words in (
        "write {}/cgroup.procs 0", "write {}/cgroup.kill 1", "write {}/cgroup.freeze 1", "make-directory {}/made")),
    control="root", custodies=WITH_DAEMON, prepare=fresh_decoy,
)


class DaemonTests(EscapeTests):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.is_control, cls.custody = True, "caller"
        # What controls are tried on: it must not be what sessions live by.
        cls.decoy, cls.decoy_cgroup = cls.stage.root / "decoy", cls.stage.cgroup.directory / "decoy"
        cls.make_decoy()
        cls.decoy_keeper = cls.enterClassContext(socket.socket(socket.AF_UNIX))
        cls.decoy_keeper.bind(str(cls.decoy / "keepers/decoy"))
        cls.decoy_keeper.listen(64)

    @classmethod
    def make_decoy(cls):
        for name in ("spools", "evidence", "sessions", "keepers", "bpf/decoy"):
            (cls.decoy / name).mkdir(parents=True, exist_ok=True)
        (cls.decoy / "spools/decoy").write_text("decoy")
        for path in (cls.decoy / "sessions/made", cls.area / "written/spool"):
            path.unlink(missing_ok=True)
        for path in (cls.decoy / "made", cls.decoy / "bpf/made", cls.stage.root / "state/bpf/made", cls.decoy_cgroup / "made"):
            with suppress(FileNotFoundError):
                path.rmdir()
        cls.decoy_cgroup.mkdir(exist_ok=True)
        (cls.decoy_cgroup / "cgroup.freeze").write_text("0")
        for directory, _, files in os.walk(cls.decoy):
            for path in (directory, *(os.path.join(directory, name) for name in files)):
                os.chown(path, cls.user.uid, cls.user.gid)

    def places(self) -> dict:
        if self.is_control:
            decoys = {name: self.decoy_cgroup for name in ("own", "sibling", "parent")}
            return {"state": self.decoy, "id": "decoy", "question": QUESTION} | decoys | self.programs()
        scope = self.held(self.custody).scope()
        state = self.stage.root / "state" if self.custody != "private" else self.private_state()
        own = scope.parent.name.removeprefix("sandboxd.") if self.custody != "private" else os.listdir(state / "spools")[0]
        return {"state": state, "id": own, "question": QUESTION, "own": scope, "parent": scope.parent,
                "sibling": self.held(self.custody, "-sibling").scope()} | self.programs()

    def private_state(self) -> Path:
        """What a private daemon keeps whose session is running: others have no spool any more."""
        return max((spool.parent.parent for spool in self.user.home.glob(".local/state/sandboxd/sessions/*/spools/*")),
                   key=lambda path: path.stat().st_ctime)

    def programs(self) -> dict:
        """What the daemon pinned for a session, and the numbers of what was loaded last, which is a session's."""
        return {"pin": next((pin for pin in self.stage.pins() if pin.endswith("/connect4")), "/none")} | bpf_objects.newest()

    def test_sockets(self):
        self.try_all(SOCKETS)

    def test_state(self):
        self.try_all(STATE)

    def test_state_of_a_private_daemon(self):
        self.try_all(PRIVATE_STATE)

    def test_pins(self):
        for custody in self.custodies(*WITH_DAEMON):  # there is a pin once there is a session
            self.held(custody)
        self.try_all(PINS)

    def test_cgroups(self):
        self.try_all(CGROUPS)

    # The control socket, for whoever comes to it all the same

    def ask(self, connect) -> dict:
        """The daemon's answer on a socket that `connect(socket)` connected, in whatever process."""
        with socket.socket(socket.AF_UNIX) as asking:
            connect(asking)
            asking.settimeout(10)
            asking.sendall(QUESTION.encode() + b"\0")
            reply = b""
            while not reply.endswith(b"\0"):
                reply += asking.recv(1 << 16) or self.fail(f"the daemon hung up: {reply}")
        return json.loads(reply[:-1])

    def in_child(self, asking: socket.socket, cgroup: Path | None, stays: bool):
        """Connects in a child, of that cgroup, which then stays until the test is over, or has ended."""
        ready, done = os.pipe(), os.pipe()
        child = os.fork()
        if child == 0:
            with suppress(BaseException):
                if cgroup:
                    (cgroup / "cgroup.procs").write_text("0")
                os.setresgid(self.user.gid, self.user.gid, self.user.gid)
                os.setresuid(self.user.uid, self.user.uid, self.user.uid)
                asking.connect(str(self.stage.daemon.socket))
                os.write(ready[1], b"x")
                os.close(done[1])
                if stays:
                    os.read(done[0], 1)
            os._exit(0)
        self.addCleanup(lambda: (os.close(done[1]), os.close(done[0]), os.waitpid(child, 0) if stays else None))
        self.assertEqual(os.read(ready[0], 1), b"x")
        os.close(ready[0])
        os.close(ready[1])
        if not stays:
            os.waitpid(child, 0)

    def test_a_process_of_a_session_is_answered_nothing(self):
        for custody in self.custodies(*WITH_DAEMON):
            with self.subTest(custody=custody):
                free = self.ask(lambda asking: self.in_child(asking, None, stays=True))
                self.assertIn("parameters", free, "positive control")
                self.assertNotIn("error", free, "positive control")
                reply = self.ask(lambda asking: self.in_child(asking, self.held(custody).scope(), stays=True))
                self.assertEqual(reply["error"], "io.sandboxd.NotPermitted", reply)

    def test_who_has_ended_is_answered_nothing(self):
        """Its number may be another's by now, and what that is would be taken for it."""
        for cgroup in (None, self.held("session").scope()):
            with self.subTest(cgroup=cgroup):
                reply = self.ask(lambda asking: self.in_child(asking, cgroup, stays=False))
                self.assertEqual(reply["error"], "io.sandboxd.NotPermitted", reply)

    # Floods

    def memory(self) -> int:
        """KiB that the daemon has to itself."""
        return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{self.stage.daemon.process.pid}/status").read_text())[1])

    def test_a_flood_is_the_sessions_own(self):
        neighbour = self.held("session").wire
        before = self.memory()
        for custody in (POLICIES[custody] for custody in self.custodies(*WITH_DAEMON)):
            for words in (("flood", 2, 4096), ("flood-line", 2, 2048), ("flood", 1, 4096), ("flood-line", 1, 4096)):
                with self.subTest(custody=custody, words=words), self.wrapped(custody) as wire:
                    answer = self.act(wire, *words)  # each line that comes out is JSON, or this fails
                    if words[1] == 2:
                        self.assertEqual(answer["errno"], 0, answer)
                        self.assertEqual(self.act(wire, "pair")["errno"], 0)
                    self.assertEqual(self.act(neighbour, "pair")["errno"], 0)
        self.assertLess(self.memory() - before, 8 << 10)

    # What is opened for a caller is what was judged

    SWAPPED = """sandboxd: 1
name: swapped
tools: {{rules: [{{id: acts, tools: [act], effect: allow}}]}}
files: {{read: ["${{server}}", {area}/written/inner], write: [{area}/written]}}
"""

    def launch_swapped(self, policy) -> tuple[str, str]:
        """What came of a launch, and what the session then reads outside."""
        with Wire(self.wrap(policy, [self.program]), start=self.user.start, environment=self.stage.environment(self.user)) as wire:
            try:
                welcome = wire.begin()
            except Closed:
                return "ended", ""
            if "result" not in welcome:
                return "refused", welcome["error"]["message"]
            said = [self.act(wire, "read", path)["said"] for path in (self.area / "outside/note", self.area / "written/inner/note")]
            return "started", " ".join(said)

    def test_a_directory_that_is_swapped_for_a_link_while_it_is_granted(self):
        self.needs_caller()
        fresh_files(self)
        policy = self.written_policy(self.SWAPPED.format(area=self.area))
        inner, link = self.area / "written/inner", self.area / "written/link"
        self.own(inner)
        (inner / "note").write_text("innocent")
        self.assertEqual(self.launch_swapped(policy), ("started", " innocent"))
        inner.rename(self.area / "written/kept")
        inner.symlink_to(self.area / "outside")
        self.assertEqual(self.launch_swapped(policy)[0], "refused", "a link that the session could change")
        inner.rename(link)
        (self.area / "written/kept").rename(inner)
        outcomes = self.race(policy, inner, link)
        self.assertGreater(outcomes.get("started", 0), 0, outcomes)
        self.assertGreater(outcomes.get("refused", 0), 0, outcomes)

    def race(self, policy, one: Path, other: Path, launches: int = 40, seconds: float = 30) -> dict[str, int]:
        """Launches while one path is exchanged with another all the time; how often what came of it.

        A launch looks at the path more than once. With no pause between the exchanges all forty can be refused on a
        slow machine, and would show nothing: so the pauses differ, from none to longer than a launch takes."""
        ended, outcomes, deadline = threading.Event(), {}, time.monotonic() + seconds
        third = one.with_name("third")

        def swap():
            for pause in itertools.cycle((0, 0, 0, 0.001, 0.004, 0.016, 0.064)):
                if ended.is_set():
                    return
                one.rename(third)
                other.rename(one)
                third.rename(other)
                time.sleep(pause)

        thread = threading.Thread(target=swap)
        thread.start()
        try:
            while (sum(outcomes.values()) < launches or len(outcomes) < 2) and time.monotonic() < deadline:
                outcome, read = self.launch_swapped(policy)
                self.assertFalse(outcome == "started" and "outside" in read, read)
                outcomes[outcome] = outcomes.get(outcome, 0) + 1
        finally:
            ended.set()
            thread.join()
        return outcomes
