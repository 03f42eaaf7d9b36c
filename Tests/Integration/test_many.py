"""Many sessions side by side, each with answers of its own; 100 of them with --long."""

from concurrent.futures import ThreadPoolExecutor

from cases import StagedTests, is_long
from wire import Wire

SESSIONS, CALLS = (100, 100) if is_long() else (12, 20)
AT_ONCE = 8  # launches, and sessions that are called


class ManyTests(StagedTests):
    def launch(self, number: int) -> Wire:
        command = ["/usr/bin/python3", self.stage.servers / "raw_server.py"]
        wire = Wire(self.wrap("raw", command, {"programs": self.stage.servers}, ["--name", f"n{number}"]), start=self.user.start,
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
        try:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                wires = list(pool.map(self.launch, range(SESSIONS)))
                list(pool.map(self.use, enumerate(wires)))
                self.assertEqual(list(pool.map(lambda wire: wire.close(60), wires)), [0] * SESSIONS)
        finally:
            for wire in self.running:
                wire.__exit__()
        self.assert_nothing_left()
        self.evidence_verifies()
