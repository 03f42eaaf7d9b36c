"""The receipt of a launch tells what was started and for whom, and no secret."""

import hashlib
import json
import os
import shutil
import subprocess
import time
from pathlib import Path

from cases import StagedTests
from stage import required

PYTHON = "/usr/bin/python3"


def observed(path) -> dict:
    """What a receipt says of a file that was read."""
    content = Path(path).read_bytes()
    return {"claim": "observed", "path": os.path.realpath(path), "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}


def start_of(process: int | str) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[19])


class LaunchReceiptTests(StagedTests):
    def launched(self, command, policy="raw", options=(), **environment) -> dict:
        """The body of the receipt of one session, in which the server served."""
        inputs = {"programs": self.stage.servers} if policy == "raw" else {}
        wire = self.wire(self.wrap(policy, command, inputs, options), environment=self.stage.environment(self.user, **environment))
        self.assertIn("result", wire.begin(), wire.said())
        self.seen = wire.process.pid, start_of(wire.process.pid)
        wire.close()
        self.assert_nothing_left()
        return self.receipts("launch")[-1]["body"]

    def test_an_interpreter_and_its_script(self):
        server = self.stage.servers / "raw_server.py"
        body = self.launched([PYTHON, "-B", server])
        self.assertEqual(body["executable"], observed(PYTHON))
        self.assertEqual(body["script"], observed(server))
        self.assertEqual((body["command"], body["argv"], body["arguments"]), (PYTHON, [PYTHON, "-B", str(server)], 2))
        # A second one is told from what is known, and says the same.
        again = self.launched([PYTHON, "-B", server])
        self.assertEqual((again["executable"], again["script"]), (body["executable"], body["script"]))
        known = json.loads((self.stage.root / "state/file-digests").read_text())["files"]
        self.assertIn(observed(PYTHON)["sha256"], [one["sha256"] for one in known])

    def test_a_script_that_is_changed_is_read_anew(self):
        server = self.stage.servers / "changed_server.py"
        self.addCleanup(server.unlink)
        whole = (self.stage.servers / "raw_server.py").read_bytes()
        for line in (b"# one\n", b"# two\n"):
            server.write_bytes(whole + line)
            server.chmod(0o644)
            self.assertEqual(self.launched([PYTHON, server])["script"], observed(server))

    def test_a_script_that_names_its_interpreter(self):
        server = self.stage.servers / "named_server"
        self.addCleanup(server.unlink)
        server.write_bytes(f"#!{PYTHON} -B\n".encode() + (self.stage.servers / "raw_server.py").read_bytes())
        server.chmod(0o755)
        body = self.launched([server])
        self.assertEqual(body["executable"], observed(PYTHON))
        self.assertEqual(body["script"], observed(server))

    def test_what_is_no_script_is_absent(self):
        body = self.launched([PYTHON, "-c", f"exec(open({str(self.stage.servers / 'raw_server.py')!r}).read())"])
        self.assertEqual(body["executable"], observed(PYTHON))
        self.assertEqual(body["script"], {"claim": "absent", "reason": "the interpreter is given no file"})

    def test_the_client_as_it_was_seen(self):
        server = self.stage.servers / "raw_server.py"
        bodies = [self.launched([PYTHON, server])["client"] for _ in range(2)]
        for client in bodies:
            self.assertEqual((client["claim"], client["uid"]), ("observed", self.user.uid))
            self.assertEqual(client["executable"], os.path.realpath(self.stage.sandboxctl))
            self.assertIn(client["bound"], ("when it connected", "when it was looked at"))
            self.assertEqual(client["boot"], Path("/proc/sys/kernel/random/boot_id").read_text().strip())
            parent = client["parent"]
            self.assertEqual((parent["pid"], parent["start"]), (os.getpid(), start_of("self")), "by which sessions of one client are joined")
            self.assertEqual((parent["uid"], parent["executable"]), (os.getuid(), os.path.realpath("/proc/self/exe")))
            own = [line.split(":", 2)[2] for line in Path("/proc/self/cgroup").read_text().splitlines() if line.startswith("0::")]
            self.assertEqual([parent["cgroup"]], own)
        self.assertEqual((bodies[-1]["pid"], bodies[-1]["start"]), self.seen)
        self.assertNotEqual((bodies[0]["pid"], bodies[0]["start"]), (bodies[1]["pid"], bodies[1]["start"]))

    def test_no_secret_is_written(self):
        server = self.stage.servers / "raw_server.py"
        canaries = ["canary-1-tulip", "ghp_canary2canary2canary2canary2", "canary-3-tulip", "canary-4-tulip", "canary-5-tulip"]
        policy = self.written_policy(
            self.policy("raw").read_text().replace("name: raw", "name: written")
            + "server: {env: {pass: [PASSED], secret: {API_KEY: {from: env}}}}\n")
        command = [PYTHON, server, "--token", canaries[0], canaries[1], f"--db-password={canaries[2]}"]
        wire = self.wire(self.wrap(policy, command, {"programs": self.stage.servers}),
                         environment=self.stage.environment(self.user, API_KEY=canaries[3], PASSED=canaries[4]))
        self.assertIn("result", wire.begin(), wire.said())
        self.assertEqual(wire.text("misbehave", how="none", canary="canary-6-tulip"), "none")
        self.assertIn("isError", str(wire.call("forbidden", canary="canary-6-tulip")))
        wire.close()
        self.assert_nothing_left()
        body = self.receipts("launch")[-1]["body"]
        self.assertEqual(body["argv"], [PYTHON, str(server), "--token", "[masked]", "[masked]", "--db-password=[masked]"])
        self.assertEqual(body["argvMasked"], 3)
        self.assertTrue({"API_KEY", "PASSED", "PATH", "HOME"} <= set(body["environment"]), body["environment"])
        state = self.stage.root / "state"
        files = [path for path in state.rglob("*") if path.is_file() and not path.is_relative_to(state / "bpf")]
        self.assertTrue(any(b"argvMasked" in path.read_bytes() for path in files), "the search finds what is there")
        for path in files:
            content = path.read_bytes()
            for canary in [*canaries, "canary-6-tulip"]:
                self.assertNotIn(canary.encode(), content, path)
                self.assertNotIn(canary.encode().hex().encode(), content, path)
        for canary in canaries:
            self.assertNotIn(canary, self.stage.daemon.said())


