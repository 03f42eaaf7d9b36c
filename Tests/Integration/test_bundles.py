"""Bundles of a real log: judged by sandboxctl and, as an oracle, by scripts/verify-bundle, which shares no code with it."""

import base64
import hashlib
import importlib.machinery
import importlib.util
import json
import os
import random
import subprocess
import tempfile
from pathlib import Path

from cases import StagedTests

VERIFIER = Path(__file__).resolve().parents[2] / "scripts/verify-bundle"
VECTORS = Path(__file__).resolve().parents[1] / "StrictJSONTests/Fixtures/jcs/testdata"
GRANTED = "sandboxd: 1\nname: {}\nfiles: {{read: [/usr/lib]}}\n"


class BundleTests(StagedTests):
    def setUp(self):
        super().setUp()
        self.room = Path(self.enterContext(tempfile.TemporaryDirectory()))
        command = ["/usr/bin/python3", self.stage.servers / "raw_server.py"]
        wire = self.wire(self.wrap("raw", command, {"programs": self.stage.servers}))
        self.assertIn("result", wire.begin(), wire.said())
        for _ in range(3):
            wire.call("misbehave", how="none")
        wire.call("forbidden")
        wire.close()
        other = self.wire(self.wrap(self.written_policy(GRANTED.format("other")), ["/bin/true"], options=["--name", "other"]))
        other.begin()
        other.close()
        self.assert_nothing_left()
        self.raw, self.other = [receipt for receipt in self.log_receipts() if receipt["kind"] == "launch"][-2:]

    @property
    def log(self) -> Path:
        return self.stage.root / "state/evidence"

    @property
    def key(self) -> str:
        return (self.log / "key.pub").read_text().strip()

    def log_receipts(self) -> list[dict]:
        return [json.loads(line) for file in sorted((self.log / "segments").iterdir()) for line in file.read_text().splitlines()]

    def told(self, *words, status: int = 0) -> subprocess.CompletedProcess:
        done = subprocess.run([self.stage.sandboxctl, "receipts", *map(str, words)], capture_output=True, timeout=60)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def bundle(self, *options) -> bytes:
        return self.told("bundle", self.log, *options).stdout

    def judged(self, contents: list[bytes], *, verify_with: list = ()) -> list[bool]:
        """What both verifiers say of each; fails where they differ, or where one says nothing of use."""
        files = []
        for number, content in enumerate(contents):
            files.append(self.room / f"{number}")
            files[-1].write_bytes(content)
        done = subprocess.run(["/usr/bin/python3", "-B", VERIFIER, *verify_with, *files], capture_output=True, text=True, timeout=300)
        self.assertEqual(done.stderr, "", done.stderr)
        theirs = done.stdout.splitlines()
        self.assertEqual(len(theirs), len(files), done.stdout)
        verdicts = []
        for file, their in zip(files, theirs, strict=True):
            own = subprocess.run([self.stage.sandboxctl, "receipts", "verify", file, *verify_with], capture_output=True, text=True, timeout=60)
            self.assertIn(own.returncode, (0, 1), own.stdout + own.stderr)
            self.assertEqual(own.returncode == 0, f"{file}: verified:" in their, f"{own.stdout}{their}\n{file.read_bytes()[:400]}")
            if own.returncode == 1:
                self.assertIn(f"{file}:", own.stdout, "what is wrong is said, with its place")
            verdicts.append(own.returncode == 0)
        return verdicts

    def test_both_verify_what_a_log_gives(self):
        session = self.raw["session"]
        filters = [(), ("--session", session), ("--server", "other"), ("--to", "2001"), ("--from", self.other["time"])]
        contents = [self.bundle(*options) for options in filters]
        self.assertEqual(self.judged(contents, verify_with=["--key", self.key]), [True] * len(filters))
        sessions = {json.loads(line).get("session") for line in contents[1].splitlines() if line.startswith(b'{"body":')}
        self.assertEqual(sessions, {None, session})
        documents = {json.loads(line)["sha256"] for line in contents[1].splitlines() if line.startswith(b'{"document":')}
        self.assertEqual(documents, {self.raw[role] for role in ("policy", "plan", "host")})

    def test_what_it_says(self):
        file = self.room / "bundle"
        self.told("bundle", self.log, "--session", self.raw["session"], "--output", file)
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        self.assertEqual(sorted(self.room.iterdir()), [file], "nothing unfinished is left")
        said = self.told("verify", file).stdout.decode().splitlines()
        self.assertEqual(said[0], "kept by the system's sandboxd")
        self.assertIn("verified: ", said[1])
        self.assertTrue(any("1 session whole, from the first receipt to the end" in line for line in said), said)
        self.assertTrue(any("the key in the bundle" in line for line in said), said)
        shown = self.told("policy", f"{self.raw['session']}:1", "--log", file, "--json").stdout
        self.assertEqual(hashlib.sha256(shown).hexdigest(), self.raw["policy"])

    def test_the_oracle_writes_canonical_json_as_it_is_published(self):
        """The vectors of RFC 8785, which the unit tests hold sandboxd's own writer against."""
        loader = importlib.machinery.SourceFileLoader("verify_bundle", str(VERIFIER))
        oracle = importlib.util.module_from_spec(importlib.util.spec_from_loader("verify_bundle", loader))
        loader.exec_module(oracle)
        inputs = sorted((VECTORS / "input").iterdir())
        self.assertEqual(len(inputs), 6)
        for file in inputs:
            with self.subTest(vector=file.name):
                value = json.loads(file.read_text(), object_pairs_hook=oracle.once)
                self.assertEqual(oracle.canonical(value).encode(), (VECTORS / "output" / file.name).read_bytes())
        for text in (b'{"a":1,"a":1}', b'{"a":9007199254740993}', b'{"b":1,"a":1}', b'{"a": 1}', b'{"a":NaN}', b'{"a":"\\ud800"}', b"[" * 100_000):
            with self.subTest(refused=text[:20]), self.assertRaises(oracle.Bad):
                oracle.parse(text)

    def test_a_bundle_is_shown_reported_and_compared_as_a_log_is(self):
        one, other = self.room / "one", self.room / "other"
        self.told("bundle", self.log, "--session", self.raw["session"], "--output", one)
        self.told("bundle", self.log, "--session", self.raw["session"], "--output", other)
        shown = [json.loads(line) for line in self.told("show", one, "--json").stdout.splitlines()]
        self.assertEqual({receipt.get("session") for receipt in shown}, {None, self.raw["session"]})
        self.assertIn(b"a bundle of", self.told("report", one).stdout)
        self.told("diff", one, other)

    def test_both_follow_an_exchange_of_the_key(self):
        first = self.key
        environment = {**os.environ, "SANDBOXD_SOCKET": str(self.stage.daemon.socket)}
        subprocess.run([self.stage.sandboxctl, "receipts", "rotate-key"], env=environment, capture_output=True, check=True, timeout=60)
        self.assertNotEqual(first, self.key)
        contents = [self.bundle(), self.bundle("--session", self.raw["session"])]
        for key in (first, self.key):
            self.assertEqual(self.judged(contents, verify_with=["--key", key]), [True, True])

    def test_another_logs_key_is_found_by_both(self):
        name, _, encoded = self.key.split("+", 2)
        # The base point: a public key as good as any, and not this log's.
        public = base64.b64decode(encoded)[:1] + bytes([0x58] + 31 * [0x66])
        mark = hashlib.sha256(name.encode() + b"\n" + public).hexdigest()[:8]
        other = f"{name}+{mark}+{base64.b64encode(public).decode()}"
        self.assertEqual(self.judged([self.bundle()], verify_with=["--key", other]), [False])

    def test_no_mutation_verifies_with_either(self):
        seed = random.randrange(1 << 32)
        chance = random.Random(seed)
        content = self.bundle("--session", self.raw["session"])
        mutations = [mutated(content, chance) for _ in range(120)] + [forged(content, chance) for _ in range(120)]
        mutations = [mutation for mutation in mutations if mutation != content]
        with self.subTest(seed=seed):
            self.assertEqual(self.judged(mutations), [False] * len(mutations))
            self.assertEqual(self.judged([content]), [True])

    def test_an_output_that_cannot_be_written_is_said(self):
        self.told("bundle", self.log, "--output", self.room / "none/bundle", status=1)
        self.told("bundle", self.room, status=5)
        self.told("bundle", self.log, "--from", "yesterday", status=2)


