"""Receipts come first: what cannot be recorded, as durably as the policy asks, is not forwarded; and nothing that a server saw is without its receipt.

Disks that fill up and fail are file systems made for the test; truth is what the server wrote down.
"""

import json
import os
import random
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cases import is_long
from confinement import of_session
from fault_tests import FaultTests, Pressed
from ledger_tests import LedgerTests, Load, code, mounted, need_loop_devices, small_disk
from stage import until

FULL, LOST, BEHIND = "D307", "D308", "D309"


class FullDiskTests(LedgerTests):
    def blocked_after(self, wire, name: str, wanted: str) -> int:
        """Calls until one is blocked so; how many were answered as usual before. Those that follow are blocked, too."""
        for count in range(400):
            found = code(self.call(wire, name))
            if found:
                self.assertEqual(found, wanted)
                for _ in range(5):
                    self.assertEqual(code(self.call(wire, name)), wanted)
                return count
        self.fail("no call was blocked")

    def test_a_full_disk_blocks_calls_until_there_is_room(self):
        """The spool cannot grow; where the file system is one of memory, and where it is one on a disk and the policy asks for that."""
        need_loop_devices(self)
        for kind, policy, size in (("tmpfs", "ledger", 1), ("ext4", "ledger-disk", 16)):
            with self.subTest(kind=kind), small_disk(self.stage.root / "state/spools", kind, size) as disk:
                wire = self.begun(policy)
                for _ in range(50):
                    self.assertEqual(code(self.call(wire, f"{kind}-before")), "")
                disk.fill()
                self.blocked_after(wire, f"{kind}-full", FULL)
                seen = len(self.seen())
                self.assertEqual(code(self.call(wire, f"{kind}-full")), FULL)
                self.assertEqual(len(self.seen()), seen)
                self.assertIn("result", wire.request("tools/list"), "the session goes on")
                disk.free()
                for _ in range(50):
                    self.assertEqual(code(self.call(wire, f"{kind}-after")), "")
                self.end_session(wire)
                self.assert_all_recorded()
                # What was blocked meanwhile has no receipts of its own: it is counted in one.
                self.assertEqual([body["inputs"] for body in self.bodies("unrecorded") if body["reason"] == FULL][-1], 7)
                self.evidence_verifies()

    def test_a_disk_that_fails_ends_recording_for_good(self):
        """The image of a file system lies on another one that is full: write(2) succeeds, and fdatasync(2) does not. Room does not heal it."""
        need_loop_devices(self)
        spools, place = self.stage.root / "state/spools", Path(tempfile.mkdtemp(dir=self.stage.root))
        with small_disk(place, "tmpfs", 12) as backing:
            image = place / "image"
            with image.open("wb") as file:
                file.truncate(64 << 20)
            subprocess.run(["mkfs.ext4", "-q", "-m", "0", "-O", "^has_journal", image], check=True)
            with mounted(["mount", "-o", "loop", image, spools], spools):
                wire = self.begun("ledger-disk")
                self.assertEqual(code(self.call(wire, "before")), "")
                backing.fill()
                lost = None
                for count in range(2000):
                    lost = code(self.call(wire, "failing"))
                    if lost:
                        break
                self.assertEqual(lost, LOST)
                seen = len(self.seen())
                backing.free()
                for _ in range(5):
                    self.assertEqual(code(self.call(wire, "after")), LOST)
                self.assertEqual(len(self.seen()), seen)
                self.end_session(wire)
                self.assert_all_recorded()
                self.assertTrue(self.bodies("void")[-1]["cause"] in ("EIO", "ENOSPC"), self.bodies("void"))
            image.unlink()
        place.rmdir()
        self.evidence_verifies()

    def test_a_full_disk_below_the_log_refuses_launches_until_there_is_room(self):
        with self.daemon_upon(self.evidence) as disk:
            wire = self.begun()
            self.assertEqual(code(self.call(wire, "before")), "")
            disk.fill()
            for _ in range(200):
                self.assertEqual(code(self.call(wire, "full")), "", "the spool has room")
            until(lambda: "cannot be written" in self.status(), 10, "sandboxd to find that its log is full")
            refused = self.sandboxctl("wrap", "--policy", self.policy("echo"), "--", "/bin/true", input="")
            self.assertEqual(refused.returncode, 125, refused.stderr)
            self.assertRegex(refused.stderr, "record-launch.*the log cannot be written: ENOSPC")
            disk.free()
            until(lambda: "cannot be written" not in self.status(), 10, "sandboxd to find that there is room")
            accepted = self.sandboxctl("wrap", "--policy", self.policy("echo"), "--", "/bin/true", input="")
            self.assertNotEqual(accepted.returncode, 125, accepted.stderr)
            self.end_session(wire)
            self.assertEqual(self.bodies("log-written-again")[-1]["error"], "ENOSPC")
            self.assert_all_recorded()
            self.evidence_verifies()

    def test_a_session_that_ended_while_the_log_was_full_is_recorded_once_there_is_room(self):
        with self.daemon_upon(self.evidence) as disk:
            wire = self.begun()
            disk.fill()
            for _ in range(200):
                self.assertEqual(code(self.call(wire, "full")), "")
            exits = self.exits()
            self.assertEqual(wire.close(), 0, wire.said())
            until(lambda: not [one for one in self.stage.own_processes()], 10, "the end of the session")
            (spool,) = (self.stage.root / "state/spools").iterdir()
            disk.free()
            until(lambda: self.exits() > exits and not spool.exists(), 10, "what waited to be recorded, by the same daemon")
            self.assert_all_recorded()
            self.assertEqual(list((self.stage.root / "state/sessions").iterdir()), [])
            self.evidence_verifies()

    def status(self) -> str:
        return self.sandboxctl("status").stdout

    def test_a_spool_far_ahead_of_the_log_blocks_calls_until_the_log_has_caught_up(self):
        """A long label stands in each receipt, so that 64 MiB are soon full; nothing of it fits into the log."""
        with self.daemon_upon(self.evidence) as disk:
            policy = self.policy("ledger").read_text().replace("effect: allow}", "effect: allow, labels: {long: %s}}" % ("x" * 100_000))
            wire = self.begun(self.written_policy(policy))
            disk.fill()
            found, count = "", 0
            while not found and count < 1000:
                found = code(self.call(wire, "call"))
                count += 1
            self.assertEqual(found, BEHIND)
            (spool,) = (self.stage.root / "state/spools").iterdir()
            size = spool.stat().st_size
            self.assertTrue(64 << 20 <= size < 65 << 20, size)
            seen = len(self.seen())
            for _ in range(5):
                self.assertEqual(code(self.call(wire, "call")), BEHIND)
            self.assertEqual(len(self.seen()), seen)
            self.assertEqual(spool.stat().st_size, size)
            subprocess.run(["mount", "-o", "remount,size=256m", self.evidence], check=True)
            until(lambda: not code(self.call(wire, "again")), 20, "calls to go on")
            self.end_session(wire)
            self.assert_all_recorded()
            self.assertTrue([body for body in self.bodies("unrecorded") if body["reason"] == BEHIND and body["inputs"] >= 6])
            self.evidence_verifies()

    def test_what_is_in_memory_is_no_disk(self):
        with self.daemon_upon(self.stage.root / "state/spools"):
            wire = self.begun("ledger")
            self.end_session(wire)
            self.assertRegex(self.sandboxctl("doctor").stdout, "absent +durable-state .*spools is in memory")
            inputs = {"programs": self.stage.servers, "ledger": self.ledgers}
            refused = self.user.run(self.wrap("ledger-disk", ["/bin/true"], inputs), input="", environment=self.stage.environment(self.user))
            self.assertEqual(refused.returncode, 125)
            self.assertIn("evidence.durability: disk", refused.stderr)
            self.assertIn("spools is in memory", refused.stderr)
            checked = self.sandboxctl("check", "--format", "json", self.policy("ledger-disk"), "--set", f"programs={self.stage.servers}",
                                      "--set", f"ledger={self.ledgers}")
            self.assertEqual(checked.returncode, 3, checked.stderr)
        self.assertRegex(self.sandboxctl("doctor").stdout, "works +durable-state")
        self.end_session(self.begun("ledger-disk"))


