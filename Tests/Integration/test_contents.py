"""Arguments that are kept as text: beside the log and not in it, masked, and gone for good once they are erased."""

import json
import subprocess
from pathlib import Path

from cases import StagedTests
from stage import until
from wire import Wire

SECRET = "canary-5f1c0e77"


class ContentTests(StagedTests):
    POLICY = """sandboxd: 1
name: full
include: [runtime-python]
inputs: {programs: null}
tools:
  rules:
    - {id: misbehave, tools: [misbehave], effect: allow, redact: [/card]}
files:
  read: ["${programs}"]
evidence: {arguments: full}
"""

    def begun(self, **options) -> Wire:
        command = ["/usr/bin/python3", self.stage.servers / "raw_server.py"]
        wire = self.wire(self.wrap(self.written_policy(self.POLICY), command, {"programs": self.stage.servers}), **options)
        self.assertIn("result", wire.begin(), wire.said())
        return wire

    @property
    def log(self) -> Path:
        return self.stage.root / "state/evidence"

    def tool(self, *words, status: int = 0, user=None) -> str:
        words = [self.stage.sandboxctl, *words]
        run = user.run if user else lambda words: subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
        done = run(words)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def verdict(self, log: Path, status: int = 0) -> dict:
        return json.loads(self.tool("receipts", "verify", "--json", log, status=status))

    def calls(self, log: Path) -> list[dict]:
        """The decisions about calls of the session that ended last."""
        found = [json.loads(line) for line in self.tool("receipts", "show", "--json", log).splitlines()]
        found = [receipt for receipt in found if receipt["kind"] == "decision" and receipt["body"].get("method") == "tools/call"]
        return [receipt for receipt in found if receipt["session"] == found[-1]["session"]]

    def holding(self, text: str) -> list[str]:
        """The files below the daemon's state that hold a text; what a bpffs shows of programs is no file of anybody's."""
        state = self.stage.root / "state"
        files = [path for path in state.rglob("*") if path.is_file() and state / "bpf" not in path.parents]
        return sorted(str(path.relative_to(state)) for path in files if text.encode() in path.read_bytes())

    def lived(self, **options):
        wire = self.begun(**options)
        wire.call("misbehave", how="none", note=SECRET, card="4111-1111")
        wire.call("forbidden", note="other")
        wire.close()
        self.assert_nothing_left()

    def test_arguments_are_kept_beside_the_log_with_masks_and_erased_for_good(self):
        self.lived()
        first, second = self.calls(self.log)
        kept = f"{first['session']}/{first['spoolNumber']}"
        self.assertEqual(self.holding(SECRET), [f"evidence/contents/{kept}"])
        self.assertEqual(self.holding("4111-1111"), [])
        self.assertEqual((self.log / "contents" / kept).stat().st_mode & 0o777, 0o600)
        for name in (str(first["number"]), f"{first['session']}:{first['sessionNumber']}", kept):
            content = json.loads(self.tool("receipts", "content", "--log", self.log, name))
            self.assertEqual(content, {"how": "none", "note": SECRET, "card": "[redacted]"})
        self.assertEqual(json.loads(self.tool("receipts", "content", "--log", self.log, str(second["number"]))), {"note": "other"})
        before = self.verdict(self.log)
        self.assertTrue(before["verified"] and before["contents"] >= 2, before)

        socket = ["--socket", self.stage.daemon.socket, "--log", self.log]
        self.assertIn("erased", self.tool("receipts", "erase", *socket, "--reason", "a name of a patient", str(first["number"])))
        self.assertEqual(self.holding(SECRET), [])
        after = self.verdict(self.log)
        self.assertEqual((after["verified"], after["contents"], after["erasedContents"]), (True, before["contents"] - 1, before["erasedContents"] + 1))
        shown = [json.loads(line) for line in self.tool("receipts", "show", "--json", self.log).splitlines()]
        told = [receipt["body"] for receipt in shown if receipt["body"].get("event") == "content-erased"][-1]
        self.assertEqual((told["receipt"], told["by"], told["reason"]), (first["number"], 0, "a name of a patient"))
        self.tool("receipts", "content", "--log", self.log, str(first["number"]), status=1)
        self.assertIn("erased before", self.tool("receipts", "erase", *socket, str(first["number"]), status=1))
        # The user whose session it was may not: the log is evidence about that user, too.
        self.assertIn("only root", self.erased_by_user(second["number"]))
        self.assertEqual(json.loads(self.tool("receipts", "content", "--log", self.log, str(second["number"]))), {"note": "other"})

    def erased_by_user(self, number: int) -> str:
        """Asks over the socket as the user, who cannot read the log."""
        call = json.dumps({"method": "io.sandboxd.EraseContent", "parameters": {"receipt": number}})
        program = ("import socket, sys\n"
                   "s = socket.socket(socket.AF_UNIX); s.settimeout(10); s.connect(sys.argv[1]); s.sendall(sys.argv[2].encode() + b'\\0')\n"
                   "print(s.recv(65536).decode(errors='replace'))")
        done = self.user.run(["/usr/bin/python3", "-c", program, self.stage.daemon.socket, call])
        return done.stdout + done.stderr

    def test_nothing_is_erased_while_the_session_lives_and_nothing_lost_with_the_daemon(self):
        wire = self.begun()
        wire.call("misbehave", how="none", note="alive")
        socket = ["--socket", self.stage.daemon.socket, "--log", self.log]
        self.stage.daemon.process.kill()
        self.stage.daemon.process.wait(10)
        self.stage.daemon.process = None
        wire.call("misbehave", how="none", note="without a daemon")
        self.stage.daemon.start()
        wire.call("misbehave", how="none", note="adopted")
        until(lambda: len(self.calls(self.log)) >= 3, 10, "the fold")
        first = self.calls(self.log)[0]
        self.assertIn("not over", self.tool("receipts", "erase", *socket, str(first["number"]), status=1))
        wire.close()
        self.before = self.before[0], self.before[1], self.stage.daemon.descriptors()
        self.assert_nothing_left()
        notes = [json.loads(self.tool("receipts", "content", "--log", self.log, str(call["number"])))["note"] for call in self.calls(self.log)]
        self.assertEqual(notes, ["alive", "without a daemon", "adopted"])
        self.tool("receipts", "erase", *socket, str(first["number"]))
        self.assertTrue(self.verdict(self.log)["verified"])

    def test_a_private_log_is_its_users_to_erase_from_once_no_daemon_keeps_it(self):
        environment = self.user.environment(SANDBOXD_SOCKET="none")
        wire = self.begun(environment=environment)
        wire.call("misbehave", how="none", note=SECRET)
        logs = list(self.user.home.glob(".local/state/sandboxd/sessions/*/evidence"))
        wire.close()
        self.assert_nothing_left()
        log = logs[0]
        number = str(self.calls(log)[0]["number"])
        self.assertIn(SECRET, self.tool("receipts", "content", "--log", log, number, user=self.user))
        self.tool("receipts", "erase", "--log", log, number, user=self.user)
        self.assertFalse([path for path in log.parent.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()])
        self.assertTrue(self.verdict(log)["verified"])

    def test_what_is_kept_is_missed_when_it_is_changed_or_deleted_by_hand(self):
        self.lived()
        first, second = self.calls(self.log)
        files = [self.log / "contents" / call["session"] / str(call["spoolNumber"]) for call in (first, second)]
        texts = [file.read_bytes() for file in files]
        files[0].write_bytes(texts[0].replace(b"none", b"nope"))
        files[1].unlink()
        found = self.verdict(self.log, status=1)
        self.assertEqual(sorted(finding["code"] for finding in found["findings"]), ["content-mismatch", "content-missing"])
        for file, text in zip(files, texts):
            file.write_bytes(text)
        self.assertTrue(self.verdict(self.log)["verified"])