class ReplacedProgramTests(StagedTests):
    """With a daemon that stops at each step until it is let go: what it started from was changed meanwhile."""

    @classmethod
    def start_daemon(cls):
        cls.stage.install(required("SANDBOXD_BIN") / "faulty-sandboxd", "sandboxd")
        super().start_daemon()

    def launch(self, program: Path, change, policy="raw") -> subprocess.CompletedProcess:
        """Launches it, and calls `change` while the daemon is about to record that it starts."""
        steps, faults = self.stage.programs / "steps", self.stage.programs / "faults"
        steps.write_text("")
        os.mkfifo(faults)
        changed = False
        wrap = self.user.start(self.wrap(policy, [program], {"programs": self.stage.servers}), self.stage.environment(self.user), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True)
        try:
            while not changed and wrap.poll() is None:
                try:
                    held = os.open(faults, os.O_WRONLY | os.O_NONBLOCK)  # there is nobody unless the daemon waits
                except OSError:
                    time.sleep(0.0005)
                    continue
                try:
                    if steps.read_text().count("record-launch ") == 1:
                        change(program)
                        changed = True
                finally:
                    os.close(held)
        finally:
            # Whoever waits still is let go, and who comes later finds a file that says nothing.
            both = os.open(faults, os.O_RDWR)
            os.replace(self.nothing(), faults)
            os.close(both)
        try:
            said = wrap.communicate(timeout=20)[1]
            self.assertTrue(changed, said)
            return subprocess.CompletedProcess(wrap.args, wrap.returncode, None, said)
        finally:
            wrap.kill()
            wrap.wait()
            faults.unlink(missing_ok=True)
            steps.unlink(missing_ok=True)

    def nothing(self) -> Path:
        path = self.stage.programs / "no-faults"
        path.write_text("")
        return path

    def program(self) -> Path:
        path = self.stage.programs / "changing"
        shutil.copy("/bin/cat", path)
        path.chmod(0o755)
        self.addCleanup(path.unlink, missing_ok=True)
        return path

    def test_a_program_that_was_changed_does_not_serve(self):
        done = self.launch(self.program(), lambda program: program.write_bytes(program.read_bytes() + b"\0"))
        self.assertEqual(done.returncode, 125, done.stderr)
        self.assertIn("changed while the session started", done.stderr)
        self.assert_nothing_left()
        bodies = [receipt["body"] for receipt in self.receipts("launch")]
        self.assertEqual([body["outcome"] for body in bodies], ["released", "failed"])

    def test_nor_does_it_where_others_may_be_executed(self):
        """Written anew, or another file in the place of the one that was read: what may be executed besides is no excuse."""
        def replace(program: Path):
            other = program.with_name("other")
            shutil.copy("/bin/cat", other)
            other.rename(program)

        for name, change in {"written": lambda program: program.write_bytes(program.read_bytes() + b"\0"), "replaced": replace}.items():
            with self.subTest(name=name):
                done = self.launch(self.program(), change, self.executing())
                self.assertEqual(done.returncode, 125, done.stderr)
                # Of what was replaced nothing may be executed at all.
                self.assertRegex(done.stderr, "changed while the session started|server: execve")
                self.assert_nothing_left()

    def test_a_program_that_was_not_changed_serves(self):
        for name, policy in {"once": "raw", "executing": self.executing()}.items():
            with self.subTest(name=name):
                done = self.launch(self.program(), lambda program: program.read_bytes(), policy)
                self.assertIn("sandboxctl: session ", done.stderr)

    def executing(self) -> Path:
        text = self.policy("raw").read_text().replace('read: ["${programs}"]', 'read: ["${programs}", /usr/bin/true]\n  execute: [/usr/bin/true]')
        return self.written_policy(text, "executing.yaml")
        self.assertNotIn("not launched", done.stderr)
        self.assertEqual([receipt["body"]["outcome"] for receipt in self.receipts("launch")], ["released"])