class KillTests(FaultTests):
    """Whatever dies under load, its session ends, no other does, and every call that a server saw has its receipt."""

    LEAVES = {"gate": "gate", "keeper": "keeper", "server": "server"}  # by the cgroup that they live in
    VICTIMS = (*LEAVES, "wrap", "connect", "serve", "sandboxd")

    def test_nothing_is_lost_when_something_is_killed_under_load(self):
        rounds = 1000 if is_long() else 16
        seed = int(os.environ.get("SANDBOXD_SEED", random.randrange(1 << 32)))
        self.chance, self.killed, self.calls, self.times = random.Random(seed), dict.fromkeys(self.VICTIMS, 0), 0, []
        try:
            for kind in self.KINDS:
                self.press(kind)
            for round in range(rounds):
                # Each dies at least now and then, however few rounds there are.
                victim = self.VICTIMS[round % 7] if round < 14 else self.chance.choice(self.VICTIMS)
                self.lose(victim, round >= 7 and self.chance.random() < 0.3)
            self.calls += self.sent()
            self.end_pressed()
            seen, more = self.assert_recovered()
            print(f"         {sum(self.killed.values())} kills ({', '.join(f'{name} {count}' for name, count in self.killed.items())}), seed {seed}: "
                  f"{self.calls} calls sent in {len(self.KINDS)} sessions at a time, {seen} seen by servers, each with a receipt, {more} receipts of calls "
                  f"that did not come so far; a session's last process was gone after {1000 * sorted(self.times)[len(self.times) // 2]:.0f} ms (median), "
                  f"{1000 * max(self.times):.0f} ms (longest)", flush=True)
            self.assertGreater(seen, rounds)
        except BaseException:
            print(f"         SANDBOXD_SEED={seed}", file=sys.stderr, flush=True)
            raise

    def lose(self, victim: str, daemon_too: bool):
        """Somebody dies, at a point that chance chooses, and perhaps the daemon shortly before or after; then there are as many sessions as before."""
        time.sleep(self.chance.uniform(0, 0.05))  # under load, which has no end of its own
        self.killed[victim] += 1
        if victim == "sandboxd":
            self.kill_daemon()
            self.assert_others_go_on()
            self.stage.daemon.start()
            return self.assert_others_go_on()
        losing = [one for one in self.pressed if self.may_lose(one, victim)]
        lost = self.chance.choice(losing)
        if daemon_too:
            self.lose_daemon_too(victim, lost)
        else:
            self.kill(victim, lost)
        self.times.append(self.assert_ended(lost))
        self.calls += lost.load.sent
        if victim == "serve":
            self.end_service()
        self.assert_others_go_on()
        self.press(lost.kind)

    def lose_daemon_too(self, victim: str, lost: Pressed):
        self.killed["sandboxd"] += 1
        order = [self.kill_daemon, lambda: self.kill(victim, lost)]
        self.chance.shuffle(order)
        for kill in order:
            kill()
        self.assert_confined()
        self.stage.daemon.start()

    def kill_daemon(self):
        process = self.stage.daemon.process
        process.kill()
        process.wait(20)

    @staticmethod
    def may_lose(one: Pressed, victim: str) -> bool:
        return victim in KillTests.LEAVES or (one.kind == "connect") == (victim in ("connect", "serve"))

    def kill(self, victim: str, lost: Pressed):
        if victim in self.LEAVES:
            for process in of_session(lost.id, victim):
                process.kill()
        elif victim == "serve":
            self.services[0].process.kill()
            self.services[0].process.wait(20)
        else:
            lost.wire.process.kill()