def mutated(content: bytes, chance: random.Random) -> bytes:
    """Any byte changed, dropped, doubled, put in, or all behind it cut off."""
    at = chance.randrange(len(content))
    byte = bytes([chance.randrange(256)])
    return chance.choice([
        content[:at] + byte + content[at + 1:], content[:at] + content[at + 1:], content[:at] + content[at:at + 1] + content[at:],
        content[:at] + byte + content[at:], content[:at],
    ])


def forged(content: bytes, chance: random.Random) -> bytes:
    """Lines dropped, doubled, swapped, or a byte of one changed; then the end is made to fit, as whoever cannot sign still can."""
    lines = content.splitlines(keepends=True)[:-1]
    at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    match chance.randrange(4):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, lines[at])
        case 2:
            lines[at], lines[other] = lines[other], lines[at]
        case _:
            # Not of the header, whose filter nobody signs.
            at = max(at, 1)
            place = chance.randrange(len(lines[at]) - 1)
            lines[at] = lines[at][:place] + bytes([lines[at][place] ^ chance.randrange(1, 256)]) + lines[at][place + 1:]
    kept = b"".join(lines)
    count = kept.count(b"\n")
    return kept + b'{"lines":%d,"sha256":"%s"}\n' % (count, hashlib.sha256(kept).hexdigest().encode())
