"""Programs, processes of its own, and processes of others."""

import errno
import os
import re
from pathlib import Path

from attempts import Attempt, topic
from effects import NO_ENTRY, arrived, fresh_files, harmed, marked, succeeded, told
from escape_cast import nonce
from escape_tests import EscapeTests
from stage import processes, until


def has_mark(ground: EscapeTests, _: dict) -> bool:
    return (ground.area / "written/mark").exists()


MARK, MARKING = "{area}/written/mark {nonce}", "{program} {area}/written/mark {nonce}"
PROGRAMS = topic(
    "executing programs",
    *(Attempt(f"{act} {MARKING}", marked)
      for act in ("exec", "exec-descriptor", "exec-high-bit", "exec-itself", "exec-memory", "exec-memory-path", "exec-thread", "exec-answered",
                  "spawn", "spawn-shared")),
    Attempt(f"exec-copy {MARKING} {{area}}/written/copy", marked),
    Attempt(f"exec-script {MARK} {{area}}/written/script", marked),
    Attempt("exec-loader /lib64/ld-linux-x86-64.so.2 /usr/bin/touch {area}/written/mark", has_mark, absent="no such loader here"),
    *(Attempt(act, succeeded) for act in ("filter-listener", "filter-listener-high-bit", "filter-listener-flags")),
    prepare=fresh_files,
)
PROCESSES = topic(
    "making processes",
    *(Attempt(f"{act} {MARK}", marked)
      for act in ("fork", "vfork", "clone", "clone-high-bit", "clone-thread-high-bit", "clone-files", "clone-untraced", "clone3")),
    *(Attempt(f"{act} {MARK}", marked, absent=NO_ENTRY, may_kill=True) for act in ("fork-int80", "fork-x32")),
    prepare=fresh_files,
)
PRIVILEGES = topic(
    "privileges",
    *(Attempt(act, succeeded, control="root") for act in ("become 1", "leave-group", "raise-capability")),
)


def says_anything(_: EscapeTests, answer: dict) -> bool:
    return answer["errno"] == 0 and bool(answer["said"].strip())


def scheduled(ground: EscapeTests, answer: dict) -> bool:
    return answer["errno"] == 0 and (not ground.victim or os.sched_getscheduler(ground.victim.pid) == os.SCHED_BATCH)


def limited(ground: EscapeTests, answer: dict) -> bool:
    def has_limit() -> bool:
        return bool(re.search(r"Max open files\s+64 ", Path(f"/proc/{ground.victim.pid}/limits").read_text()))

    return answer["errno"] == 0 and (not ground.victim or has_limit())


def slowed(ground: EscapeTests, answer: dict) -> bool:
    return answer["errno"] == 0 and (not ground.victim or os.getpriority(os.PRIO_PROCESS, ground.victim.pid) == 19)


def blamed(ground: EscapeTests, answer: dict) -> bool:
    return answer["errno"] == 0 and (not ground.victim or Path(f"/proc/{ground.victim.pid}/oom_score_adj").read_text() == "1000\n")


SIGNALS = topic(
    "signals",
    *(Attempt(f"{act} {{target}}", harmed)
      for act in ("signal", "signal-thread", "signal-old", "signal-group", "signal-high-bit", "signal-queued", "signal-descriptor", "signal-owner")),
)
OTHERS = topic(
    "other processes",
    Attempt("trace {target}", succeeded),
    Attempt("trace-old {target}", succeeded),
    *(Attempt(f"{act} {{target}} {{address}}", told) for act in ("read-memory", "read-memory-file")),
    *(Attempt(f"{act} {{target}} {{address}}", succeeded) for act in ("write-memory", "write-memory-file")),
    Attempt("advise-other {target} {address}", succeeded, control="root", absent="this kernel has no process_madvise"),
    *(Attempt(f"{act} {{target}}", told) for act in ("read-environment", "read-command")),
    *(Attempt(f"{act} {{target}}", succeeded) for act in ("read-map", "read-robust-list", "compare-descriptors")),
    Attempt("take-descriptor {target} 1", succeeded),
    Attempt("take-and-send {target} {nonce}", arrived),
    Attempt("open-descriptor {target} 4", succeeded),
    Attempt("blame {target}", blamed),
)
LIMITS = topic(
    "limits and priorities of others",
    *(Attempt(f"{act} {{target}}", limited) for act in ("limit-other", "limit-other-high-bit")),
    Attempt("read-limit {target}", succeeded),
    *(Attempt(f"{act} {{target}}", scheduled) for act in ("schedule-other", "schedule-other-high-bit", "schedule-other-newer")),
    *(Attempt(f"{act} {{target}}", succeeded) for act in ("schedule-other-parameters", "place-other", "slow-input-other")),
    Attempt("move-pages-other {target}", succeeded, absent="this kernel does not move memory"),
    *(Attempt(f"{act} {{target}}", slowed) for act in ("slow-other", "slow-group")),
)


