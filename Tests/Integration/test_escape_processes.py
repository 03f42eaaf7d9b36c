"""Programs, processes of its own, and processes of others."""

import errno
import os

from attempts import Attempt, topic
from escape_tests import EscapeTests, harmed, marked, nonce, succeeded, told
from stage import processes, until


def without_mark(ground: EscapeTests):
    (ground.area / "written/mark").unlink(missing_ok=True)


def has_mark(ground: EscapeTests, _: dict) -> bool:
    return (ground.area / "written/mark").exists()


PROGRAMS = topic(
    "executing programs",
    *(Attempt(f"{act} {{program}} {{area}}/written/mark {{nonce}}", marked) for act in ("exec", "exec-descriptor", "exec-memory", "spawn")),
    Attempt("exec-loader /lib64/ld-linux-x86-64.so.2 /usr/bin/touch {area}/written/mark", has_mark, absent="no such loader here"),
    prepare=without_mark,
)
PROCESSES = topic(
    "making processes",
    *(Attempt(f"{act} {{area}}/written/mark {{nonce}}", marked) for act in ("fork", "clone", "clone3")),
    prepare=without_mark,
)
OTHERS = topic(
    "other processes",
    Attempt("signal {target}", harmed),
    Attempt("signal-descriptor {target}", harmed),
    Attempt("trace {target}", succeeded),
    Attempt("read-memory {target} {address}", told),
    Attempt("take-descriptor {target} 1", succeeded),
    Attempt("read-environment {target}", told),
)


class ProcessTests(EscapeTests):
    def test_nothing_is_executed_again(self):
        self.try_all(PROGRAMS)

    def test_no_process_is_made(self):
        self.try_all(PROCESSES)

    def test_threads_are(self):
        for custody in ("caller", "session", "private"):
            with self.subTest(custody=custody):
                self.assertEqual(self.act_held("thread", custody=custody)["errno"], 0)

    def test_processes_outside_are_out_of_reach(self):
        self.try_all(OTHERS)

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