class TornTests(LedgerTests):
    """A failure of the host's power, as far as it can be played: everybody is dead at once, and of what was not synced any part is zeros."""

    def dead(self, calls: int = 20):
        """A session that ended with everybody; its spool."""
        wire = self.begun("ledger-disk")
        for _ in range(calls):
            self.assertEqual(code(self.call(wire, "call")), "")
        daemon = self.stage.daemon
        os.kill(daemon.process.pid, signal.SIGSTOP)  # the log has not taken all of it
        (spool,) = (self.stage.root / "state/spools").iterdir()
        held = spool.read_bytes()
        for process in self.stage.own_processes():
            process.kill()
        daemon.process.kill()
        daemon.process.wait(20)
        until(lambda: not [process for process in self.stage.own_processes()], 20, "the end of the session")
        spool.write_bytes(held)
        return spool

    def next_boot(self, spool: Path):
        record = self.stage.root / f"state/sessions/{spool.name}.json"
        record.write_text(re.sub(r'"boot":"[^"]*"', '"boot":"another"', record.read_text()))

    def started(self):
        self.stage.daemon.start()
        until(lambda: not list((self.stage.root / "state/spools").iterdir()), 10, "the spools to be folded")
        self.evidence_verifies()

    def frames(self, data: bytes) -> list[int]:
        """Where each frame of a spool begins."""
        starts, at = [], 0
        while at < len(data):
            starts.append(at)
            at += 32 + struct.unpack_from("<I", data, at + 4)[0]
        return starts

    def test_what_is_torn_is_kept_and_recorded_and_the_daemon_starts(self):
        for name, zeros in (("cut", False), ("zeroed", True)):
            with self.subTest(name):
                spool = self.dead()
                data = spool.read_bytes()
                # The outcome of the last call was not synced, and no decision after it.
                last = self.frames(data)[-1]
                cut = last + (len(data) - last) // 2
                spool.write_bytes(data[:cut] + bytes(len(data) - cut if zeros else 0))
                self.next_boot(spool)
                segment, notes = sorted((self.evidence / "segments").iterdir())[-1], self.evidence / "checkpoints"
                for file, torn in ((segment, b'{"body":{"torn'), (notes, notes.read_bytes()[:40])):
                    with file.open("ab") as end:
                        end.write(torn + bytes(5000 if zeros else 0))
                self.started()
                self.assert_all_recorded()
                aside = {file.name: file.read_bytes() for file in (self.evidence / "aside").iterdir()}
                told = self.bodies("torn-spool")[-1]
                self.assertEqual(aside[told["file"].removeprefix("aside/")], data[last:cut] + bytes(len(data) - cut if zeros else 0))
                self.assertEqual({body["source"] for body in self.bodies("torn-end")[-2:]}, {segment.name, "checkpoints"})
                self.assertEqual(self.bodies("violation"), [])

    def test_a_spool_that_lost_its_record_is_folded(self):
        spool = self.dead()
        (self.stage.root / f"state/sessions/{spool.name}.json").unlink()
        self.started()
        self.assert_all_recorded()

    def test_within_one_boot_the_same_is_a_violation_and_kept(self):
        spool = self.dead()
        data = spool.read_bytes()
        last = self.frames(data)[-1]
        spool.write_bytes(data[:last] + bytes(len(data) - last))
        self.started()
        self.assertIn("no whole frame", self.bodies("violation")[-1]["fault"])
        self.assertIn("no whole frame", self.bodies("torn-spool")[-1]["fault"])
        self.assert_all_recorded()


