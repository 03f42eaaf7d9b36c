"""Many launches, one after the other, leave nothing behind: 300, or 10,000 with --long.  What there was before and after is printed."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bpf_objects import objects
from cases import StagedTests, is_long
from stage import until

LAUNCHES, WARM_UP = (10_000, 300) if is_long() else (300, 60)
AT_ONCE = 4
# No other policy of these tests has as many; their objects are told from those of others by it.
ENDPOINTS = 37
# Room for twice as many as there are at once: a uid that is not given back is missed soon.
USERS = f"100000-{100_000 + 4 * 2 * AT_ONCE - 1}"

POLICY = f"""\
sandboxd: 1
name: launched-often
server: {{user: session}}
tools: {{rules: [{{id: one, tools: [misbehave], effect: allow}}]}}
egress: {{tcp: [{", ".join(f'"192.0.2.{number}:9"' for number in range(1, ENDPOINTS + 1))}]}}
files: {{read: [/usr/lib, /etc/ld.so.cache]}}
"""

# Of the daemon, in KiB; what its log and its heap may grow by, whatever the number of launches.
MEMORY_GROWTH = 4_096


class LaunchesTests(StagedTests):
    @classmethod
    def start_daemon(cls):
        cls.stage.daemon.options = ["--users", USERS]
        super().start_daemon()

    def launch(self, _) -> int:
        return subprocess.run(list(map(str, self.command)), env=self.stage.environment(self.user), cwd=self.user.home, user=self.user.uid,
                              group=self.user.gid, extra_groups=[], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).returncode

    def many(self, count: int):
        with ThreadPoolExecutor(AT_ONCE) as pool:
            ends = list(pool.map(self.launch, range(count)))
        # A server that ends at once ends before its gate, or with it.
        self.assertEqual([end for end in ends if end not in (0, 137)], [])
        until(lambda: not self.files_of_sessions(), 10, f"the end of {self.files_of_sessions()}")
        # The kernel takes maps and programs apart some time after nobody has them any more.
        until(lambda: not any(objects(ENDPOINTS).values()), 10, "the end of what the kernel held")
        self.assert_nothing_left()

    def there_is(self) -> dict:
        daemon = self.stage.daemon
        memory = dict(line.split(":", 1) for line in Path(f"/proc/{daemon.process.pid}/smaps_rollup").read_text().splitlines()[1:])
        private = sum(int(memory[name].split()[0]) for name in ("Private_Clean", "Private_Dirty"))
        return {"descriptors of sandboxd": daemon.descriptors(), "pins": len(self.stage.pins()), "cgroups": len(self.stage.cgroup.below()),
                **objects(ENDPOINTS), "files of sessions": len(self.files_of_sessions()), "processes": len(self.stage.own_processes()),
                "KiB resident": int(memory["Rss"].split()[0]), "KiB private": private}

    def test_launches_leave_nothing_behind(self):
        policy = self.written_policy(POLICY)
        raw = self.written_policy(POLICY.replace("/usr/lib,", f"/usr/lib, {self.stage.servers},").replace("launched-often", "held")
                                  + "include: [runtime-python]\n", "held.yaml")
        wire = self.wire(self.wrap(raw, ["/usr/bin/python3", self.stage.servers / "raw_server.py"]))
        self.assertIn("result", wire.begin(), wire.said())
        self.assertGreater(min(objects(ENDPOINTS).values()), 0, "a session's objects are found")
        self.end_wires()
        self.command = self.wrap(policy, ["/bin/true"])
        self.many(WARM_UP)
        before = self.there_is()
        self.many(LAUNCHES)
        after = self.there_is()
        for what in before:
            print(f"    {what:<24} {before[what]:>8,} before, {after[what]:>8,} after {LAUNCHES:,} launches")
        for what in before.keys() - {"KiB resident", "KiB private"}:
            self.assertEqual(after[what], before[what], what)
        for what in ("maps", "programs", "links", "files of sessions", "processes"):
            self.assertEqual(after[what], 0, what)
        self.assertLess(after["KiB private"] - before["KiB private"], MEMORY_GROWTH)
        self.evidence_verifies()
