"""Every message that a session decided has its receipt, whatever ends the session."""

import json
import os
import signal
import subprocess
import tempfile
from pathlib import Path

from cases import StagedTests, session_processes
from ledger_tests import small_disk
from wire import LEGACY, MODERN, Wire


class ReceiptTests(StagedTests):
    def begun(self, version: str = LEGACY) -> Wire:
        command = ["/usr/bin/python3", self.stage.servers / "raw_server.py"]
        wire = self.wire(self.wrap("raw", command, {"programs": self.stage.servers}), version)
        self.assertIn("result", wire.begin(), wire.said())
        return wire

    def decisions(self) -> list[str]:
        """What was decided of tools/call, in order."""
        return [receipt["body"]["decision"] for receipt in self.receipts("decision") if receipt["body"].get("method") == "tools/call"]

    def test_each_decision_has_a_receipt(self):
        for version in (LEGACY, MODERN):
            with self.subTest(version=version):
                wire = self.begun(version)
                for _ in range(20):
                    wire.call("misbehave", how="none")
                    wire.call("forbidden")
                wire.close()
                self.assert_nothing_left()
                self.assertEqual(self.decisions(), ["forward", "block"] * 20)
                kinds = [receipt["kind"] for receipt in self.receipts()]
                self.assertEqual(kinds[0], "launch")
                self.assertEqual(kinds[-1], "exit")
                self.evidence_verifies()

    def test_none_is_lost_when_a_part_dies(self):
        for name in ("sandbox-gate", "sandbox-keeper", "sandboxctl"):
            with self.subTest(killed=name):
                wire = self.begun()
                for _ in range(20):
                    wire.call("misbehave", how="none")
                for process in session_processes(self.stage, name):
                    process.kill()
                wire.process.wait(20)
                self.assert_nothing_left()
                self.assertEqual(self.decisions(), ["forward"] * 20)
                self.assertEqual(self.receipts()[-1]["kind"], "exit")
                self.evidence_verifies()

    def test_a_receipt_and_a_logs_growth_are_proven_without_the_log(self):
        wire = self.begun()
        wire.call("forbidden")
        wire.close()
        self.assert_nothing_left()
        log, kept = self.stage.root / "state/evidence", Path(self.enterContext(tempfile.TemporaryDirectory()))
        earlier = kept / "earlier"
        earlier.write_text("\n".join((log / "checkpoints").read_text().split("\n")[-6:]))
        key = (log / "key.pub").read_text().strip()
        number = self.receipts("decision")[-1]["number"]
        again = self.begun()
        again.close()
        self.assert_nothing_left()
        receipt, growth = kept / "receipt", kept / "growth"
        receipt.write_text(self.proof(str(number), "--log", log))
        growth.write_text(self.proof("--since", earlier, "--log", log))
        told = self.judged(receipt, "--key", key)
        self.assertIn(f"verified: receipt {number} of the log", told.stdout)
        self.assertIn("kept by the system's sandboxd", told.stdout.splitlines()[0])
        self.assertIn("stand unchanged", self.judged(growth, "--key", key, "--checkpoint", earlier).stdout)
        # Each part of it may be somebody else's.
        receipt.write_text(receipt.read_text().replace("index ", "index 1", 1))
        self.assertIn("no such receipt", self.judged(receipt, "--key", key, status=1).stdout)
        self.judged(receipt, status=2)
        self.judged(growth, "--key", key, status=2)

    def test_contents_are_held_against_what_a_receipt_commits_to(self):
        wire = self.begun()
        asked = wire.call("misbehave", how="none", said="a secret of four digits: 4711")
        wire.close()
        self.assert_nothing_left()
        log, kept = self.stage.root / "state/evidence", Path(self.enterContext(tempfile.TemporaryDirectory()))
        decision = next(one for one in self.receipts("decision") if one["body"].get("method") == "tools/call")
        outcome = next(one for one in self.receipts("outcome") if one["body"]["decision"] == decision["spoolNumber"])
        arguments, other, answer = kept / "arguments", kept / "other", kept / "answer"
        arguments.write_text(json.dumps({"said": "a secret of four digits: 4711", "how": "none"}, indent=2))
        other.write_text(json.dumps({"said": "a secret of four digits: 4712", "how": "none"}))
        answer.write_text(json.dumps(asked, indent=1))

        of_decision = (log, "--receipt", decision["number"])
        place = f"{outcome['session']}:{outcome['sessionNumber']}"
        self.assertIn("match: ", self.judged(*of_decision, "--arguments", arguments).stdout)
        self.assertIn("no match: ", self.judged(*of_decision, "--arguments", other, status=1).stdout)
        self.assertIn("no commitment: ", self.judged(*of_decision, "--result", answer, status=2).stdout)
        self.assertIn("match: ", self.judged(log, "--receipt", place, "--result", answer).stdout)
        self.assertIn("no match: ", self.judged(log, "--receipt", place, "--result", arguments, status=1).stdout)
        told = json.loads(self.judged(*of_decision, "--arguments", arguments, "--json").stdout)
        self.assertEqual([one["answer"] for one in told["contents"]], ["match"])
        self.assertIn("no receipt 4711", self.judged(log, "--receipt", 4711, "--arguments", arguments, status=2).stderr)
        self.assertIn("--receipt", self.judged(log, "--arguments", arguments, status=2).stderr)

        # The same of a proof, for which the key is handed over.
        proof, key = kept / "proof", log / "commitment-keys" / decision["session"]
        proof.write_text(self.proof(str(decision["number"]), "--log", log))
        public = ("--key", (log / "key.pub").read_text().strip())
        self.assertEqual(key.stat().st_mode & 0o777, 0o600)
        self.assertIn("match: ", self.judged(proof, *public, "--arguments", arguments, "--commitment-key", key).stdout)
        self.assertIn("no match: ", self.judged(proof, *public, "--arguments", arguments, "--commitment-key", "0" * 64, status=1).stdout)
        self.assertIn("--commitment-key", self.judged(proof, *public, "--arguments", arguments, status=2).stderr)

        # Nothing that was written has the content, and a log that does not verify is held against nothing.
        state = self.stage.root / "state"
        for file in (path for path in state.rglob("*") if path.is_file() and not path.is_relative_to(state / "bpf")):
            self.assertNotIn(b"4711", file.read_bytes(), file)
        key.unlink()
        self.assertIn("keeps no key", self.judged(*of_decision, "--arguments", arguments, status=2).stderr)
        segment = sorted((log / "segments").iterdir())[-1]
        whole = segment.read_bytes()
        self.addCleanup(segment.write_bytes, whole)
        segment.write_bytes(whole.replace(b'"microseconds":', b'"nanoseconds":', 1))
        self.assertNotIn("match", self.judged(*of_decision, "--arguments", arguments, status=1).stdout.replace("mismatch", ""))

    def test_a_session_whose_key_cannot_be_kept_is_not_launched(self):
        place, aside = self.stage.root / "state/evidence/commitment-keys", self.stage.root / "kept-keys"
        place.rename(aside)
        place.write_text("in the way\n")
        try:
            wire = self.wire(self.wrap("raw", ["/usr/bin/python3", self.stage.servers / "raw_server.py"], {"programs": self.stage.servers}))
            wire.begin()
            self.assertEqual(wire.close(), 125, wire.said())
            self.assertIn("commitment key", wire.said())
        finally:
            place.unlink()
            aside.rename(place)
        self.assert_nothing_left()
        self.assertEqual([receipt["body"]["outcome"] for receipt in self.receipts("launch")], ["failed"])
        keys = set(os.listdir(place))
        wire = self.begun()
        wire.close()
        self.assert_nothing_left()
        self.assertEqual(set(os.listdir(place)) - keys, {self.receipts()[0]["session"]}, "and with room it is, with a key of its own")

    def proof(self, *words) -> str:
        return self.judged(*words, verb="proof").stdout

    def judged(self, *words, verb: str = "verify", status: int = 0):
        command = [self.stage.sandboxctl, "receipts", verb, *map(str, words)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def test_a_refusal_has_a_receipt(self):
        wire = self.wire(self.wrap(self.written_policy("sandboxd: 1\nname: written\negress: {tcp: [\"a.example:1\"]}\n"), ["/bin/true"]))
        wire.begin()
        wire.close()
        self.assertEqual([receipt["kind"] for receipt in self.receipts()], ["refusal"])

    def test_sandboxd_is_killed_and_the_next_one_adopts(self):
        wire = self.begun()
        wire.call("misbehave", how="none")
        daemon = self.stage.daemon
        daemon.process.send_signal(signal.SIGKILL)
        daemon.process.wait(20)
        self.assertEqual(wire.text("misbehave", how="none"), "none", "the gate goes on alone")
        daemon.start()
        self.assertEqual(wire.text("misbehave", how="none"), "none")
        self.assertIn("isError", str(wire.call("forbidden")))
        self.assertEqual(wire.close(), 0, wire.said())
        self.before = self.before[0], self.before[1], 1 << 20  # descriptors of another process
        self.assert_nothing_left()
        self.assertEqual(self.decisions(), ["forward", "forward", "forward", "block"])
        self.evidence_verifies()

    def test_sandboxd_is_killed_and_the_session_ends_without_it(self):
        wire = self.begun()
        wire.call("misbehave", how="none")
        daemon = self.stage.daemon
        daemon.process.send_signal(signal.SIGKILL)
        daemon.process.wait(20)
        self.assertEqual(wire.close(), 0, wire.said())
        self.assertEqual([process for process in self.stage.own_processes() if process.pid != daemon.process.pid], [])
        daemon.start()
        self.before = self.before[0], self.before[1], 1 << 20
        self.assert_nothing_left()
        self.assertEqual(self.decisions(), ["forward"])
        self.assertEqual([receipt["body"]["server"] for receipt in self.receipts("exit")], ["exited 0"], "the keeper wrote down how it ended")
        self.evidence_verifies()

    def test_none_is_lost_while_the_disk_is_full(self):
        """The session ends while nothing can be appended to the log; the next daemon finds room, and appends what was waiting."""
        daemon, evidence = self.stage.daemon, self.stage.root / "state/evidence"
        daemon.stop()
        with small_disk(evidence) as disk:
            daemon.start()
            wire = self.begun()
            disk.fill()
            for _ in range(20):
                wire.call("misbehave", how="none")
            self.assertEqual(wire.close(), 0, wire.said())
            self.assertEqual([process for process in self.stage.own_processes() if process.pid != daemon.process.pid], [])
            daemon.stop()
            disk.free()
            daemon.start()
            self.before = self.before[0], self.before[1], 1 << 20
            self.at_first = self.at_first[0], self.at_first[1] | {str(evidence)}
            self.assert_nothing_left()
            self.assertEqual(self.decisions(), ["forward"] * 20)
            exits = [receipt["body"]["server"] for receipt in self.receipts("exit")]
            self.assertEqual(exits, ["exited 0"])
            self.evidence_verifies()
            daemon.stop()
        daemon.start()