class Journal:
    """Receives what is sent to the journal, as its native protocol has it."""

    def __init__(self, path: Path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))

    def receive(self, timeout: float = 20) -> dict[str, str]:
        self.socket.settimeout(timeout)
        data, fields = self.socket.recv(1 << 16), {}
        while data:
            end = next(at for at, byte in enumerate(data) if byte in b"=\n")
            name, rest = data[:end].decode(), data[end + 1:]
            if data[end:end + 1] == b"\n":
                size = struct.unpack_from("<Q", rest)[0]
                value, data = rest[8:8 + size], rest[9 + size:]
            else:
                value, _, data = rest.partition(b"\n")
            fields[name] = value.decode()
        return fields

    def until(self, size: int) -> dict[str, str]:
        """The first checkpoint over at least so many receipts."""
        while True:
            fields = self.receive()
            if int(fields["SANDBOXD_SIZE"]) >= size:
                return fields


class SecondCustodyTests(LedgerTests):
    """Somebody else has each checkpoint, too."""

    def setUp(self):
        super().setUp()
        self.path = self.stage.root / "journal"

    def with_journal(self, path: Path):
        daemon = self.stage.daemon
        daemon.stop()
        daemon.options = ["--journal", path]
        daemon.start()

        def back():
            daemon.stop()
            daemon.options = []
            daemon.start()
        self.addCleanup(back)

    def journal(self) -> Journal:
        journal = Journal(self.path)
        self.addCleanup(self.path.unlink)
        self.addCleanup(journal.socket.close)
        self.with_journal(self.path)
        return journal

    def verified(self, directory: Path, *options) -> subprocess.CompletedProcess:
        return subprocess.run([self.stage.sandboxctl, "receipts", "verify", directory, *map(str, options)], capture_output=True, text=True, timeout=60)

    def test_a_log_that_is_cut_and_signed_anew_fails_against_what_the_journal_has(self):
        journal = self.journal()
        self.assertIn("second custody: journal", self.sandboxctl("status").stdout)
        wire = self.begun()
        for _ in range(20):
            self.call(wire, "call")
        self.end_session(wire)
        size = len(self.log())
        fields = journal.until(size - 1)
        self.assertEqual(fields["SYSLOG_IDENTIFIER"], "sandboxd")
        kept = Path(self.enterContext(tempfile.TemporaryDirectory())) / "kept"
        kept.write_text(fields["SANDBOXD_CHECKPOINT"])
        self.assertEqual(self.verified(self.evidence, "--checkpoint", kept).returncode, 0)
        # Whoever has the key lets the daemon itself sign what is left.
        daemon, segment = self.stage.daemon, sorted((self.evidence / "segments").iterdir())[-1]
        daemon.stop()
        before = {file: file.read_bytes() for file in (segment, self.evidence / "checkpoints")}
        segment.write_bytes(b"".join(before[segment].splitlines(keepends=True)[:3]))
        (self.evidence / "checkpoints").write_bytes(b"")
        daemon.start()
        daemon.stop()
        forged = self.verified(self.evidence)
        self.assertEqual(forged.returncode, 0, forged.stdout)
        found = self.verified(self.evidence, "--checkpoint", kept)
        self.assertEqual(found.returncode, 1)
        self.assertRegex(found.stdout, "the log was cut|does not contain what the given checkpoint")
        for file, data in before.items():
            file.write_bytes(data)
        daemon.start()

    def test_the_log_is_signed_every_thousand_receipts_and_after_ten_seconds(self):
        journal = self.journal()
        wire = self.begun()
        start = len(self.log())
        load = Load(wire, f"{self.id()}.load")
        until(lambda: len(self.seen()) > 1500, 20, "a thousand receipts")
        load.stop()
        many = journal.until(start + 1000)
        self.assertEqual(many["SANDBOXD_LOG"], many["SANDBOXD_CHECKPOINT"].split("\n")[0])
        self.call(wire, "few")
        until(lambda: self.log()[-1]["kind"] == "outcome" and "few" in json.dumps(self.log()[-2]), 10, "the call to be folded")
        self.assertIn("pending", self.sandboxctl("status").stdout)
        few = journal.until(len(self.log()))
        self.assertEqual(int(few["SANDBOXD_SIZE"]), len(self.log()), "without another receipt")
        self.end_session(wire)

    def test_nobody_waits_for_a_journal_that_does_not_read(self):
        self.journal()
        for _ in range(15):
            self.end_session(self.begun())
        self.assertIn("sandboxd answers", self.sandboxctl("status").stdout)

    def test_its_absence_is_said(self):
        self.with_journal(self.stage.root / "nobody")
        self.assertIn("second custody: absent", self.sandboxctl("status").stdout)
        self.end_session(self.begun())
        self.evidence_verifies()
