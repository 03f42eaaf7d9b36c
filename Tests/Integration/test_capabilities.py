"""The capabilities of sandboxd's unit are what it takes, and each of them is needed."""

import json
import re
import socket
import subprocess
from contextlib import suppress

from act_tests import ActTests
from stage import PROJECT, until
from wire import Closed


def listed() -> list[str]:
    """As the unit has them, without the prefix."""
    unit = (PROJECT / "systemd/sandboxd.service").read_text()
    (line,) = re.findall(r"^CapabilityBoundingSet=(.+)$", unit, re.MULTILINE)
    return [word.removeprefix("CAP_").lower() for word in line.split()]


class Missing(Exception):
    """What does not work without a capability."""


class CapabilityTests(ActTests):
    # Only of use, and only tried, where the kernel's audit log is on already.
    AUDIT = {"audit_read", "audit_control"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A tree that holds no other sockets holds no libraries either.
        cls.static = cls.stage.root / "static-prober"
        subprocess.run(["cc", "-static", "-O1", "-o", cls.static, *sorted((PROJECT / "Sources/sandbox-prober").glob("*.c"))], check=True)

    def tearDown(self):
        self.with_capabilities(None)
        self.before = self.before[0], self.before[1], 1 << 20  # descriptors of another process
        super().tearDown()

    def with_capabilities(self, names: list[str] | None):
        """The daemon, started anew with these and no others."""
        daemon = self.stage.daemon
        if daemon.process is not None and daemon.process.poll() is None:
            daemon.stop()
        daemon.process = None
        daemon.through = [] if names is None else ["setpriv", f"--bounding-set=-all,{','.join(f'+{name}' for name in names)}", "--inh-caps=-all",
                                                   "--no-new-privs"]
        daemon.start()

    def observed(self) -> dict:
        done = self.user.run([self.stage.sandboxctl, "doctor", "--json"], environment=self.stage.environment(self.user))
        if done.returncode != 0:
            raise Missing(f"doctor: {done.stderr}")
        return json.loads(done.stdout)["observed"]

    def launched(self, text: str, program=None):
        wire = self.wire(self.wrap(self.clauses(text), [program or self.program]))
        try:
            welcome = wire.begin()
        except Closed:
            welcome = {}
        if "result" not in welcome:
            raise Missing(next((line for line in wire.said().splitlines() if "error" in line), "the launch"))
        return wire

    def everything(self):
        """What a daemon does, once; `Missing` when it cannot."""
        self.with_user_of_its_own()
        self.with_trials()
        self.with_a_socket_by_path()
        self.adopted_and_killed()

    def with_user_of_its_own(self):
        """A home, a lent project, limits, mounts."""
        project = self.area / "lent"
        if not project.exists():
            self.own(project)
            project.chmod(0o700)
        wire = self.launched(f'server: {{user: session}}\nfiles: {{read: ["${{server}}"], write: ["{project}"], tmp: private, proc: session}}\n'
                             f'egress: {{tcp: ["127.0.0.1:9"]}}\nprocesses: {{spawn: any, tasks: 16, memory: 64MiB, cpu: 50%}}')
        made = self.act(wire, "create", project / "made", "x")
        if made["errno"] != 0:
            raise Missing(f"a lent project: {made}")
        (project / "made").unlink()
        if wire.close() != 0:
            raise Missing("its end")

    def with_trials(self):
        """All that a self-test can try is tried."""
        self.launched('ingress: {tcp: ["127.0.0.1:9100"]}\negress: {tcp: ["127.0.0.1:9"]}\nfiles: {read: ["${server}"]}').close()
        until(lambda: not self.stage.own_processes(), 10, "the end of the session")
        untried = self.receipts("launch")[0]["body"]["selfTest"]["untried"]
        if untried:
            raise Missing(f"untried: {untried}")

    def with_a_socket_by_path(self):
        """Connecting by a path, in a tree of the session's own."""
        named = self.area / "named"
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(named))
            try:
                named.chmod(0o666)
                listening.listen(4)
                wire = self.launched(f'egress: {{unix: ["{named}"]}}', self.static)
                if self.act(wire, "unix-stream", named, "x")["errno"] != 0:
                    raise Missing("a socket by its path")
                wire.close()
            finally:
                named.unlink()

    def adopted_and_killed(self):
        """A session that is taken over, whose keeper is killed then: all of it ends."""
        wire = self.launched('server: {user: session}\nfiles: {read: ["${server}"]}')
        daemon = self.stage.daemon
        daemon.process.kill()
        daemon.process.wait(20)
        daemon.start()
        if self.act(wire, "credentials")["errno"] != 0:
            raise Missing("an adopted session")
        for process in self.stage.own_processes():
            if process.executable.endswith("/sandbox-keeper"):
                process.kill()
        with suppress(Closed):
            wire.process.wait(20)
        until(lambda: not self.stage.own_processes(), 10, "the end of the session")

    def test_the_list_of_the_unit_is_enough_and_each_of_it_is_needed(self):
        self.full_profile = self.observed()
        names = listed()
        self.assertEqual(len(set(names)), len(names))
        self.with_capabilities(names)
        self.assertEqual(self.observed(), self.full_profile)
        self.everything()
        found = {}
        for name in names:
            if name in self.AUDIT and self.full_profile["audit-log"] != "works":
                continue
            found[name] = self.lacking([other for other in names if other != name])
            print(f"         without {name}: {found[name]}", flush=True)
        self.assertEqual([name for name, what in found.items() if what is None], [], "nothing needs these")

    def lacking(self, names: list[str]) -> str | None:
        """The first thing that does not work with these."""
        try:
            self.with_capabilities(names)
            differences = {name: said for name, said in self.observed().items() if said != self.full_profile[name]}
            if differences:
                return f"{differences}"
            self.everything()
        except (Missing, RuntimeError, TimeoutError, AssertionError) as problem:
            return str(problem).strip().splitlines()[-1][:160]
        finally:
            self.end_wires()
        return None
