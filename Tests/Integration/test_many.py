"""Many sessions side by side, each with answers of its own; 100 of them with --long."""

from concurrent.futures import ThreadPoolExecutor

from cases import StagedTests, is_long
from wire import Wire

SESSIONS, CALLS = (100, 100) if is_long() else (12, 20)
AT_ONCE = 8  # launches, and sessions that are called
DESCRIPTORS = 12  # that a session may cost sandboxd

# Every kind of program is attached, and every map of theirs holds something.
POLICY = """\
sandboxd: 1
name: many
include: [runtime-python]
inputs: {programs: null}
tools:
  rules:
    - {id: misbehave, tools: [misbehave], effect: allow}
egress:
  tcp: ["203.0.113.10:443", "10.0.0.0/8:5432"]
  udp: ["203.0.113.10:53"]
ingress: {tcp: ["127.0.0.1:7001"]}
files: {read: ["${programs}"]}
"""


class ManyTests(StagedTests):
    def launch(self, number: int) -> Wire:
        command = ["/usr/bin/python3", self.stage.servers / "raw_server.py"]
        wire = Wire(self.wrap(self.many, command, {"programs": self.stage.servers}, ["--name", f"n{number}"]), start=self.user.start,
                    environment=self.stage.environment(self.user))
        self.running.append(wire)
        if "result" not in wire.begin(60):
            raise AssertionError(wire.said())
        return wire

    def use(self, numbered: tuple[int, Wire]):
        number, wire = numbered
        for call in range(CALLS):
            said = wire.text("misbehave", 60, how=f"{number}-{call}")
            if said != f"unknown way: {number}-{call}":
                raise AssertionError(said)

    def test_many_sessions_side_by_side(self):
        self.running: list[Wire] = []
        self.many = self.written_policy(POLICY, "many.yaml")
        before = self.stage.daemon.descriptors()
        try:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                wires = list(pool.map(self.launch, range(SESSIONS)))
                each = (self.stage.daemon.descriptors() - before) / SESSIONS
                print(f"descriptors of sandboxd per session: {each:.1f} (of {SESSIONS})", flush=True)
                self.assertLessEqual(each, DESCRIPTORS)
                list(pool.map(self.use, enumerate(wires)))
                self.assertEqual(list(pool.map(lambda wire: wire.close(60), wires)), [0] * SESSIONS)
        finally:
            for wire in self.running:
                wire.__exit__()
        self.assert_nothing_left()
        self.evidence_verifies()
