"""The disk below the whole state directory is full, or what a daemon needs to begin has no room: what cannot be kept is not done, and is said; nothing is
lost, and all goes on once there is room."""

import subprocess

from fault_tests import FaultTests
from ledger_tests import code, need_loop_devices
from stage import until
from wire import Wire

FULL = "D307"
WAITING = 24  # calls that wait for a person
REFUSED = "sandboxd: 1\nname: refused\ntools: {default: allow}\negress: {names: [\"a.example:443\"], udp: any}\n"
ASKING = "    - {id: ask, tools: [ask], effect: ask}\napprovals: {by: [caller], wait: 60s, within: 5m}\n"


class FullStateTests(FaultTests):
    def asking(self) -> Wire:
        """A session of which some calls wait for a person."""
        text = self.policy("ledger").read_text().replace("name: ledger", "name: asking").replace("effect: allow}\n", "effect: allow}\n" + ASKING)
        return self.begun_beside(self.written_policy(text, "asking.yaml"))

    def ask(self, wire: Wire) -> list[str]:
        """Calls that wait, by their ids."""
        ids = [f"{self.id()}.{self.tag}.ask.{number}" for number in range(WAITING)]
        for number, id in enumerate(ids):
            wire.send({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": "ask", "arguments": {"number": number}}})
        until(lambda: len(self.waiting()) == WAITING, 10, "the calls that wait")
        return ids

    def waiting(self) -> list[str]:
        return [line.split()[0] for line in self.sandboxctl("approvals", "list").stdout.splitlines()[1:]]

    def blocked(self, wire: Wire) -> int:
        """Calls until one is blocked, as all that follow."""
        for count in range(2_000):
            if found := code(self.call(wire, "full")):
                self.assertEqual([found, code(self.call(wire, "full"))], [FULL] * 2)
                return count
        self.fail("no call was blocked")

    def not_launched(self) -> str:
        done = self.sandboxctl("wrap", "--policy", self.policy("echo"), "--", "/bin/true", input="")
        self.assertEqual(done.returncode, 125, done.stderr)
        return done.stderr

    def refused(self):
        """A policy is refused as ever, and that is recorded where there is room: perhaps before the daemon itself looks whether there is."""
        self.assertEqual(self.sandboxctl("check", self.written_policy(REFUSED, "refused.yaml")).returncode, 3)

    def writes_again(self):
        until(lambda: "cannot be written" not in self.sandboxctl("status").stdout, 10, "sandboxd to find that there is room")

    def disks(self):
        """In memory, and one that has blocks and inodes, and gives what it promised later."""
        need_loop_devices(self)
        return ("tmpfs", 6), ("ext4", 24)

    def test_what_cannot_be_kept_is_not_done_and_all_goes_on_once_there_is_room(self):
        for kind, size in self.disks():
            with self.subTest(kind=kind), self.daemon_upon(self.stage.root / "state", kind, size) as disk:
                self.lived_through(disk)

    def lived_through(self, disk):
        sessions = [self.begun_beside(), self.begun_beside(self.held), self.connected()]
        asking = self.asking()
        ids = self.ask(asking)
        disk.fill()
        counts = [self.blocked(wire) for wire in sessions]
        until(lambda: "cannot be written" in self.sandboxctl("status").stdout, 10, "sandboxd to find that its disk is full")
        said = self.not_launched()
        self.assertRegex(said, "ENOSPC|no space")
        self.refused()
        decided = self.decided_meanwhile()
        self.assert_confined()
        ending = sessions.pop(0)
        self.assertEqual(ending.close(), 0, ending.said())
        self.wires.remove(ending)
        disk.free()
        self.refused()
        self.writes_again()
        self.assertEqual([code(self.call(wire, "after")) for wire in (*sessions, asking)], [""] * 3)
        for approval in self.waiting():
            self.assertEqual(self.sandboxctl("approvals", "approve", approval).returncode, 0)
        answers = [asking.answer(id) for id in ids]
        codes = list(map(code, answers))
        self.assertEqual(sorted(codes), [""] * codes.count("") + [FULL] * codes.count(FULL))
        self.assertLessEqual(codes.count(FULL), decided)
        done = [id for id in self.seen() if id in ids]
        self.assertEqual(sorted(done), sorted(id for id, answer in zip(ids, answers) if self.was_made(answer)), "what is said to be done is what was done")
        self.assertIn("refused", self.sandboxctl("refusals", "list").stdout)
        for wire in (*sessions, asking):
            self.assertEqual(wire.close(), 0, wire.said())
            self.wires.remove(wire)
        seen, more = self.assert_recovered()
        print(f"         full, with 4 sessions: {seen} calls seen by servers, each with a receipt; {sum(counts)} calls until all were blocked; "
              f"{decided} of {WAITING} decisions were still recorded; refused meanwhile: {said.strip().splitlines()[0][:150]}", flush=True)

    @staticmethod
    def was_made(answer: dict) -> bool:
        """There may be room for the decision, and none for what came of it: then the result is kept back, and it is said that the call was made."""
        return not code(answer) or "The call was made" in answer["result"]["content"][0]["text"]

    def decided_meanwhile(self) -> int:
        """Decisions are made until one cannot be recorded; that one, and all behind it, wait as before. How many were recorded: the last block of the log
        has room left."""
        waiting = self.waiting()
        for count, approval in enumerate(waiting):
            done = self.sandboxctl("approvals", "approve", approval)
            if done.returncode != 0:
                self.assertIn("cannot be recorded", done.stderr)
                self.assertEqual(self.waiting(), waiting[count:])
                return count
        self.fail("every decision was recorded")

    def test_daemons_die_begin_and_end_on_a_full_disk(self):
        """One is killed, the next takes over what runs; that one is told to end, and ends it. What waited in spools goes into the log once there is room."""
        with self.daemon_upon(self.stage.root / "state", "tmpfs", 6) as disk:
            sessions = [self.begun_beside(), self.begun_beside(self.held)]
            disk.fill()
            for wire in sessions:
                self.blocked(wire)
            daemon = self.stage.daemon
            daemon.process.kill()
            daemon.process.wait(20)
            self.assert_confined()
            daemon.start()
            self.assertEqual([code(self.call(wire, "adopted")) for wire in sessions], [FULL] * 2)
            self.assert_confined()
            self.assertRegex(self.not_launched(), "ENOSPC|no space")
            until(lambda: "cannot be written" in self.sandboxctl("status").stdout, 10, "sandboxd to find that its disk is full")
            self.assertEqual(daemon.stop(), 0)
            until(lambda: not self.stage.own_processes(), 10, "the end of all that runs")
            for wire in sessions:
                wire.process.wait(10)
            daemon.start()
            self.assertRegex(self.not_launched(), "ENOSPC|no space")
            disk.free()
            self.refused()
            self.writes_again()
            self.end_wires()
            self.assert_recovered()

    def test_a_daemon_that_has_no_room_to_begin_says_so(self):
        """A state directory of nothing, and a directory without an inode for the socket."""
        daemon = self.stage.daemon
        place = self.stage.root / "cramped"
        for size, state, control in (("size=64k", place / "state", self.stage.root / "control/other.sock"), ("nr_inodes=1", daemon.state, place / "socket")):
            with self.subTest(size):
                place.mkdir()
                subprocess.run(["mount", "-t", "tmpfs", "-o", f"{size},mode=0755", "cramped", place], check=True)
                try:
                    if size.startswith("size"):
                        with (place / "filling").open("wb") as file:
                            file.write(bytes(60 << 10))
                    else:
                        self.assertEqual(daemon.stop(), 0)
                    done = subprocess.run([daemon.program, "--state", state, "--socket", control], capture_output=True, text=True, timeout=30,
                                          stdin=subprocess.DEVNULL, cwd="/", preexec_fn=self.stage.cgroup.enter)
                    self.assertEqual(done.returncode, 1, done.stderr)
                    self.assertRegex(done.stderr, "ENOSPC|no space")
                finally:
                    subprocess.run(["umount", "--recursive", place], check=True)
                    place.rmdir()
                    if daemon.process is None:
                        daemon.start()
        self.assert_serves()
