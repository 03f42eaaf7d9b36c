"""Limits of a session: bombs that are bounded themselves, against tasks, memory and processor time; without the limit each goes off."""

import json
import os
import signal
import subprocess

from cases import StagedTests
from stage import until
from wire import Closed, Wire

TASKS, MEMORY, CPU = 24, 64, 20


class LimitTests(StagedTests):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        done = subprocess.run([cls.stage.sandboxctl, "doctor", "--json"], capture_output=True, text=True, timeout=60,
                              env=cls.stage.environment(cls.user))
        cls.observed = json.loads(done.stdout)["observed"]

    def needs(self, *controllers: str):
        for controller in controllers:
            if self.observed[f"{controller}-controller"] != "works":
                self.skipTest(f"no {controller} controller here: {self.observed[f'{controller}-controller']}")

    def greedy(self, processes: str, name: str = "greedy") -> Wire:
        """One more session; several may run beside each other."""
        text = f"sandboxd: 1\nname: {name}\ninclude: [runtime-python]\ntools: {{default: allow}}\nfiles: {{read: [{self.stage.servers}]}}\n"
        path = self.written_policy(text + f"processes: {processes}\n", f"{name}.yaml")
        command = self.wrap(path, ["/usr/bin/python3", self.stage.servers / "greedy_server.py"])
        wire = Wire(command, start=self.user.start, environment=self.stage.environment(self.user))
        self.wires.append(wire)
        self.assertIn("result", wire.begin(), wire.said())
        return wire

    def exit_of_last(self) -> dict:
        self.assert_nothing_left()
        return self.receipts("exit")[-1]["body"]

    # One bomb each

    def test_a_fork_bomb_meets_its_limit_and_its_neighbour_does_not(self):
        self.needs("tasks")
        limited, free = self.greedy(f"{{spawn: any, tasks: {TASKS}}}"), self.greedy("{spawn: any}", "free")
        self.assertEqual(free.text("fork", most=TASKS * 4), str(TASKS * 4))
        self.assertEqual(limited.text("fork", most=TASKS * 4), f"{TASKS - 1}, then errno 11", limited.said())
        # What was within the limit goes on, and so does the neighbour.
        self.assertEqual(limited.text("fork", most=TASKS - 1), str(TASKS - 1))
        self.assertEqual(free.text("fork", most=TASKS * 4), str(TASKS * 4))
        self.assertEqual(free.close(), 0)
        self.assertEqual(limited.close(), 0)
        self.assertGreaterEqual(self.exit_of_last()["limitsReached"]["tasks"], 1)

    def test_threads_are_tasks(self):
        """Without leave to fork there is nothing but threads, and one task is the server itself."""
        self.needs("tasks")
        wire = self.greedy("{tasks: 1}")
        self.assertIn("errno 1", wire.text("fork", most=1))
        self.assertEqual(wire.close(), 0)

    def test_a_memory_bomb_ends_its_session_and_no_other(self):
        self.needs("memory")
        limited, free = self.greedy(f"{{memory: {MEMORY}MiB}}"), self.greedy("{spawn: none}", "free")
        self.assertEqual(free.text("take", most=MEMORY * 3), str(MEMORY * 3))
        self.assertEqual(limited.text("take", most=MEMORY // 4), str(MEMORY // 4))
        answer = None
        try:
            answer = limited.call("take", most=MEMORY * 3)
            self.assertIn("error", answer)
        except Closed:
            pass
        self.assertEqual(limited.process.wait(20), 128 + signal.SIGKILL, limited.said())
        self.assertEqual(free.text("take", most=MEMORY * 3), str(MEMORY * 3))
        exits = until(lambda: [receipt["body"] for receipt in self.all_exits() if "limitsReached" in receipt["body"]], 10, "the receipt of the end")
        self.assertEqual(exits[-1], {"first": "server", "server": "signal 9", "gate": exits[-1]["gate"], "limitsReached": {"memory": 1},
                                     "cause": "memory limit reached (inferred)"})
        self.assertEqual(free.close(), 0)

    def test_a_child_that_takes_too_much_ends_alone(self):
        self.needs("memory")
        wire = self.greedy(f"{{spawn: any, memory: {MEMORY}MiB}}")
        self.assertEqual(wire.text("take_in_a_child", most=MEMORY // 4), "exited 0")
        self.assertEqual(wire.text("take_in_a_child", most=MEMORY * 3), "signal 9")
        self.assertEqual(wire.text("take", most=MEMORY // 4), str(MEMORY // 4))
        self.assertEqual(wire.close(), 0)
        self.assertEqual(self.exit_of_last()["limitsReached"], {"memory": 1})
        self.assertNotIn("cause", self.exit_of_last())

    def test_a_busy_server_gets_its_share_and_no_more(self):
        self.needs("cpu")
        limited, free = self.greedy(f"{{cpu: {CPU}%}}"), self.greedy("{spawn: none}", "free")
        share = int(limited.text("spin", most=1_500)) / 1_500
        unlimited = int(free.text("spin", most=1_500)) / 1_500
        self.assertLess(share, 1.6 * CPU / 100)
        # A busy machine gives the other less than the whole of a processor, and more than that.
        self.assertGreater(unlimited, 1.5 * share, "without the limit it gets more")
        self.assertEqual(free.close(), 0)
        self.assertEqual(limited.close(), 0)
        self.assertGreaterEqual(self.exit_of_last()["limitsReached"]["cpu"], 5)

    def test_no_process_may_leave_its_share_by_another_class(self):
        """Real-time processes are not bound by a share; the limit of each process forbids them."""
        self.needs("cpu")
        wire = self.greedy(f"{{cpu: {CPU}%}}")
        self.assertEqual(wire.text("real_time"), "errno 1")
        self.assertEqual(wire.close(), 0)

    # What holds them

    def test_all_three_at_once_and_nothing_is_left(self):
        self.needs("tasks", "memory", "cpu")
        wire = self.greedy(f"{{spawn: any, tasks: {TASKS}, memory: {MEMORY}MiB, cpu: {CPU}%}}")
        self.assertEqual(wire.text("fork", most=TASKS * 4), f"{TASKS - 1}, then errno 11", wire.said())
        self.assertEqual(wire.text("take_in_a_child", most=MEMORY * 3), "signal 9")
        self.assertEqual(wire.close(), 0)
        reached = self.exit_of_last()["limitsReached"]
        launch = self.receipts("launch")[-1]["body"]
        self.assertEqual(launch["selfTest"]["untried"], [f"beyond the limit of {what}" for what in ("tasks", "memory", "cpu")])
        self.assertGreaterEqual(reached["tasks"], 1)
        self.assertEqual(reached["memory"], 1)

    def test_they_hold_while_the_daemon_is_away_and_the_next_one_takes_them_down(self):
        self.needs("tasks", "memory")
        wire = self.greedy(f"{{spawn: any, tasks: {TASKS}, memory: {MEMORY}MiB}}")
        self.kill_daemon()
        self.assertEqual(wire.text("fork", most=TASKS * 4), f"{TASKS - 1}, then errno 11", wire.said())
        self.stage.daemon.start()
        self.assertEqual(wire.text("fork", most=TASKS * 4), f"{TASKS - 1}, then errno 11", wire.said())
        self.assertEqual(wire.close(), 0)
        # A new daemon has fewer descriptors until its first session; whose they are is not asked here.
        self.before = self.before[0], self.before[1], self.stage.daemon.descriptors() + 4
        self.assertGreaterEqual(self.exit_of_last()["limitsReached"]["tasks"], 2)

    def test_what_a_dead_session_left_is_collected_at_the_start(self):
        self.needs("tasks", "memory", "cpu")
        wire = self.greedy(f"{{spawn: any, tasks: {TASKS}, memory: {MEMORY}MiB, cpu: {CPU}%}}")
        self.kill_daemon()
        for directory in self.stage.cgroup.directory.glob("sandboxd.*"):
            (directory / "cgroup.kill").write_text("1")
        wire.process.wait(20)
        until(lambda: not self.stage.own_processes(), 10, "the end of all processes")
        self.assertTrue(self.stage.cgroup.below() - self.before[0], "its cgroups are still there")
        self.start_daemon()
        self.before = self.before[0], self.before[1], self.stage.daemon.descriptors()
        self.assert_nothing_left()

    def test_a_limit_too_small_to_start_with_starts_nothing(self):
        self.needs("memory")
        path = self.written_policy("sandboxd: 1\nname: small\ninclude: [runtime-python]\nprocesses: {memory: 4KiB}\n", "small.yaml")
        wire = self.wire(self.wrap(path, ["/usr/bin/python3", "-c", "print('ran')"]))
        try:
            self.assertIn("error", wire.begin(60))
        except Closed:
            pass  # the gate had read the request already
        self.assertEqual(wire.close(), 125, wire.said())
        self.assertIn("step `self-test` failed", wire.said())

    # Helpers

    def kill_daemon(self):
        os.kill(self.stage.daemon.process.pid, signal.SIGKILL)
        self.stage.daemon.process.wait(20)
        self.stage.daemon.process = None

    def all_exits(self) -> list[dict]:
        done = subprocess.run([self.stage.sandboxctl, "receipts", "show", "--json", self.stage.root / "state/evidence"], capture_output=True, text=True,
                              timeout=60)
        return [receipt for line in done.stdout.splitlines() if (receipt := json.loads(line))["kind"] == "exit"]
