"""Every message that a session decided has its receipt, whatever ends the session."""

import json
import shutil
import signal
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

from cases import StagedTests, session_processes
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
        with small_disk(evidence) as fill:
            daemon.start()
            wire = self.begun()
            fill()
            for _ in range(20):
                wire.call("misbehave", how="none")
            self.assertEqual(wire.close(), 0, wire.said())
            self.assertEqual([process for process in self.stage.own_processes() if process.pid != daemon.process.pid], [])
            daemon.stop()
            (evidence / "filling").unlink()
            daemon.start()
            self.before = self.before[0], self.before[1], 1 << 20
            self.assert_nothing_left()
            self.assertEqual(self.decisions(), ["forward"] * 20)
            exits = [receipt["body"]["server"] for receipt in self.receipts("exit")]
            self.assertEqual(exits, ["exited 0"])
            self.evidence_verifies()
            daemon.stop()
        daemon.start()


@contextmanager
def small_disk(directory: Path):
    """A file system of 1 MiB at a directory, with what that held; gives back what fills it."""
    held = directory.parent / "held"
    shutil.copytree(directory, held)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=0700", "small", directory], check=True)
    try:
        shutil.copytree(held, directory, dirs_exist_ok=True)

        def fill():
            with (directory / "filling").open("wb", buffering=0) as file, suppress(OSError):
                while True:
                    file.write(bytes(4096))
        yield fill
    finally:
        subprocess.run(["umount", "--lazy", directory], check=True)  # a daemon that a failed test left
        shutil.rmtree(held)
