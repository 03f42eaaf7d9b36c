"""The key that signs the log: exchanged while sandboxd runs, or handed over by the service manager."""

import os
import subprocess
import tempfile
from pathlib import Path

from cases import StagedTests
from stage import required


class LogKeyTests(StagedTests):
    @property
    def log(self) -> Path:
        return self.stage.root / "state/evidence"

    def receipts_command(self, *words, status: int = 0, user=None) -> subprocess.CompletedProcess:
        command = [self.stage.sandboxctl, "receipts", *map(str, words)]
        environment = {**os.environ, "SANDBOXD_SOCKET": str(self.stage.daemon.socket)}
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def public_key(self) -> str:
        return (self.log / "key.pub").read_text().strip()

    def serve(self):
        wire = self.wire(self.wrap("raw", ["/usr/bin/python3", self.stage.servers / "raw_server.py"], {"programs": self.stage.servers}))
        self.assertIn("result", wire.begin(), wire.said())
        self.assertEqual(wire.text("misbehave", how="none"), "none")
        wire.close()
        self.assert_nothing_left()

    def test_root_exchanges_the_key_while_sandboxd_runs(self):
        self.serve()
        first, name = self.public_key(), self.public_key().split("+")[0]
        private = (self.log / "key").read_bytes()
        refused = self.sandboxctl("receipts", "rotate-key")
        self.assertEqual(refused.returncode, 1, refused.stdout + refused.stderr)
        self.assertIn("only root", refused.stderr)
        self.assertEqual(self.public_key(), first)
        told = self.receipts_command("rotate-key").stdout
        second = self.public_key()
        self.assertIn(f"signed from here on by {second}", told)
        self.assertNotEqual(first, second)
        self.assertEqual(second.split("+")[0], name)
        self.serve()
        self.assertEqual((self.log / "keys").read_text().splitlines()[-1], first)
        for key in (first, second):
            self.assertIn("verified:", self.receipts_command("verify", self.log, "--key", key).stdout)
        # The old private half is gone, and the next start finds the new one.
        self.assertNotIn(private, [path.read_bytes() for path in self.log.iterdir() if path.is_file()])
        self.assertEqual((self.log / "key").stat().st_mode & 0o777, 0o600)
        self.stage.daemon.stop()
        self.stage.daemon.start()
        self.before = self.before[0], self.before[1], 1 << 20
        self.serve()
        self.assertIn("before that by", self.receipts_command("verify", self.log).stdout)
        proof = self.receipts_command("proof", "1", "--log", self.log).stdout
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(proof)
            file.flush()
            self.assertIn(f"signed by the key {second.split('+')[1]}", self.receipts_command("verify", file.name, "--key", second).stdout)
            self.assertIn(second.split("+")[1], self.receipts_command("verify", file.name, "--key", first, status=1).stdout)

    def test_a_key_that_is_handed_over(self):
        root = Path(self.enterContext(tempfile.TemporaryDirectory()))
        state, credentials = root / "state", root / "credentials"
        credentials.mkdir()

        def start(**keys) -> subprocess.CompletedProcess:
            """sandboxd with these credentials; it ends by itself only when it cannot start."""
            for file in credentials.iterdir():
                file.unlink()
            (root / "socket").unlink(missing_ok=True)
            for name, text in keys.items():
                (credentials / name.replace("_", "-")).write_text(text)
            command = [Path(required("SANDBOXD_BIN")) / "sandboxd", "--state", state, "--socket", root / "socket", "--users", "900000-900998"]
            environment = {"PATH": os.environ["PATH"], "CREDENTIALS_DIRECTORY": str(credentials)}
            process = subprocess.Popen([str(word) for word in command], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            try:
                for _ in range(300):
                    if process.poll() is not None or (root / "socket").exists():
                        break
                    try:
                        process.wait(0.05)
                    except subprocess.TimeoutExpired:
                        pass
                running = process.poll() is None
                process.terminate()
                said = process.communicate(timeout=20)[0]
                return subprocess.CompletedProcess(command, 0 if running else process.returncode, said)
            finally:
                process.kill()

        def key(*words) -> str:
            done = subprocess.run([self.stage.sandboxctl, "receipts", "new-key", *words], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.public = done.stderr.strip()
            return done.stdout

        own = key()
        public, name = self.public, self.public.split("+")[0]
        done = start(sandboxd_key=own)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertFalse((state / "evidence/key").exists())
        secret = own.strip().split("+", 4)[4]
        for path in (state / "evidence").rglob("*"):
            if path.is_file():
                self.assertNotIn(secret.encode(), path.read_bytes(), path)
        verify = [self.stage.sandboxctl, "receipts", "verify", state / "evidence"]
        subprocess.run(verify, check=True, capture_output=True, timeout=60)

        foreign = key()
        for keys, words in (
            ({"sandboxd_key": foreign}, "signed by another key"), ({}, "its key is gone"), ({"sandboxd_key": "x"}, "`sandboxd-key` cannot be used"),
            ({"sandboxd_key": foreign, "sandboxd_key_previous": own}, "must bear its name"),
        ):
            with self.subTest(words):
                done = start(**keys)
                self.assertEqual(done.returncode, 1, done.stdout)
                self.assertIn(words, done.stdout)
                subprocess.run(verify, check=True, capture_output=True, timeout=60)
        following = key("--name", name)
        self.assertNotEqual(start(sandboxd_key=following).returncode, 0, "without the earlier one it is a foreign key")
        for keys in ({"sandboxd_key": following, "sandboxd_key_previous": own}, {"sandboxd_key": following}):
            done = start(**keys)
            self.assertEqual(done.returncode, 0, done.stdout)
            self.assertEqual((state / "evidence/key.pub").read_text().strip(), self.public)
            self.assertEqual((state / "evidence/keys").read_text().split(), [public])
            subprocess.run([*verify, "--key", public], check=True, capture_output=True, timeout=60)
        for secret in (own.strip().split("+", 4)[4], following.strip().split("+", 4)[4]):
            for path in (state / "evidence").rglob("*"):
                if path.is_file():
                    self.assertNotIn(secret.encode(), path.read_bytes(), path)
        wrong = subprocess.run([self.stage.sandboxctl, "receipts", "new-key", "--name", "a b"], capture_output=True, text=True, timeout=60)
        self.assertEqual((wrong.returncode, wrong.stdout), (2, ""))
