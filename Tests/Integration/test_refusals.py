"""Refused policies, as the ledger keeps them: what for, on which host, and what became of it.  Closing one permits nothing."""

import grp
import json
import sqlite3
import subprocess
import time
from pathlib import Path

from cases import StagedTests
from stage import until

AUDITORS = "sandboxd-auditors"

# What sandboxd sees of the host is another: the kernel's release (personality(2), UNAME26).
OTHER_HOST = """\
#!/usr/bin/python3
import ctypes, os, sys
assert ctypes.CDLL(None).personality(0x0020000) >= 0
os.execv(os.path.dirname(os.path.abspath(sys.argv[0])) + "/sandboxd", sys.argv)
"""


class RefusalTests(StagedTests):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other, cls.auditor = cls.stage.user("other"), cls.stage.user("auditor")
        try:
            grp.getgrnam(AUDITORS)
        except KeyError:
            subprocess.run(["groupadd", "--system", AUDITORS], check=True)
            cls.addClassCleanup(subprocess.run, ["groupdel", AUDITORS], check=True)
        cls.auditor.gid = grp.getgrnam(AUDITORS).gr_gid

    def setUp(self):
        super().setUp()
        # A policy of its own for each test: what was refused in another does not count.
        self.name = self.id().rsplit(".", 1)[1].replace("_", "-")
        self.needed = self.user.home / self.name
        self.path = self.refused_policy()

    def refused_policy(self, more: str = "") -> Path:
        """Refused for as long as the file is missing that it grants."""
        return self.written_policy(f"sandboxd: 1\nname: {self.name}\nfiles: {{read: [/usr, {self.needed}]}}\n{more}", f"{self.name}.yaml")

    def run_as(self, user, *words, status: int | None = 0, environment=None):
        words = [self.stage.sandboxctl, *words]
        environment = environment or self.stage.environment(user or self.user)
        if user is None:
            done = subprocess.run([str(word) for word in words], env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
        else:
            done = user.run(words, environment=environment)
        if status is not None:
            self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def refusals(self, *words, user="own", **options):
        return self.run_as(self.user if user == "own" else user, "refusals", *words, **options)

    def launch(self, status: int = 125, environment=None, command=("/bin/sh", "-c", "exit 7"), path=None):
        """A server that runs ends with 7, and so does `wrap`."""
        return self.run_as(self.user, "wrap", "--policy", path or self.path, "--", *command, status=status, environment=environment)

    def entries(self, user="own", closed=True) -> list[dict]:
        words = ["list", "--json", "--policy", self.name, *(["--all"] if closed else [])]
        return json.loads(self.refusals(*words, user=user).stdout)["refusals"]

    def entry(self, **options) -> dict:
        (entry,) = self.entries(**options)
        return entry

    def shown(self, **options) -> dict:
        return json.loads(self.refusals("show", "--json", self.entry()["id"], **options).stdout)

    def close(self, reason: str = "known", user=None):
        return self.refusals("close", self.entry()["id"], "--reason", reason, user=user)

    def events(self) -> list[str]:
        return [event["kind"] for event in self.shown()["events"]]

    # Recording

    def test_a_refusal_at_launch_is_recorded_once_and_counted(self):
        said = self.launch().stderr
        entry = self.entry()
        self.assertEqual((entry["state"], entry["times"], entry["codes"], entry["caller"]), ("open", 1, ["R301"], self.user.uid))
        self.assertIn(f"= recorded: `sandboxctl refusals show {entry['id']}`", said)
        first = self.receipts("refusal")
        self.launch()
        self.assertEqual((self.entry()["id"], self.entry()["times"]), (entry["id"], 2))
        self.assertEqual(self.events(), ["refused"])
        finding = self.shown()["findings"][0]
        last = self.receipts("refusal")
        for place, receipt in ((finding["firstReceipt"], first), (finding["lastReceipt"], last)):
            self.assertEqual([place["number"]], [one["number"] for one in receipt])
            self.assertEqual(place["log"], str(self.stage.root / "state/evidence"))
        # As it was shown at launch, word for word.
        whole = self.refusals("show", entry["id"]).stdout
        refusal = said.split("\n  = recorded:")[0]
        self.assertIn("refused[R301]", refusal)
        self.assertIn(refusal, whole)
        self.assertEqual(self.shown()["documents"][0]["text"], self.path.read_text())
        self.assertIn("observed", self.shown()["host"])

    def test_what_is_refused_before_sandboxd_is_asked_for_a_session(self):
        path = self.written_policy(f"sandboxd: 1\nname: {self.name}\nserver: {{command: [/bin/true]}}\negres: none\n", f"{self.name}.yaml")
        said = self.run_as(self.user, "wrap", "--policy", path, status=125).stderr
        self.assertIn(f"refusals show {self.entry()['id']}`", said)
        self.assertEqual(self.entry()["codes"], ["R107"])

    def test_a_refusal_at_check_is_judged_by_sandboxd_itself(self):
        done = self.run_as(self.user, "check", self.path, "--format", "json", status=3)
        (policy,) = json.loads(done.stdout)["policies"]
        self.assertEqual(policy["refusal"], self.entry()["id"])
        self.assertIn("recorded: `sandboxctl refusals show", self.run_as(self.user, "check", self.path, status=3).stdout)
        self.launch()
        shown = self.shown()
        self.assertEqual([(finding["stage"], finding["times"]) for finding in shown["findings"]], [("launch", 3)], "one finding, wherever it is met")
        (receipt,) = self.receipts("refusal")
        self.assertNotIn("stage", receipt["body"])
        self.run_as(self.user, "check", self.path, status=3)
        (receipt,) = self.receipts("refusal")
        self.assertEqual(receipt["body"]["stage"], "check")
        # What the caller alone finds is the caller's to know: sandboxd would launch it.
        self.needed.touch()
        failing = self.refused_policy("tests: [{call: [x, {}], expect: forward}]\n")
        done = self.run_as(self.user, "check", failing, status=3)
        self.assertIn("refused[R150]", done.stdout)
        self.assertNotIn("recorded", done.stdout)
        self.assertEqual(self.entry()["state"], "resolved")

    def test_other_hosts_are_not_recorded(self):
        profile = self.user.home / "host.json"
        profile.write_text(self.run_as(self.user, "doctor", "--json").stdout)
        profile.chmod(0o644)
        for words in (["--host", profile], ["--layers", "none"]):
            self.assertNotIn("refusals show", self.run_as(self.user, "check", *words, self.path, status=3).stdout)
        self.assertEqual(self.entries(), [])

    def test_status_counts_what_is_open_as_far_as_one_may_see_it(self):
        def count(user) -> int:
            return json.loads(self.run_as(user, "status", "--json").stdout)["status"]["refusals"]
        seers = (self.user, self.auditor, None)
        before, others = [count(user) for user in seers], count(self.other)
        self.launch()
        self.assertEqual([count(user) for user in seers], [number + 1 for number in before])
        self.assertEqual(count(self.other), others)
        self.assertIn(f"open refusals: {before[0] + 1} (`sandboxctl refusals list`)", self.run_as(self.user, "status").stdout)
        self.close()
        self.assertEqual([count(user) for user in seers], before)

    # What becomes of it

    def test_closing_permits_nothing(self):
        self.launch()
        self.assertIn("permits nothing", self.close("the file comes in May").stdout)
        self.assertIn("permits nothing", self.refusals("close", "--help").stdout)
        self.assertEqual(self.entries(closed=False), [], "it has left the list")
        self.launch()
        entry = self.entry()
        self.assertEqual((entry["state"], entry["times"]), ("closed", 2))
        closed = self.shown()["events"][-1]
        self.assertEqual((closed["kind"], closed["author"], closed["words"]), ("closed", 0, "the file comes in May"))
        self.assertIn("closed, which permits nothing", self.refusals("show", entry["id"]).stdout)
        # The control: the same command runs when the policy is exact.
        self.needed.touch()
        self.launch(status=7)

    def test_another_text_reopens(self):
        self.launch()
        self.close()
        self.refused_policy("egress: {tcp: none}\n")
        self.launch()
        self.assertEqual(self.entry()["state"], "open")
        self.assertEqual(self.events(), ["refused", "closed", "refused", "reopened"])
        self.assertEqual(self.shown()["events"][2]["words"], "the policy changed")
        self.assertEqual(len(self.shown()["findings"]), 2)
        # Both are known now, and closed together.
        self.close()
        self.refused_policy()
        self.launch()
        self.assertEqual(self.entry()["state"], "closed")

    def test_another_host_reopens(self):
        self.launch()
        self.close()
        before = self.shown()["findings"][0]["host"]
        daemon = self.stage.daemon
        program, elsewhere = daemon.program, daemon.program.with_name("sandboxd-elsewhere")
        elsewhere.write_text(OTHER_HOST)
        elsewhere.chmod(0o755)
        self.addCleanup(elsewhere.unlink)
        daemon.stop()
        daemon.program = elsewhere
        try:
            daemon.start()
            self.launch()
            shown = self.shown()
        finally:
            daemon.stop()
            daemon.program = program
            daemon.start()
        self.assertEqual((shown["state"], shown["findings"][1]["host"]), ("open", before))
        self.assertNotEqual(shown["findings"][0]["host"], before)
        self.assertTrue(shown["host"]["kernel"].startswith("2.6."), shown["host"]["kernel"])
        self.assertEqual([(event["kind"], event["words"]) for event in shown["events"][2:]],
                         [("refused", "the host changed"), ("reopened", "it was closed")])

    def test_an_exact_launch_or_check_resolves(self):
        for exact in (lambda: self.launch(status=7), lambda: self.run_as(self.user, "check", self.path)):
            self.needed.unlink(missing_ok=True)
            self.launch()
            self.assertEqual(self.entry()["state"], "open")
            self.needed.touch()
            exact()
            until(lambda: self.entry()["state"] == "resolved", 10, "the ledger to hear of it")  # a launch does not wait for that
        self.needed.unlink()
        self.launch()
        self.assertEqual(self.entry()["state"], "open")
        self.assertEqual(self.events(), ["refused", "resolved", "reopened", "resolved", "reopened"])
        self.assertEqual(self.entry()["times"], 3)

    def test_what_was_exact_before_resolves_no_later_refusal(self):
        """The ledger hears of an exact launch a moment later; what is refused within that moment stays open."""
        self.launch()
        for _ in range(8):
            self.needed.touch()
            self.launch(status=7)
            self.needed.unlink()
            self.launch()
            time.sleep(0.2)
            self.assertEqual(self.entry()["state"], "open")

    def test_a_home_of_the_session_s_own_makes_no_other_refusal(self):
        path = self.written_policy(
            f"sandboxd: 1\nname: {self.name}\nserver: {{user: session}}\nfiles: {{read: ['${{home}}/missing']}}\n", f"{self.name}.yaml")
        for _ in range(2):
            self.launch(path=path)
        self.assertEqual((self.entry()["times"], len(self.shown()["findings"])), (2, 1))

    # Who may

    def test_who_sees_and_who_says_what(self):
        self.launch()
        id = self.entry()["id"]
        self.assertEqual(self.entries(user=self.other), [])
        self.assertIn("that you may see", self.refusals("show", id, user=self.other, status=1).stderr)
        self.refusals("note", id, "mine?", user=self.other, status=1)
        self.refusals("close", id, "--reason", "x", user=self.other, status=1)
        for user in (self.user, self.auditor, None):
            self.assertEqual(self.entry(user=user)["id"], id)
            self.refusals("note", id, f"seen by {user.name if user else 'root'}", user=user)
        self.assertIn("does not permit", self.refusals("close", id, "--reason", "x", status=1).stderr)
        self.assertEqual(self.entry()["state"], "open")
        self.refusals("close", id, "--reason", "looked at", user=self.auditor)
        self.assertEqual(self.entry()["state"], "closed")
        self.assertEqual([event["author"] for event in self.shown()["events"]], [None, self.user.uid, self.auditor.uid, 0, self.auditor.uid])
        words = [self.stage.sandboxctl, "receipts", "show", "--json", "--kind", "lifecycle", self.stage.root / "state/evidence"]
        shown = subprocess.run(words, capture_output=True, text=True, timeout=60)
        said = [receipt["body"] for receipt in map(json.loads, shown.stdout.splitlines()) if receipt["body"].get("refusal") == id]
        self.assertEqual([(one["event"], one["by"]) for one in said],
                         [("refusal-noted", self.user.uid), ("refusal-noted", self.auditor.uid), ("refusal-noted", 0), ("refusal-closed", self.auditor.uid)])

    # Faults and bounds

    def test_a_ledger_that_cannot_be_written_refuses_all_the_same(self):
        self.launch()
        before = self.entry()["times"]
        receipts = [receipt["number"] for receipt in self.receipts("refusal")]
        locked = sqlite3.connect(self.stage.root / "state/store/sandboxd.sqlite", isolation_level=None)
        locked.execute("BEGIN IMMEDIATE")
        try:
            said = self.launch().stderr
            checked = self.run_as(self.user, "check", self.path, status=3).stdout
        finally:
            locked.close()
        self.assertIn("refused[R301]", said)
        self.assertNotIn("recorded", said)
        self.assertIn("this refusal is not recorded: the ledger cannot be written", checked)
        self.assertNotIn(self.receipts("refusal")[0]["number"], receipts, "there is a receipt")
        self.assertIn("2 more refusals are in receipts alone", self.refusals("list").stdout)
        self.launch()
        self.assertEqual(self.entry()["times"], before + 1)
        self.assertIn("2 more refusals are in receipts alone", self.refusals("list").stdout)

    def test_a_store_that_is_none(self):
        store = self.stage.root / "state/store"
        aside = store.with_name("store.aside")
        self.stage.daemon.stop()
        store.rename(aside)
        store.write_text("no directory")
        try:
            self.stage.daemon.start()
            said = self.launch().stderr
            self.assertIn("refused[R301]", said)
            self.assertNotIn("recorded", said)
            self.refusals("list", status=5)
            self.assertIn("open refusals: not told", self.run_as(self.user, "status", status=1).stdout)
            self.needed.touch()
            self.launch(status=7)  # what is exact needs no ledger
        finally:
            self.stage.daemon.stop()
            store.unlink()
            aside.rename(store)
            self.stage.daemon.start()

    def test_one_caller_has_so_many_and_others_have_room(self):
        many = self.stage.policies / "many"
        many.mkdir()
        for number in range(259):
            (many / f"p{number}.yaml").write_text(f"sandboxd: 1\nname: many-{number}\negres: none\n")
        done = self.run_as(self.other, "check", many, status=3)
        self.assertIn("not recorded: the ledger has no room for another policy of this caller", done.stdout)
        listed = json.loads(self.refusals("list", "--json", user=self.other).stdout)
        self.assertEqual((len(listed["refusals"]), listed["omitted"]), (256, 3))
        self.assertIn("3 more refusals are in receipts alone", self.refusals("list", user=self.other).stdout)
        self.launch()
        self.assertEqual(self.entry()["times"], 1)

    def test_secrets_are_nowhere_in_the_ledger(self):
        canary = "c4n4ry-0f-a-secret"
        self.refused_policy("server: {env: {pass: [TOKEN], secret: {KEY: {from: env}}}}\n")
        self.launch(environment=self.stage.environment(self.user, TOKEN=canary, KEY=canary))
        self.assertEqual(self.entry()["times"], 1)
        kept = self.kept()
        self.assertIn(self.name.encode(), kept)
        self.assertNotIn(canary.encode(), kept)

    # Exports, and without a daemon

    def kept(self) -> bytes:
        """All that the store holds."""
        return b"".join(path.read_bytes() for path in (self.stage.root / "state/store").iterdir())

    def test_exports(self):
        self.launch()
        for format in ("sarif", "json", "html"):
            path = self.user.home / f"refusals.{format}"
            self.refusals("export", "--format", format, "--output", path, "--policy", self.name)
            text = path.read_text()
            self.assertEqual(text, self.refusals("export", "--format", format, "--policy", self.name).stdout)
            self.assertIn("R301", text)
            self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        (run,) = json.loads((self.user.home / "refusals.sarif").read_text())["runs"]
        (result,) = run["results"]
        self.assertEqual((result["ruleId"], result["properties"]["refusal"]), ("R301", self.entry()["id"]))
        self.assertEqual(result["locations"][0]["physicalLocation"]["region"]["startLine"], 3)
        (entry,) = json.loads((self.user.home / "refusals.json").read_text())["refusals"]
        self.assertEqual(entry["findings"][0]["reasons"][0]["code"], "R301")
        self.assertEqual(self.refusals("export", "--format", "json", user=self.other).stdout.count(self.name), 0)
        self.refusals("export", status=2)

    def test_without_a_daemon_the_ledger_is_the_user_s_own(self):
        alone = self.user.environment(SANDBOXD_SOCKET="none")
        said = self.launch(environment=alone).stderr
        self.run_as(self.user, "check", self.path, status=3, environment=alone)
        listed = json.loads(self.refusals("list", "--json", "--policy", self.name, environment=alone).stdout)["refusals"]
        self.assertEqual([(entry["times"], entry["state"]) for entry in listed], [(2, "open")])
        self.assertIn(f"refusals show {listed[0]['id']}`", said)
        self.assertEqual(self.entries(), [], "sandboxd's own has nothing of it")
        self.assertIn("closed, which", self.refusals("close", listed[0]["id"], "--reason", "mine", environment=alone).stdout)
        self.launch(environment=alone)
        self.needed.touch()
        self.run_as(self.user, "check", self.path, environment=alone)
        listed = json.loads(self.refusals("list", "--all", "--json", "--policy", self.name, environment=alone).stdout)["refusals"]
        self.assertEqual([(entry["times"], entry["state"]) for entry in listed], [(3, "resolved")])

    def test_nobody_to_ask_and_nothing_is_said(self):
        environment = self.user.environment(SANDBOXD_SOCKET="none", XDG_STATE_HOME="/proc/nowhere")
        broken = self.written_policy("sandboxd: 1\negres: none\n", f"{self.name}.yaml")
        done = self.run_as(self.user, "check", broken, status=3, environment=environment)
        self.assertNotIn("recorded", done.stdout + done.stderr)


class LayerRefusalTests(StagedTests):
    """A layer's text is its administrator's: what a caller is refused for by it is kept, the text is not."""

    CANARY = "c4n4ry-0f-a-layer"

    @classmethod
    def start_daemon(cls):
        cls.layers = cls.stage.root / "layers"
        cls.layers.mkdir(mode=0o755)
        cls.stage.daemon.options = ["--layers", cls.layers]
        super().start_daemon()

    def test_the_text_of_a_layer_that_only_root_may_read(self):
        layer = self.layers / "acme.yaml"
        layer.write_text(f"sandboxd-layer: 1\nname: acme\negres: none # {self.CANARY}\n")
        layer.chmod(0o600)
        self.addCleanup(layer.unlink)
        path = self.written_policy("sandboxd: 1\nname: layered\n", "layered.yaml")
        done = self.sandboxctl("wrap", "--policy", path, "--", "/bin/true")
        self.assertEqual(done.returncode, 125, done.stderr)
        self.assertIn(f"{layer}:3:", done.stderr)
        (entry,) = json.loads(self.sandboxctl("refusals", "list", "--json").stdout)["refusals"]
        for words in (["show", entry["id"]], ["show", "--json", entry["id"]], ["export", "--format", "html"], ["export", "--format", "json"]):
            shown = self.sandboxctl("refusals", *words)
            self.assertEqual(shown.returncode, 0, shown.stderr)
            self.assertIn("R107", shown.stdout)
            self.assertNotIn(self.CANARY, shown.stdout)
        kept = b"".join(path.read_bytes() for path in (self.stage.root / "state/store").iterdir())
        self.assertIn(b"layered", kept)
        self.assertNotIn(self.CANARY.encode(), kept)
        # The control: root may read it, and sees the line. Another text is not quoted in its place.
        root = [str(self.stage.sandboxctl), "refusals", "show", entry["id"], "--socket", str(self.stage.daemon.socket)]
        self.assertIn(self.CANARY, subprocess.run(root, capture_output=True, text=True, timeout=60).stdout)
        layer.write_text(f"sandboxd-layer: 1\nname: acme\negres: none # {self.CANARY}, changed\n")
        self.assertNotIn(self.CANARY, subprocess.run(root, capture_output=True, text=True, timeout=60).stdout)
