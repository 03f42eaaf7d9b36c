"""What is exported of a real session is what others make of the same bytes: canonical JSON, signatures and hashes of Python's own libraries."""

import base64
import hashlib
import json
import struct
import subprocess
import tempfile
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from cases import StagedTests


def canonical(value) -> bytes:
    """RFC 8785 for what receipts hold: no fractions, and names in ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


class ExportTests(StagedTests):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.place = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.key = Ed25519PrivateKey.generate()
        (cls.place / "key").write_bytes(cls.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        (cls.place / "key").chmod(0o600)
        cls.public = cls.key.public_key()
        (cls.place / "issuer").write_bytes(cls.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))

    def setUp(self):
        super().setUp()
        command = ["/usr/bin/python3", self.stage.servers / "raw_server.py"]
        wire = self.wire(self.wrap("raw", command, {"programs": self.stage.servers}))
        self.assertIn("result", wire.begin(), wire.said())
        wire.call("misbehave", how="none")
        wire.call("forbidden")
        wire.call("forbidden\n\x1b[2JPRIORITY=0 \u00e9\u2028")
        wire.request("resources/read", {"uri": "file:///etc/passwd"})
        self.assertEqual(wire.close(), 0, wire.said())
        self.assert_nothing_left()
        self.log = self.stage.root / "state/evidence"

    def ran(self, *words, status: int = 0) -> bytes:
        done = subprocess.run([self.stage.sandboxctl, *map(str, words)], capture_output=True, timeout=60)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout

    def exported(self, format: str, *words) -> bytes:
        return self.ran("receipts", "export", self.log, "--format", format, "--signing-key", self.place / "key", *words)

    def judged(self, data: bytes, *words, status: int = 0) -> str:
        (self.place / "file").write_bytes(data)
        return self.ran("receipts", "verify", self.place / "file", "--issuer", self.place / "issuer", *words, status=status).decode()

    def test_decisions_are_a_chain_that_others_verify(self):
        data = self.exported("acta")
        previous, decisions = None, []
        for line in data.decode().rstrip("\n").split("\n"):
            receipt = json.loads(line)
            self.assertEqual(line.encode(), canonical(receipt))
            self.public.verify(bytes.fromhex(receipt["signature"]["sig"]), canonical(receipt["payload"]))
            self.assertEqual(receipt["payload"].get("previousReceiptHash"), previous)
            previous = "sha256:" + hashlib.sha256(canonical(receipt)).hexdigest()
            decisions.append(receipt["payload"]["decision"])
        recorded = [one for one in self.log_lines() if one["kind"] == "decision"]
        words = {"forward": "allow", "block": "deny"}
        self.assertEqual(decisions, [words[one["body"]["decision"]] for one in recorded])
        self.assertIn("verified", self.judged(data))
        self.assertIn("not verified", self.judged(data.replace(b'"deny"', b'"allow"', 1), status=1))

    def test_a_chain_of_others_is_verified(self):
        """Made here, with a key and payloads of one's own, both ways in which drafts write the link."""
        for prefix in ("sha256:", ""):
            lines, previous = [], {}
            for number in range(3):
                payload = {"type": "protectmcp:decision", "issued_at": f"2026-05-04T12:00:0{number}+02:00", "issuer_id": "sb:issuer:x", "decision": "allow",
                           "tool_name": "\u20ac\r\U0001f602\ufb33", **previous}
                signature = {"alg": "EdDSA", "kid": "sb:issuer:x", "sig": self.key.sign(canonical(payload)).hex()}
                receipt = {"payload": payload, "signature": signature}
                previous = {"previousReceiptHash": prefix + hashlib.sha256(canonical(receipt)).hexdigest()}
                lines.append(json.dumps(receipt))
            self.assertIn("verified: 3 acta receipts", self.judged("\n".join(lines).encode()))
            self.assertIn("not verified", self.judged("\n".join([lines[0], lines[2]]).encode(), status=1))

    def log_lines(self) -> list[dict]:
        return [json.loads(line) for line in self.ran("receipts", "show", "--json", self.log).splitlines()]

    def test_an_attestation_is_signed_and_about_what_is_shown(self):
        data = self.exported("in-toto")
        envelope = json.loads(data)
        kind, body = envelope["payloadType"].encode(), base64.b64decode(envelope["payload"])
        signed = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)
        [signature] = envelope["signatures"]
        self.public.verify(base64.b64decode(signature["sig"]), signed)
        with self.assertRaises(InvalidSignature):
            self.public.verify(base64.b64decode(signature["sig"]), body)
        information = self.public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.assertEqual(signature["keyid"], hashlib.sha256(information).hexdigest())
        statement = json.loads(body)
        shown = self.ran("receipts", "show", "--json", self.log)
        self.assertEqual([subject["digest"] for subject in statement["subject"]], [{"sha256": hashlib.sha256(shown).hexdigest()}])
        self.assertEqual(statement["predicate"]["receipts"]["byReason"]["D101"] > 0, True)
        self.assertIn("verified", self.judged(data, "--log", self.log, "--key", self.log / "key.pub"))

    def test_the_journal_has_each_receipt(self):
        entries = list(journal_entries(self.exported("journal")))
        lines = self.log_lines()
        self.assertEqual([json.loads(entry["SANDBOXD_RECEIPT"]) for entry in entries], lines)
        for entry, receipt in zip(entries, lines):
            self.assertEqual(entry["SANDBOXD_NUMBER"], str(receipt["number"]).encode())
            self.assertEqual(entry.get("SANDBOXD_TOOL", b"").decode(), receipt["body"].get("tool", ""))
            self.assertEqual(len(entry["MESSAGE"].split(b"\n")), 1)

    def test_sarif_names_what_was_denied(self):
        run = json.loads(self.exported("sarif"))["runs"][0]
        denied = [one for one in self.log_lines() if one["kind"] == "decision" and one["body"]["decision"] == "block"]
        self.assertEqual([result["ruleId"] for result in run["results"]], [one["body"]["reason"] for one in denied])


def journal_entries(data: bytes):
    """The entries of a journal export (https://systemd.io/JOURNAL_EXPORT_FORMATS); no field may come twice."""
    at, entry = 0, {}
    while at < len(data):
        end = data.index(b"\n", at)
        line, at = data[at:end], end + 1
        if not line:
            yield entry
            entry = {}
            continue
        name, equals, value = line.partition(b"=")
        if not equals:
            (size,) = struct.unpack_from("<Q", data, at)
            value, at = data[at + 8:at + 8 + size], at + 8 + size + 1
        assert name.decode() not in entry, name
        entry[name.decode()] = value
    assert not entry
