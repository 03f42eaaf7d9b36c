"""What a log shows, for people: shown and followed while it grows, reported, and compared with another; of sessions that really ran."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from html.parser import HTMLParser
from pathlib import Path

from cases import StagedTests
from stage import required
from wire import LEGACY, Wire

HOSTILE = "<script>alert(1)</script>`|](javascript:x)\u202e\u001b[31m"


class Tags(HTMLParser):
    """The elements of a page, and what they refer to."""

    def __init__(self, page: str):
        super().__init__()
        self.names, self.references = set(), []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        self.references += [value for name, value in attrs if name in ("href", "src", "action", "data", "xlink:href")]
        assert not [name for name, _ in attrs if name.startswith("on")], attrs


class ReportTests(StagedTests):
    @property
    def log(self) -> Path:
        return self.stage.root / "state/evidence"

    @property
    def server(self) -> list:
        return ["/usr/bin/python3", self.stage.servers / "raw_server.py"]

    def begun(self, name: str = "raw", version: str = LEGACY) -> Wire:
        wire = self.wire(self.wrap("raw", self.server, {"programs": self.stage.servers}, ["--name", name]), version)
        self.assertIn("result", wire.begin(), wire.said())
        return wire

    def session(self, name: str = "raw", calls=(("misbehave", "none"), ("forbidden", None))) -> str:
        """One session with these calls; its identifier."""
        wire = self.begun(name)
        for tool, how in calls:
            wire.call(tool, **({"how": how} if how else {}))
        self.assertEqual(wire.close(), 0, wire.said())
        self.assert_nothing_left()
        return self.receipts()[0]["session"]

    def told(self, verb: str, *words, status: int = 0, **options) -> str:
        command = [self.stage.sandboxctl, "receipts", verb, *map(str, words)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, **options)
        self.assertEqual(done.returncode, status, done.stdout[-2000:] + done.stderr)
        return done.stdout

    def kept(self) -> Path:
        return Path(self.enterContext(tempfile.TemporaryDirectory()))

    def copied(self, name: str) -> Path:
        return Path(shutil.copytree(self.log, self.kept() / name))

    # Shown

    def test_a_session_is_shown_with_what_came_of_its_calls(self):
        session = self.session()
        shown = self.told("show", self.log, "--session", session)
        rows = shown.splitlines()
        self.assertTrue(rows[0].startswith("NUMBER"), shown)
        self.assertRegex(shown, r"decision +forward `misbehave`: .*→ result in [0-9.]+ (µs|ms|s)\n")
        self.assertRegex(shown, r"decision +block `forbidden`: D101 ")
        self.assertRegex(rows[1], r"launch +started `raw`.*for `python3?[0-9.]*`|launch +started `raw`")
        self.assertNotIn("pending", shown, "its end was signed")
        only = self.told("show", self.log, "--session", session[:8], "--tool", "misbehave", "--json")
        self.assertEqual([json.loads(line)["kind"] for line in only.splitlines()], ["decision", "outcome"])
        client = json.loads(self.told("show", self.log, "--session", session, "--kind", "launch", "--json"))["body"]["client"]
        self.assertEqual(len(self.told("show", self.log, "--session", session, "--client", client["pid"], "--kind", "exit").splitlines()), 2)
        self.assertEqual(self.told("show", self.log, "--session", session, "--client", "nobody"), "")

    def test_names_from_a_client_do_not_reach_the_terminal_as_they_are(self):
        self.session(calls=[(HOSTILE, None)])
        shown = self.told("show", self.log, "--kind", "decision")
        self.assertIn("\\u{1b}[31m", shown)
        self.assertNotIn("\u001b", shown)
        self.assertNotIn("\u202e", shown)

    # Followed

    def follow(self, *words) -> subprocess.Popen:
        """It has begun when it has shown what was there already, for which `--from` asks."""
        command = [required("SANDBOXD_BIN") / "sandboxctl", "receipts", "follow", self.log, "--from", "2000", *words]  # no process of the stage
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def test_receipts_are_followed_as_they_come_until_it_is_interrupted(self):
        before = len(self.told("show", self.log, "--json").splitlines())
        process = self.follow("--json")
        for _ in range(before):  # the past, which shows that it has begun to wait
            process.stdout.readline()
        session = self.session()
        lines = []
        while not lines or json.loads(lines[-1])["kind"] != "exit":
            lines.append(process.stdout.readline())
        self.assertEqual([line for line in lines if json.loads(line).get("session") == session],
                         self.told("show", self.log, "--json", "--session", session).splitlines(keepends=True))
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=20)
        self.assertEqual((process.returncode, errors), (0, ""), rest)

    def test_the_follower_ends_when_nobody_reads_any_more(self):
        process = self.follow()
        process.stdout.readline()
        process.stdout.close()
        self.assertEqual(process.wait(20), 0)
        process.stdout = None

    def test_the_follower_does_not_spin(self):
        process = self.follow()
        process.stdout.readline()
        used = lambda: sum(map(int, Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]))  # noqa: E731
        time.sleep(0.5)
        before = used()
        time.sleep(2)
        self.assertLess((used() - before) / os.sysconf("SC_CLK_TCK"), 0.2, "of two seconds")

    # Reported

    def test_the_report_of_a_log_that_verifies(self):
        self.session("notes")
        forms = {form: self.told("report", self.log, "--format", form) for form in ("markdown", "json", "html")}
        verdict = "Kept by the system's sandboxd. Verified: "
        self.assertTrue(forms["markdown"].startswith(f"**{verdict}"), forms["markdown"][:200])
        report = json.loads(forms["json"])
        self.assertTrue(report["verified"] and report["verdict"].startswith(verdict))
        sections = {section["id"]: section["rows"] for section in report["sections"]}
        [notes] = [row for row in sections["servers"] if row["server"] == "notes"]
        self.assertEqual((notes["sessions"], notes["forward"], notes["block"]), (1, 1, 1))
        self.assertIn(("forbidden", "notes", "D101"), [(row["what"], row["server"], row["code"]) for row in sections["denials"]])
        self.assertLessEqual({"observed", "reported", "absent"}, {row["level"] for row in sections["claims"]})
        for form, text in forms.items():
            self.assertEqual(self.told("report", self.log, "--format", form), text, "the same log gives the same bytes")

    def test_the_page_needs_nothing_from_elsewhere(self):
        self.session(HOSTILE, calls=[(HOSTILE, None), ("misbehave", "none")])
        page = self.told("report", self.log, "--format", "html")
        tags = Tags(page)
        self.assertFalse(tags.names & {"script", "img", "link", "iframe", "object", "embed", "form", "base"}, tags.names)
        self.assertTrue(all(reference.startswith("#") for reference in tags.references), tags.references)
        self.assertFalse(re.search(r"url\(|@import|https?:", page.split("</style>")[0]))
        self.assertIn("&lt;script&gt;alert(1)", page)
        self.assertNotIn("\u202e", page)
        self.assertNotIn("\u001b", page)

    def test_a_log_that_was_changed_is_reported_as_one_that_does_not_verify(self):
        self.session()
        changed = self.copied("changed")
        segment = sorted((changed / "segments").iterdir())[0]
        segment.write_bytes(segment.read_bytes().replace(b'"forbidden"', b'"forgotten"'))
        for form in ("markdown", "json", "html"):
            text = self.told("report", changed, "--format", form, status=1)
            first = json.loads(text)["verdict"] if form == "json" else next(line for line in text.splitlines() if form != "html" or 'class="verdict' in line)
            self.assertIn("NOT VERIFIED (1 finding)", first)

    # Compared

    def test_a_call_that_is_not_blocked_any_more_is_a_regression(self):
        self.session()
        before = self.copied("before")
        self.assertEqual(self.told("diff", before, before), "nothing that is compared is otherwise\n")
        self.session(calls=[("misbehave", "none")])
        self.assertEqual(json.loads(self.told("diff", before, self.log, "--json"))["regressions"], [])
        text = (self.stage.policies / "raw.yaml").read_text()
        policy = self.written_policy(text.replace("tools:\n", "tools:\n  default: allow\n", 1), "lax.yaml")
        wire = self.wire(self.wrap(policy, self.server, {"programs": self.stage.servers}, ["--name", "raw"]))
        wire.begin()
        wire.call("forbidden")
        wire.close()
        self.assert_nothing_left()
        found = json.loads(self.told("diff", before, self.log, "--json", status=1))
        self.assertEqual([(change["code"], change["what"][-1], change["before"], change["after"]) for change in found["regressions"]],
                         [("laxer", "forbidden", "blocked", "forwarded")])
        self.assertIn("policy-changed", [change["code"] for change in found["changes"]])
