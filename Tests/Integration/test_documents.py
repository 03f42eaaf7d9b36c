"""What receipts name by digest is kept beside them before they do, and can be read and checked."""

import hashlib
import json
import subprocess

from cases import StagedTests

NOTHING = "sandboxd: 1\nname: {}\nfiles: {{read: [/usr/lib]}}\n"
REFUSED = "sandboxd: 1\nname: refused\nfiles: {read: [/usr/lib/there-is-no-such-file]}\n"


class DocumentTests(StagedTests):
    @property
    def log(self):
        return self.stage.root / "state/evidence"

    def launched(self, name: str) -> int:
        wire = self.wire(self.wrap(self.written_policy(NOTHING.format(name)), ["/bin/true"]))
        wire.begin()
        return wire.close()

    def told(self, *words, status: int = 0) -> subprocess.CompletedProcess:
        place = [] if words[0] == "verify" else ["--log", self.log]
        done = subprocess.run([self.stage.sandboxctl, "receipts", *words, *place], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def test_policy_plan_and_host_of_a_session_are_kept(self):
        self.launched("kept")
        self.assert_nothing_left()
        launch = self.receipts("launch")[-1]
        place = f"{launch['session']}:{launch['sessionNumber']}"
        for role, title in (("policy", "policy"), ("plan", "plan"), ("host", "host profile")):
            with self.subTest(role=role):
                content = (self.log / "documents" / launch[role]).read_bytes()
                self.assertEqual(hashlib.sha256(content).hexdigest(), launch[role])
                self.assertEqual(self.told("policy", launch[role], "--json").stdout, content.decode())
                self.assertEqual(self.told("policy", place, "--of", role, "--json").stdout, content.decode())
                self.assertEqual(self.told("policy", launch[role]).stdout.splitlines()[0], f"{title} {launch[role]}")
        self.assertEqual(json.loads(self.told("policy", place, "--json").stdout)["name"], "kept")
        self.evidence_verifies()

    def test_the_policy_of_a_refusal_is_kept(self):
        wire = self.wire(self.wrap(self.written_policy(REFUSED), ["/bin/true"]))
        wire.begin()
        wire.close()
        refusal = self.receipts("refusal")[-1]
        self.assertEqual(json.loads(self.told("policy", refusal["policy"], "--json").stdout)["name"], "refused")

    def test_what_was_changed_or_is_gone_is_said(self):
        self.launched("changed")
        self.assert_nothing_left()
        digest = self.receipts("launch")[-1]["policy"]
        file = self.log / "documents" / digest
        content = file.read_bytes()
        file.write_bytes(content.replace(b"changed", b"Changed"))
        self.assertIn("it was changed", self.told("policy", digest, status=1).stderr)
        self.assertIn(f"documents/{digest}: is not the document", self.told("verify", self.log, status=1).stdout)
        file.unlink()
        self.assertIn("not kept here", self.told("policy", digest, status=1).stderr)
        self.assertIn("absent: 1 document", self.told("verify", self.log).stdout)
        self.assertIn("no receipt here names", self.told("policy", "0" * 64, status=2).stderr)
        file.write_bytes(content)

    def test_nothing_is_launched_whose_policy_cannot_be_kept(self):
        """Something else lies where documents should; receipts still can be written."""
        documents, kept = self.log / "documents", self.log.parent / "kept-documents"
        self.assertEqual(self.launched("first"), 0)
        self.assert_nothing_left()
        documents.rename(kept)
        documents.write_text("in the way")
        try:
            self.assertEqual(self.launched("second"), 125)
            failed = self.receipts("launch")[-1]
            self.assertEqual((failed["body"]["outcome"], failed["body"]["step"]), ("failed", "record-launch"))
            self.assertNotIn("policy", failed, "what is not kept is not named")
        finally:
            documents.unlink()
            kept.rename(documents)
        self.assertEqual(self.launched("second"), 0)
        self.assert_nothing_left()
        self.evidence_verifies()
