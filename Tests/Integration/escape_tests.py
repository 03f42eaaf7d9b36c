"""Where attempts are tried: one stage, receivers in a network namespace of its own, and a session in each custody."""

import ctypes
import json
import os
import re
import shutil
import socket
from contextlib import suppress
from pathlib import Path

from attempts import CUSTODIES, POLICIES, RECORD, Attempt, Outcome
from cases import StagedTests, after_sharing
from effects import TEXT
from escape_cast import HostRefused, Held, Outsider, nonce
from receivers import IPPROTO_UDPLITE, Receivers, network_namespace, within
from stage import Stage, processes, required, until
from wire import Closed, Wire

DIED = -2
TIMED_OUT = -3
FOUR, SIX = ("127.0.0.1", 9002), ("::1", 9002)


def bound_stream() -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("127.0.0.1", 9101))
    return made


# What a peer outside makes and passes on, by the name of its unix socket.
HANDED = {"stream-of-another": socket.socket, "stream-of-another-six": lambda: socket.socket(socket.AF_INET6), "bound-of-another": bound_stream,
          "datagram-of-another": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)}


class EscapeTests(StagedTests):
    """The ground of every attempt. `area` has a directory to read, one to write, and what lies outside of both. All classes share one, since
    a daemon and its sessions take their time to start, but those that must be apart."""

    is_apart = False

    @classmethod
    def setUpClass(cls):
        ground = cls if cls.is_apart else EscapeTests
        if "stage" not in vars(ground):
            ground.make_ground(cls.addClassCleanup if cls.is_apart else after_sharing)
        cls.enterClassContext(within(cls.space))

    @classmethod
    def make_ground(cls, add_cleanup):
        with network_namespace():
            cls.space = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
            add_cleanup(os.close, cls.space)
            cls.stage = Stage(required("SANDBOXD_BIN"))
            add_cleanup(delattr, cls, "stage")
            add_cleanup(cls.stage.close)
            cls.user = cls.stage.user("apart" if cls.is_apart else "test")
            cls.start_daemon()
            cls.program = cls.stage.prober()
            cls.area, cls.sockets = cls.stage.root / "area", cls.stage.root / "sockets"
            cls.prepare_files()
            cls.receive()
        add_cleanup(cls.receivers.close)
        cls.sessions: dict[str, Held] = {}
        add_cleanup(cls.end_sessions)

    @classmethod
    def receive(cls):
        cls.sockets.mkdir()
        cls.own(cls.area / "granted/sockets")
        cls.receivers = Receivers()
        for address, port in [("127.0.0.1", 9001), FOUR, ("127.0.0.2", 9001), ("::1", 9001), SIX]:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            cls.receivers.tcp(address, port)
            cls.receivers.datagram(family, (address, port))
        for family, address in ((socket.AF_INET, FOUR), (socket.AF_INET6, SIX)):
            with suppress(OSError):  # where the kernel has no UDP-Lite, nobody can send it either
                cls.receivers.datagram(family, address, IPPROTO_UDPLITE)
        for family, protocol, address in ((socket.AF_INET, socket.IPPROTO_ICMP, FOUR[0]), (socket.AF_INET6, socket.IPPROTO_ICMPV6, SIX[0])):
            cls.receivers.raw(family, protocol, address)
        Path("/proc/sys/net/ipv4/ping_group_range").write_text("0 2147483647")  # of this network namespace alone
        cls.receivers.passing(str(cls.sockets / "passing"), FOUR)
        for name, make in HANDED.items():
            cls.receivers.handing(str(cls.sockets / name), make)
        for name in (str(cls.sockets / "{}"), str(cls.area / "granted/sockets/{}"), f"\0{cls.stage.root.name}-{{}}"):
            cls.receivers.stream(socket.AF_UNIX, name.format("stream"))
            cls.receivers.datagram(socket.AF_UNIX, name.format("datagram"))
            cls.receivers.stream(socket.AF_UNIX, name.format("packets"), socket.SOCK_SEQPACKET)
        for name in ("stream", "datagram"):
            (cls.area / f"granted/sockets/{name}-link").symlink_to(cls.sockets / name)
        cls.receivers.start()

    # Files

    @classmethod
    def prepare_files(cls):
        """Everybody may use all of it: what stops an act is the policy, not a mode."""
        for name in ("written", "outside", "granted"):
            cls.empty(cls.area / name)
        for name in ("granted", "written", "outside", "outside/directory", "written/directory"):
            cls.own(cls.area / name)
        for name in ("granted/note", "written/note", "outside/note"):
            cls.put(name, TEXT.format(name))
        (cls.area / "granted/link").symlink_to(cls.area / "outside/note")

    @staticmethod
    def empty(directory: Path):
        """The directory itself stays, since grants are its inode's; so do sockets that others listen on."""
        for entry in os.scandir(directory) if directory.exists() else ():
            if entry.name == "sockets":
                continue
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry)
            else:
                os.unlink(entry)

    @classmethod
    def own(cls, directory: Path):
        directory.mkdir(parents=True, exist_ok=True)
        os.chown(directory, cls.user.uid, cls.user.gid)
        directory.chmod(0o777)

    @classmethod
    def put(cls, name: str, text: str) -> Path:
        path = cls.area / name
        path.write_text(text)
        os.chown(path, cls.user.uid, cls.user.gid)
        path.chmod(0o666)
        return path

    # Custodies

    @staticmethod
    def landlock_abi() -> int:
        """As the kernel says it: landlock_create_ruleset(2) with LANDLOCK_CREATE_RULESET_VERSION."""
        return ctypes.CDLL(None).syscall(444, None, 0, 1)

    @classmethod
    def expected(cls) -> list[str]:
        """The custodies that this kernel can keep: below ABI 6 signals to processes of one's own uid have no right."""
        return [custody for custody in CUSTODIES if custody == "session" or cls.landlock_abi() >= 6]

    def needs_caller(self):
        """Of tests whose policy keeps the caller's uid."""
        if "caller" not in self.expected():
            self.skipTest(f"Landlock ABI {self.landlock_abi()} keeps no session of its caller's uid")

    # Sessions

    def setUp(self):
        self.receivers.forget()
        self.outsiders: list[Outsider] = []
        self.freed: Wire | None = None

    def tearDown(self):
        """The sessions stay for the next test; tests of leftovers are elsewhere."""
        self.end_free()
        self.end_outsiders()

    @classmethod
    def end_sessions(cls):
        while cls.sessions:
            cls.sessions.popitem()[1].wire.__exit__()

    def wrapped(self, policy: str, environment: dict | None = None, **options) -> Wire:
        """A session of sandbox-prober that has begun."""
        inputs = {"granted": self.area / "granted"} | ({"written": self.area / "written"} if policy.startswith("escape") else {})
        wire = Wire(self.wrap(policy, [self.program], inputs), start=self.user.start, environment=environment or self.stage.environment(self.user),
                    **options)
        welcome = wire.begin()
        if "result" not in welcome:
            said = wire.said()
            wire.__exit__()
            if re.search(r"\bR2\d\d\b", welcome["error"]["message"]):
                raise HostRefused(welcome["error"]["message"])
            self.fail(f"the session did not start: {welcome}\n{said}\n{self.stage.daemon.said()[-2000:]}")
        return wire

    def begin_session(self, custody: str) -> Held:
        before = {process.pid for process in processes()}
        return Held(self.stage, self.wrapped(POLICIES[custody], self.environment_of(custody)), before)

    def environment_of(self, custody: str) -> dict | None:
        return self.user.environment(SANDBOXD_SOCKET="none") if custody == "private" else None

    def held(self, custody: str, which: str = "") -> Held:
        """The session of that custody, which outlives every attempt but those that the kernel answers with a signal."""
        key = custody + which
        if key in self.sessions and not self.sessions[key].is_alive():
            self.sessions.pop(key).wire.__exit__()
        if key not in self.sessions:
            self.sessions[key] = self.begin_session(custody)
        return self.sessions[key]

    # Acting

    @staticmethod
    def act(wire: Wire, *words) -> dict:
        try:
            answer = wire.call("act", words=" ".join(str(word) for word in words))
        except (Closed, BrokenPipeError):
            return {"errno": DIED, "said": wire.said()}
        except TimeoutError as problem:
            wire.end()
            return {"errno": TIMED_OUT, "said": str(problem)}
        if "error" in answer:
            return {"errno": DIED, "said": str(answer)}
        return json.loads(answer["result"]["content"][0]["text"])

    def act_free(self, *words, as_root: bool = False) -> dict:
        """In a process of its own, which lives until `end_free`, as what it opened does."""
        self.end_free()
        options = {"start_new_session": True, "cwd": "/"} if as_root else {"start": self.user.start}
        self.freed = Wire([self.program], **options)
        self.freed.begin()
        return self.act(self.freed, *words)

    def act_held(self, *words, custody: str = "") -> dict:
        return self.act(self.held(custody or self.custodies()[0]).wire, *words)

    def end_free(self):
        if self.freed is not None:
            self.freed.__exit__()
            self.freed = None

    def end_outsiders(self):
        while self.outsiders:
            self.outsiders.pop().end()

    # Attempts

    def fill(self, attempt: Attempt, target: int, address: str = "0") -> str:
        """The words of one try, with a nonce of the moment, which `sent` then is."""
        self.sent = nonce()
        return attempt.words.format(area=self.area, sockets=self.sockets, abstract=f"@{self.stage.root.name}-", program=self.program,
                                    nonce=self.sent, target=target, address=address, socket=self.stage.daemon.socket, **self.places())

    def places(self) -> dict:
        """What else words may name."""
        return {}

    def prepare(self, attempt: Attempt):
        self.receivers.settle()
        self.receivers.forget()
        if attempt.prepare:
            attempt.prepare(self)

    def outsider(self) -> Outsider:
        self.outsiders.append(Outsider(self.user, self.program, self.sockets / "stream"))
        return self.outsiders[-1]

    def try_all(self, attempts: list[Attempt]):
        for attempt in attempts:
            self.try_one(attempt)

    def try_one(self, attempt: Attempt):
        control = self.control(attempt)
        for custody in self.custodies_of(attempt):
            with self.subTest(attempt=attempt.id, custody=custody):
                self.confined(attempt, custody, control)

    def custodies_of(self, attempt: Attempt) -> list[str]:
        """Those that this host can keep exactly; where time is short (SANDBOXD_ESCAPES=once), one of them in turn."""
        possible = [custody for custody in attempt.custodies if self.is_possible(custody)]
        if os.environ.get("SANDBOXD_ESCAPES") == "once" and possible:
            type(self).turn += 1
            return [possible[self.turn % len(possible)]]
        return possible

    turn = 0

    def custodies(self, *names: str) -> list[str]:
        """Those of these, or of all, that this host can keep exactly."""
        return [custody for custody in names or CUSTODIES if self.is_possible(custody)]

    def is_possible(self, custody: str) -> bool:
        """False where the policy of its sessions is refused because of the host; the table says why."""
        if custody not in RECORD.refusals:
            try:
                self.held(custody)
            except HostRefused as refusal:
                RECORD.refusals[custody] = str(refusal)
                return False
        return custody not in RECORD.refusals

    def control(self, attempt: Attempt) -> str:
        """The act unconfined: it works, or why not."""
        try:
            return self.tried_control(attempt)
        finally:
            self.end_free()
            self.end_outsiders()

    def tried_control(self, attempt: Attempt) -> str:
        self.prepare(attempt)
        self.is_control = True
        self.victim = self.outsider() if "{target}" in attempt.words else None
        words = self.fill(attempt, self.victim.pid if self.victim else 0, self.victim.address if self.victim else "0")
        answer = self.act_free(*words.split(), as_root=attempt.control == "root")
        with suppress(TimeoutError):
            until(lambda: attempt.effect(self, answer), 0.1 if answer["errno"] and attempt.absent else 3, "the effect")
            return "works"
        why = os.strerror(answer["errno"]) if answer["errno"] > 0 else answer["said"] or f"answered {answer['errno']}"
        with self.subTest(attempt=attempt.id, control=attempt.control):
            self.assertTrue(attempt.absent, f"positive control: it does not work unconfined either: {answer}")
        return f"{attempt.absent} ({why})"

    def confined(self, attempt: Attempt, custody: str, control: str):
        """The same act from inside, which must not take effect."""
        self.prepare(attempt)
        self.is_control, self.custody = False, custody
        session = self.held(custody)
        target, address = self.target(attempt, custody)
        answer = self.act(session.wire, *self.fill(attempt, target, address).split())
        self.receivers.settle()
        if answer["errno"] in (DIED, TIMED_OUT):
            self.sessions.pop(custody).wire.__exit__()
        outcome = Outcome(attempt.id, attempt.topic, custody, control, "stopped", answer["errno"], answer["said"][:200])
        problem = self.problem(attempt, answer)
        if problem:
            outcome.result = "through"
        RECORD.add(outcome)
        self.end_outsiders()
        self.assertFalse(problem, f"{attempt.id}: {problem}: {answer}")

    def target(self, attempt: Attempt, custody: str) -> tuple[int, str]:
        """The process that is attacked from inside."""
        if "{target}" not in attempt.words:
            return 0, "0"
        self.victim = self.outsider() if attempt.target == "outsider" else None
        if self.victim:
            return self.victim.pid, self.victim.address
        if attempt.target == "sibling":
            return self.held(custody, "-sibling").server, "0"
        return getattr(self.held(custody), attempt.target), "0"

    def problem(self, attempt: Attempt, answer: dict) -> str:
        """What is wrong with how an attempt from inside ended; empty if nothing is."""
        if answer["errno"] in (DIED, TIMED_OUT) and not attempt.may_kill:
            return "it ended the session"
        if attempt.effect(self, answer):
            return "it took effect"
        strangers = [] if attempt.connects else self.receivers.strangers()
        if strangers:
            return f"it made a connection: {strangers}"
        return ""