def alone(ground: EscapeTests):
    """It stops at the first process that is not of its kind, as a private daemon's in a namespace are."""
    ground.end_sessions()
    until(lambda: not ground.user.processes(), 10, "the last process of the user")


# Only with a uid that others have, too: one of the session's own has nobody else.
USERS = topic(
    "limits and priorities of a user",
    *(Attempt(f"{act} {{target}}", slowed) for act in ("slow-user", "slow-user-high-bit")),
    Attempt("slow-input-user", succeeded, prepare=alone, absent="zero is taken for the uid of root, whose processes are there"),
    custodies=("caller", "private"),
)
SIBLINGS = topic(
    "sessions beside it, and who keeps it",
    *(Attempt(words, effect, target=target) for target in ("sibling", "gate", "keeper", "wrap", "daemon") for words, effect in (
        ("signal {target}", harmed), ("signal-descriptor {target}", harmed), ("trace {target}", succeeded), ("read-environment {target}", succeeded),
        ("read-command {target}", says_anything), ("take-descriptor {target} 1", succeeded), ("list /proc/{target}/fd", says_anything),
        ("limit-other {target}", limited), ("slow-other {target}", slowed))),
)


class ProcessTests(EscapeTests):
    def test_nothing_is_executed_again(self):
        self.try_all(PROGRAMS)

    def test_no_process_is_made(self):
        self.try_all(PROCESSES)

    def test_threads_are(self):
        for custody in self.custodies():
            with self.subTest(custody=custody):
                self.assertEqual(self.act_held("thread", custody=custody)["errno"], 0)

    def test_no_privilege_is_had(self):
        self.try_all(PRIVILEGES)

    def test_signals(self):
        self.try_all(SIGNALS)

    def test_processes_outside_are_out_of_reach(self):
        self.try_all(OTHERS)

    def test_limits_of_others(self):
        self.try_all(LIMITS)

    def test_priorities_of_a_user(self):
        self.try_all(USERS)
        self.end_sessions()  # which the controls made slow

    def test_sessions_beside_it_and_who_keeps_it(self):
        self.try_all(SIBLINGS)
        for custody in self.custodies():
            for which in ("", "-sibling"):
                with self.subTest(custody=custody, which=which):
                    self.assertEqual(self.act(self.held(custody, which).wire, "pair")["errno"], 0)
        self.assertIsNone(self.stage.daemon.process.poll())

    def test_children_may_be_made_and_execute_nothing(self):
        with self.wrapped("session-user") as wire:
            mark = self.area / "outside/mark"
            self.assertEqual(self.act(wire, "fork", mark, nonce())["errno"], errno.EACCES, "the child ran, and could not write")
            self.assertEqual(self.act(wire, "spawn", self.program, mark, nonce())["errno"], errno.ENOSYS)
            self.assertEqual(self.act(wire, "exec", self.program, mark, nonce())["errno"], errno.ENOSYS)
            self.assertNotEqual(self.act(wire, "clone3", mark, nonce())["errno"], 0)
            self.assertFalse(mark.exists())

    def test_children_end_with_the_session(self):
        self.end_sessions()
        for way in ("close", "kill"):
            with self.subTest(way=way), self.wrapped("session-user") as wire:
                for _ in range(5):
                    self.assertEqual(self.act(wire, "linger")["errno"], 0)
                lingering = [process for process in processes() if process.executable == str(self.program) and process.uid != self.user.uid]
                self.assertEqual(len(lingering), 6, "the server and its children")
                if way == "close":
                    wire.close()
                else:
                    wire.process.kill()
                until(lambda: not any(os.path.exists(f"/proc/{process.pid}") for process in lingering), 10, "the end of the children")
