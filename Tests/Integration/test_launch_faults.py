"""A launch that breaks off half-way gives back all that it had begun, and hinders nobody else."""

import os
import signal
import subprocess
import time

from cases import StagedTests, is_long
from hanging_files import HangingFiles
from stage import until

# Holds as many connections as it gets, up to a bound, until its stdin ends.
CROWD = """\
import resource, socket, sys, time
resource.setrlimit(resource.RLIMIT_NOFILE, (2000, 2000))
held = []
for _ in range(1200):
    connection = socket.socket(socket.AF_UNIX)
    connection.setblocking(False)
    for _ in range(100):
        try:
            connection.connect(sys.argv[1])
            held.append(connection)
            break
        except BlockingIOError:  # the backlog is full
            time.sleep(0.005)
print(len(held), flush=True)
sys.stdin.read()
"""

POLICY = """\
sandboxd: 1
name: written
include: [runtime-python]
tools: {rules: [{id: one, tools: [misbehave], effect: allow}]}
files: {read: [DIRECTORY]}
"""


class LaunchFaultTests(StagedTests):
    def works(self):
        """A session comes off: the positive control of every fault."""
        wire = self.wire(self.wrap("raw", ["/usr/bin/python3", self.stage.servers / "raw_server.py"], {"programs": self.stage.servers}))
        self.assertIn("result", wire.begin(), wire.said())
        self.end_wires()

    def test_a_launch_that_fails_before_its_keeper_is_taken_down(self):
        """The spools cannot be written: the scope exists by then, and no process that would tell of its end."""
        self.works()
        self.assert_nothing_left()
        spools = self.stage.root / "state/spools"
        spools.rename(self.stage.root / "state/away")
        try:
            wire = self.wire(self.wrap("echo", ["/bin/true"]))
            answer = wire.begin()
            self.assertIn("error", answer)
            self.assertEqual(wire.close(), 125, wire.said())
            self.assert_nothing_left()
        finally:
            (self.stage.root / "state/away").rename(spools)
        self.works()

    def test_a_path_that_nobody_answers_for_hinders_no_other_session(self):
        """The finder cannot be killed while a file system owes it an answer."""
        self.works()
        directory = self.user.home / "hanging"
        directory.mkdir()
        files = HangingFiles(directory, self.user.uid, self.user.gid)
        hung = None
        try:
            policy = self.written_policy(POLICY.replace("DIRECTORY", f"{directory}/below"), "hanging.yaml")
            hung = self.user.start(self.wrap(policy, ["/bin/true"]), self.stage.environment(self.user), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.assertTrue(files.asked.wait(10), "the finder asks the file system")
            os.killpg(hung.pid, signal.SIGKILL)
            hung.wait()
            self.works()
        finally:
            files.close()
            if hung is not None and hung.poll() is None:
                os.killpg(hung.pid, signal.SIGKILL)
                hung.wait()

    def test_a_finder_that_ended_while_it_waited_is_not_asked(self):
        """Nor is one asked twice: each launch has its own, which is nobody's before."""
        daemon = self.stage.daemon
        for _ in range(3):
            until(daemon.waiting_finders, 10, "a finder that waits")
            waiting = daemon.waiting_finders()
            self.assertEqual(len(waiting), 1, waiting)
            waiting[0].kill()
            self.works()
        until(daemon.waiting_finders, 10, "a finder that waits")
        waiting = daemon.waiting_finders()[0].pid
        self.works()
        until(daemon.waiting_finders, 10, "the next finder")
        self.assertNotEqual(daemon.waiting_finders()[0].pid, waiting)
        self.assert_nothing_left()

    def test_one_user_cannot_take_all_connections(self):
        self.works()
        other = self.stage.user("crowd")
        crowd = other.start(["/usr/bin/python3", "-c", CROWD, self.stage.daemon.socket], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            self.assertGreater(int(crowd.stdout.readline()), 1000, "the crowd is in")
            self.works()
        finally:
            crowd.stdin.close()
            crowd.wait(20)
            crowd.stdout.close()

    def test_sandboxd_killed_at_any_time_of_a_launch_leaves_nothing_to_its_successor(self):
        """Killed later and later; the next daemon adopts what runs and takes down what does not."""
        daemon = self.stage.daemon
        policy = self.written_policy(self.policy("raw").read_text() + "server: {user: session}\negress: {tcp: [\"192.0.2.1:9\"]}\n")
        command = self.wrap(policy, ["/usr/bin/python3", self.stage.servers / "raw_server.py"], {"programs": self.stage.servers})
        self.works()
        for milliseconds in range(0, 120, 1 if is_long() else 4):
            with self.subTest(milliseconds=milliseconds):
                wrap = self.user.start(command, self.stage.environment(self.user), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
                time.sleep(milliseconds / 1000)  # the variable of this test
                daemon.process.kill()
                daemon.process.wait(20)
                daemon.start()
                wrap.stdin.close()
                wrap.wait(30)
                self.before = self.before[0], self.before[1], 1 << 20
                self.assert_nothing_left()
        self.evidence_verifies()
