"""Sessions that are over for good: the log says so of many at once, so that it need not know of each how far it came."""

import json
import subprocess

from cases import StagedTests
from stage import until

# More than the log may know that are over (Daemon.unclosedSessions).
MANY = 1_200


class ClosingTests(StagedTests):
    patience = 20

    def log(self) -> list[dict]:
        words = [self.stage.sandboxctl, "receipts", "show", "--json", self.stage.root / "state/evidence"]
        return [json.loads(line) for line in subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()]

    def closed(self) -> list[str]:
        return [name for receipt in self.log() if receipt["body"].get("event") == "sessions-closed" for name in receipt["body"]["sessions"]]

    def restart(self):
        daemon = self.stage.daemon
        daemon.process.kill()
        daemon.process.wait()
        daemon.start()

    def test_many_that_are_over_are_closed_and_none_that_goes_on(self):
        self.before = self.before[0], self.before[1], 1 << 20  # descriptors of another process
        wire = self.wire(self.wrap("raw", ["/usr/bin/python3", self.stage.servers / "raw_server.py"], {"programs": self.stage.servers}))
        self.assertIn("result", wire.begin(), wire.said())
        living = self.receipts()[-1]["session"]
        many = self.stage.policies / "many"
        many.mkdir()
        for number in range(MANY):
            (many / f"p{number}.yaml").write_text("sandboxd: 1\nname: many\negres: none\n")
        done = self.user.run([self.stage.sandboxctl, "check", many], environment=self.stage.environment(self.user), timeout=120)
        self.assertEqual(done.returncode, 3, done.stderr)
        closed = until(self.closed, 20, "the end of the sessions")
        self.assertNotIn(living, closed)
        self.assertEqual(len(closed), len(set(closed)))
        self.assertGreater(len(closed), 1_024)
        known = {receipt.get("session") for receipt in self.log()}
        self.assertLessEqual(set(closed), known)
        self.evidence_verifies()
        # Whoever lives goes on, under this daemon and under the next, and nothing is closed twice.
        for change in (lambda: None, self.restart):
            change()
            self.assertIn("result", wire.call("misbehave", how="x"))
        self.assertEqual(wire.close(), 0, wire.said())
        until(lambda: any(receipt["kind"] == "exit" and receipt["session"] == living for receipt in self.log()), 10, "the exit")
        self.assertEqual(self.closed(), closed)
        self.evidence_verifies()
