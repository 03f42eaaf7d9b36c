"""Retention as it is lived: what is past its policy's `keep` goes, its root stays, and the rest of the log is what it was."""

import json
import subprocess
import time
from pathlib import Path

from cases import StagedTests
from stage import until
from wire import Wire


class RetentionTests(StagedTests):
    @classmethod
    def start_daemon(cls):
        """Its first session is not kept for ever, either, so that no segment of the log is."""
        cls.stage.daemon.start()
        path = cls.stage.policies / "warm.yaml"
        path.write_text((cls.stage.policies / "echo.yaml").read_text() + "evidence: {keep: 1s}\n")
        path.chmod(0o644)
        cls.user.run([cls.stage.sandboxctl, "wrap", "--policy", path, "--", "/bin/true"], environment=cls.stage.environment(cls.user))

    def lived(self, keep: str, **options):
        """A session that made one call and has ended."""
        path = self.written_policy(f"{self.policy('raw').read_text()}\nevidence: {{keep: {keep}}}\n", f"keep-{keep}.yaml")
        command = ["/usr/bin/python3", self.stage.servers / "raw_server.py"]
        wire = self.wire(self.wrap(path, command, {"programs": self.stage.servers}), **options)
        self.assertIn("result", wire.begin(), wire.said())
        self.assertEqual(wire.text("misbehave", how="none"), "none")
        wire.close()
        self.assert_nothing_left()

    @property
    def log(self) -> Path:
        return self.stage.root / "state/evidence"

    def tool(self, *words, status: int = 0) -> str:
        done = subprocess.run([self.stage.sandboxctl, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def shown(self, log: Path) -> list[dict]:
        return [json.loads(line) for line in self.tool("receipts", "show", "--json", log).splitlines()]

    def last(self, log: Path) -> dict:
        """The last decision."""
        return [receipt for receipt in self.shown(log) if receipt["kind"] == "decision"][-1]

    def removed(self, log: Path) -> int:
        return json.loads(self.tool("receipts", "verify", "--json", log))["removed"]

    def restart(self):
        self.assertEqual(self.stage.daemon.stop(), 0)
        self.stage.daemon.start()
        self.before = self.before[0], self.before[1], self.stage.daemon.descriptors()

    def assert_gone(self, receipt: dict, log: Path):
        self.assertNotIn(receipt["session"], [kept.get("session") for kept in self.shown(log)])
        self.assertIn("retention removed this receipt", self.tool("receipts", "proof", "--log", log, str(receipt["number"]), status=1))
        self.assertIn("removed by retention", self.tool("receipts", "verify", log))
        events = [kept["body"].get("event") for kept in self.shown(log)]
        self.assertIn("log-created", events)
        self.assertIn("receipts-removed", events)

    def test_what_is_past_its_time_goes_unless_a_session_of_its_segment_stays(self):
        self.lived("1s")
        gone = self.last(self.log)
        self.tool("receipts", "proof", "--log", self.log, str(gone["number"]))

        def is_removed() -> bool:
            self.restart()
            return gone["session"] not in [receipt.get("session") for receipt in self.shown(self.log)]
        until(is_removed, 30, "the removal")
        self.assert_gone(gone, self.log)
        self.lived("forever")
        kept, removed = self.last(self.log), self.removed(self.log)
        self.lived("1s")
        held = self.last(self.log)
        ended = time.monotonic()
        until(lambda: time.monotonic() > ended + 1.5, 5, "the end of what is kept for a second")
        self.restart()
        self.assertEqual(self.removed(self.log), removed)
        for receipt in (kept, held):
            self.tool("receipts", "proof", "--log", self.log, str(receipt["number"]))
        self.evidence_verifies()

    def test_a_private_log_past_its_time_is_reduced_by_the_next_private_daemon(self):
        environment = self.user.environment(SANDBOXD_SOCKET="none")
        self.lived("1s", environment=environment)
        place = self.user.home / ".local/state/sandboxd/sessions"
        log = until(lambda: list(place.glob("*/evidence")), 10, "the record")[0]
        gone = self.last(log)
        self.assertEqual(self.removed(log), 0)

        def is_removed() -> bool:
            self.lived("forever", environment=environment)
            return self.removed(log) > 0
        until(is_removed, 30, "the removal")
        self.assert_gone(gone, log)
        for other in set(place.glob("*/evidence")) - {log}:
            self.assertEqual(self.removed(other), 0)
