"""The control API: who may ask for what, as the host's groups say; and what is told of sessions, and ended."""

import json
import os
import signal
import subprocess
from pathlib import Path

from cases import StagedTests
from control import Control
from receivers import mount_namespace
from stage import User, until
from wire import Wire

# Groups that the daemon and all who ask find in /etc/group here, and nobody else does.
GROUPS = {"sandboxd-users": 64901, "sandboxd-approvers": 64902, "sandboxd-auditors": 64903}

POLICY = """\
sandboxd: 1
name: watched
include: [runtime-python]
inputs: {programs: null}
tools:
  rules:
    - {id: misbehave, tools: [misbehave], effect: allow}
    - {id: never, tools: [forbidden], effect: deny}
    - {id: refunds, tools: [misbehave], effect: ask, when: {argument: /how, equals: refund}}
files: {read: ["${programs}"]}
"""


class Person:
    """A user with groups of the test's own choosing, who asks by the control API."""

    def __init__(self, stage, user: User, *groups: str):
        self.stage, self.user, self.groups = stage, user, [GROUPS[name] for name in groups]

    def run(self, *command, **environment) -> subprocess.CompletedProcess:
        return subprocess.run([str(word) for word in command], user=self.user.uid, group=self.user.gid, extra_groups=self.groups, text=True,
                              env=self.stage.environment(self.user, **environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, cwd="/", timeout=60)

    def ask(self, method: str, **parameters) -> dict:
        """The answer, or `{"error": …}`."""
        done = self.run("/usr/bin/python3", "-B", self.stage.servers / "asking.py", self.stage.daemon.socket, method, json.dumps(parameters))
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return json.loads(done.stdout)


class ControlTests(StagedTests):
    groups = ("sandboxd-users", "sandboxd-approvers", "sandboxd-auditors")

    @classmethod
    def setUpClass(cls):
        cls.enterClassContext(mount_namespace())
        super().setUpClass()
        people = {"member": ["sandboxd-users"], "approver": ["sandboxd-approvers"], "auditor": ["sandboxd-auditors"], "nobody": []}
        cls.people = {name: Person(cls.stage, cls.stage.user(name[:7]), *groups) for name, groups in people.items()}
        # Not the file alone: whoever edits the host's users meanwhile replaces it, and that would take the mount away.
        etc = cls.stage.root / "etc"
        subprocess.run(["cp", "-a", "/etc", etc], check=True)
        lines = [line for line in (etc / "group").read_text().splitlines() if not line.startswith("sandboxd-")]
        (etc / "group").write_text("\n".join(lines + [f"{name}:x:{GROUPS[name]}:" for name in cls.groups]) + "\n")
        subprocess.run(["mount", "--bind", etc, "/etc"], check=True)
        cls.addClassCleanup(subprocess.run, ["umount", "/etc"], check=True)
        cls.stage.daemon.start()

    @classmethod
    def start_daemon(cls):
        """Later: with the groups."""

    def begun(self, name: str = "first", person: str = "member", policy: str = POLICY) -> Wire:
        person = self.people[person]
        path = self.written_policy(policy, f"{name}.yaml")
        command = self.wrap(path, ["/usr/bin/python3", self.stage.servers / "raw_server.py"], {"programs": self.stage.servers}, ["--name", name])

        def start(words, **options):
            return subprocess.Popen(words, user=person.user.uid, group=person.user.gid, extra_groups=person.groups, start_new_session=True,
                                    cwd=person.user.home, **options)
        wire = Wire(command, start=start, env=self.stage.environment(person.user))
        self.wires.append(wire)
        self.assertIn("result", wire.begin(), wire.said())
        return wire

    def root(self, *words, status: int = 0) -> str:
        done = subprocess.run([self.stage.sandboxctl, *words, "--socket", self.stage.daemon.socket], capture_output=True, text=True,
                              env={"PATH": "/usr/bin:/bin", "HOME": "/root"})
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def own_session(self, person: str = "member") -> dict:
        [session] = self.people[person].ask("ListSessions")["sessions"]
        return session

    def lifecycle(self, event: str) -> list[dict]:
        shown = subprocess.run([self.stage.sandboxctl, "receipts", "show", "--json", self.stage.root / "state/evidence"], capture_output=True,
                               text=True, check=True).stdout
        receipts = [json.loads(line) for line in shown.splitlines()]
        return [receipt["body"] for receipt in receipts if receipt["kind"] == "lifecycle" and receipt["body"].get("event") == event]


class GroupTests(ControlTests):
    def refusals(self, name: str, session: str) -> dict[str, str]:
        """By method, how it was refused; without a call that could do anything."""
        calls = {"HostProfile": {}, "DescribeLog": {}, "Status": {}, "ListSessions": {}, "ShowSession": {"session": session},
                 "KillSession": {"session": "none"}, "ListApprovals": {}, "ShowApproval": {"approval": "none"}, "Approve": {"approval": "none"},
                 "Deny": {"approval": "none"}, "ListBudgets": {}, "ResetBudgets": {"budget": "none"}, "ListPins": {}, "ShowPin": {"pin": "none"},
                 "AcceptPin": {"pin": "none"}, "RejectPin": {"pin": "none"}, "EraseContent": {"receipt": 1 << 40}, "Wrap": {},
                 "Check": {}, "ListRefusals": {}, "ShowRefusal": {"refusal": "none"}, "NoteRefusal": {"refusal": "none", "words": "x"},
                 "CloseRefusal": {"refusal": "none", "words": "x"}, "ListLog": {}, "ReadLog": {}}
        person = self.people[name]
        answers = {method: person.ask(method, **parameters) for method, parameters in calls.items()}
        return {method: answer["error"].split(".")[-1] for method, answer in answers.items() if "error" in answer}

    def test_each_role_is_answered_what_its_row_says(self):
        self.begun()
        session = self.own_session()["id"]
        absent = {"KillSession": "NoSuchSession", "ShowApproval": "NoSuchApproval", "Approve": "NoSuchApproval", "Deny": "NoSuchApproval",
                  "ShowPin": "NoSuchPin", "AcceptPin": "NoSuchPin", "RejectPin": "NoSuchPin", "ShowRefusal": "NoSuchRefusal", "NoteRefusal": "NoSuchRefusal"}
        roots = {"ResetBudgets": "NotPermitted", "EraseContent": "NotPermitted"}
        others = dict.fromkeys(("CloseRefusal", "ListLog", "ReadLog"), "NotPermitted")
        starts, starts_not = ({method: error for method in ("Wrap", "Check")} for error in ("InvalidParameter", "NotPermitted"))
        # Whoever may start sessions is told what is wrong with a request for one.
        self.assertEqual(self.refusals("member", session), absent | roots | others | starts)
        for name in ("approver", "nobody"):
            with self.subTest(name=name):
                self.assertEqual(self.refusals(name, session), absent | roots | others | starts_not | {"ShowSession": "NoSuchSession"})
        self.assertEqual(self.refusals("auditor", session), absent | roots | starts_not | {"CloseRefusal": "NoSuchRefusal", "ReadLog": "InvalidParameter"})

    def test_only_members_start_sessions(self):
        self.begun()
        policy = self.written_policy(POLICY, "refused.yaml")
        for name in ("approver", "auditor", "nobody"):
            with self.subTest(name=name):
                done = self.people[name].run(self.stage.sandboxctl, "wrap", "--policy", policy, "--set", f"programs={self.stage.servers}", "--",
                                             "/usr/bin/python3", self.stage.servers / "raw_server.py")
                self.assertEqual(done.returncode, 125, done.stderr)
                self.assertIn("only members of the group `sandboxd-users` may start sessions", done.stderr)
        for words in ("status", "doctor"):
            self.assertIn("root, and members of the group `sandboxd-users`", self.root(words))

    def test_auditors_see_all_and_end_nothing(self):
        wire = self.begun()
        session = self.own_session()["id"]
        self.assertEqual([one["id"] for one in self.people["auditor"].ask("ListSessions")["sessions"]], [session])
        self.assertEqual(self.people["nobody"].ask("ListSessions")["sessions"], [])
        self.assertEqual(self.people["auditor"].ask("ShowSession", session=session)["session"]["id"], session)
        self.assertEqual(self.people["auditor"].ask("Status")["sessions"]["running"], 1)
        self.assertEqual(self.people["nobody"].ask("Status")["sessions"]["running"], 0)
        refused = self.people["auditor"].ask("KillSession", session=session)
        self.assertEqual(refused["error"], "io.sandboxd.NotPermitted", refused)
        self.assertEqual(self.people["nobody"].ask("KillSession", session=session)["error"], "io.sandboxd.NoSuchSession")
        self.assertIn("result", wire.call("misbehave", how="x"))

    def test_auditors_see_what_waits_and_decide_nothing(self):
        wire = self.begun(policy=POLICY + "approvals: {by: [\"group:sandboxd-approvers\"], wait: 30s}\n")
        asked = wire.ask("tools/call", {"name": "misbehave", "arguments": {"how": "refund"}})
        [waiting] = until(lambda: self.people["auditor"].ask("ListApprovals")["approvals"], 10, "a call that waits")
        self.assertFalse(waiting["mayDecide"])
        self.assertEqual(self.people["nobody"].ask("ListApprovals")["approvals"], [])
        for name, error in {"auditor": "NotPermitted", "member": "NotPermitted", "nobody": "NoSuchApproval"}.items():
            with self.subTest(name=name):
                self.assertEqual(self.people[name].ask("Approve", approval=waiting["id"])["error"], f"io.sandboxd.{error}")
        session = self.people["auditor"].ask("ShowSession", session=waiting["session"])
        self.assertEqual((session["session"]["waiting"], session["facts"]["approvals"]), (1, [waiting["id"]]))
        status = self.people["auditor"].ask("Status")
        self.assertEqual((status["waiting"], status["oldestWait"]), (1, waiting["asked"]))
        self.assertEqual(self.people["approver"].ask("Approve", approval=waiting["id"]), {"waits": True, "message": None})
        self.assertIn("result", wire.answer(asked))

    def test_who_leaves_the_group_starts_nothing_more(self):
        """The group gets another number, as it does when it is made anew: the process is no member any more."""
        self.assertEqual(self.people["member"].ask("Wrap")["error"], "org.varlink.service.InvalidParameter")
        group_file = Path("/etc/group")
        text = group_file.read_text()
        self.addCleanup(group_file.write_text, text)
        group_file.write_text(text.replace(":64901:", ":64911:"))
        self.assertEqual(self.people["member"].ask("Wrap")["error"], "io.sandboxd.NotPermitted")
        group_file.write_text(text)
        self.assertEqual(self.people["member"].ask("Wrap")["error"], "org.varlink.service.InvalidParameter")


class LogTests(ControlTests):
    """Auditors read the log without its files, and everybody hears of it who reads it."""

    def log(self) -> list[dict]:
        shown = subprocess.run([self.stage.sandboxctl, "receipts", "show", "--json", self.stage.root / "state/evidence"], capture_output=True, text=True, check=True)
        return [json.loads(line) for line in shown.stdout.splitlines()]

    def receipts_command(self, name: str, *words, status: int = 0):
        done = self.people[name].run(self.stage.sandboxctl, "receipts", *words)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def test_auditors_show_verify_and_bundle_the_log_and_nobody_else_does(self):
        wire = self.begun()
        self.assertIn("result", wire.call("misbehave", how="x"))
        self.assertEqual(wire.close(), 0, wire.said())
        until(lambda: any(receipt["kind"] == "exit" for receipt in self.log()), 10, "the end, behind which the log is signed")
        evidence = self.stage.root / "state/evidence"
        self.assertNotEqual(self.people["auditor"].run("cat", evidence / "checkpoints").returncode, 0, "the files are root's")
        before = len(self.lifecycle("log-read"))
        shown = [json.loads(line) for line in self.receipts_command("auditor", "show", "--json").stdout.splitlines()]
        self.assertEqual(shown, self.log()[:len(shown)])
        self.assertIn("decision", {receipt["kind"] for receipt in shown})
        read = self.lifecycle("log-read")
        self.assertEqual((len(read), read[-1]["by"]), (before + 1, self.people["auditor"].user.uid))
        self.assertIn("verified", self.receipts_command("auditor", "verify").stdout.lower())
        bundle = self.people["auditor"].user.home / "bundle"
        self.receipts_command("auditor", "bundle", "--output", bundle)
        self.receipts_command("auditor", "verify", bundle)
        for name in ("nobody", "member", "approver"):
            with self.subTest(name=name):
                self.assertIn("read by root and by members of the group `sandboxd-auditors`", self.receipts_command(name, "show", status=1).stderr)
        # Whatever it asks for: neither keys nor arguments, and nothing before it is recorded who reads.
        program = ("import json, sys\nfrom control import Control, Refused\nwith Control(sys.argv[1]) as control:\n"
                   "    said = []\n"
                   "    for method, parameters in json.loads(sys.argv[2]):\n"
                   "        try:\n            control.call(method, **parameters)\n            said.append('done')\n"
                   "        except Refused as refused:\n            said.append(refused.name.split('.')[-1])\nprint(json.dumps(said))\n")
        names = ("key", "../evidence/key", "contents", "commitment-keys/x", "segments/../key", "snapshot", "lock", "/etc/shadow")
        calls = [["ReadLog", {"file": "checkpoints", "offset": 0}], ["ListLog", {}], *[["ReadLog", {"file": name, "offset": 0}] for name in names],
                 ["ReadLog", {"file": "checkpoints", "offset": -1}], ["ReadLog", {"file": "checkpoints", "offset": 0}]]
        done = self.people["auditor"].run("/usr/bin/python3", "-B", "-c", program, self.stage.daemon.socket, json.dumps(calls), PYTHONPATH=str(self.stage.servers))
        self.assertEqual(json.loads(done.stdout), ["NotPermitted", "done", *["InvalidParameter"] * (len(names) + 1), "done"], done.stderr)
        self.assertEqual(list(Path("/var/tmp").glob("sandboxctl-log-*")), [])

    def test_following_shows_what_comes_and_leaves_nothing(self):
        auditor = self.people["auditor"]
        before = len(self.lifecycle("log-read"))
        process = subprocess.Popen([self.stage.sandboxctl, "receipts", "follow", "--json"], user=auditor.user.uid, group=auditor.user.gid,
                                   extra_groups=auditor.groups, env=self.stage.environment(auditor.user), stdout=subprocess.PIPE, cwd="/")
        try:
            until(lambda: len(self.lifecycle("log-read")) > before, 10, "the reading")
            wire = self.begun()
            self.assertIn("result", wire.call("misbehave", how="x"))
            kinds = set()
            while "decision" not in kinds:
                kinds.add(json.loads(process.stdout.readline())["kind"])
            self.assertIn("launch", kinds)
            process.send_signal(signal.SIGTERM)
            process.wait(20)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
        until(lambda: not list(Path("/var/tmp").glob("sandboxctl-log-*")), 10, "the end of the copy")


class NoGroupTests(ControlTests):
    groups = ()

    def test_without_the_group_whoever_reaches_the_socket_starts_sessions(self):
        self.begun(person="nobody")
        for words in ("status", "doctor"):
            self.assertIn("whoever reaches the socket, since there is no group `sandboxd-users`", self.root(words))
        self.assertEqual(self.people["auditor"].ask("ListSessions")["sessions"], [])


class SessionTests(ControlTests):
    def test_what_is_told_of_a_session(self):
        wire = self.begun()
        self.assertIn("result", wire.call("misbehave", how="x"))
        for _ in range(2):
            wire.call("forbidden")
        person = self.people["member"]
        session = self.own_session()["id"]
        shown = until(lambda: (told := person.ask("ShowSession", session=session))["session"]["decisions"]["block"] == 2 and told, 10, "the fold")
        self.assertEqual(shown["session"]["client"]["pid"], os.getpid())
        self.assertEqual(shown["session"]["caller"], person.user.uid)
        self.assertGreaterEqual(shown["session"]["decisions"]["forward"], 1)
        facts = shown["facts"]
        self.assertEqual((facts["policyName"], facts["uid"], facts["adopted"], facts["budgets"]), ("watched", person.user.uid, False, []))
        self.assertEqual(list(facts["blocks"].values()), [2])
        self.assertIn("landlock-files", facts["mechanisms"])
        self.assertEqual({len(facts[name]) for name in ("policy", "plan", "host")}, {64})
        text = person.run(self.stage.sandboxctl, "sessions", "show", session).stdout
        for words in (f"{session}: `first`, running", "policy     `watched`, sha256:" + facts["policy"], "2 blocked", "held by    landlock-files"):
            self.assertIn(words, text)
        status = person.ask("Status")
        self.assertEqual({(one["by"], one["what"], one["rule"], one["session"]) for one in status["denials"]}, {("gate", "forbidden", "never", session)})
        self.assertEqual((status["process"], status["custody"]), (self.stage.daemon.process.pid, "daemon"))
        said = person.run(self.stage.sandboxctl, "status").stdout
        for words in ("sessions: 1 running", "waiting for a person: nothing", "rule never", "mode: daemon, as root"):
            self.assertIn(words, said)
        self.assertEqual(json.loads(person.run(self.stage.sandboxctl, "status", "--json").stdout)["status"]["sessions"]["running"], 1)
        wire.close()
        # What was denied in it is told when it is over, too, of its caller's.
        until(lambda: self.people["member"].ask("ListSessions")["sessions"] == [], 10, "its end")
        self.assertEqual(len(person.ask("Status")["denials"]), 2)
        self.assertEqual(self.people["nobody"].ask("Status")["denials"], [])

    def test_what_was_counted_is_counted_by_the_next_daemon(self):
        wire = self.begun()
        wire.call("forbidden")
        person, session = self.people["member"], self.own_session()["id"]
        before = until(lambda: (told := person.ask("ShowSession", session=session))["session"]["decisions"]["block"] == 1 and told, 10, "the fold")
        self.stage.daemon.process.kill()
        self.stage.daemon.process.wait()
        self.stage.daemon.start()
        after = until(lambda: (told := person.ask("ShowSession", session=session))["session"]["decisions"]["block"] == 1 and told, 10, "the fold")
        self.assertTrue(after["facts"].pop("adopted"))
        self.assertFalse(before["facts"].pop("adopted"))
        self.assertEqual(after["facts"], before["facts"])
        self.assertEqual(after["session"], before["session"])

    def test_a_session_is_ended_by_its_caller_or_by_root(self):
        for who in ("member", "root"):
            with self.subTest(who=who):
                wire = self.begun()
                session = self.own_session()["id"]
                words = ["sessions", "kill", session, "--reason", f"asked by {who}"]
                said = self.root(*words) if who == "root" else self.people[who].run(self.stage.sandboxctl, *words).stdout
                self.assertEqual(said, f"ended {session}\n")
                # It is over when the command returns: nothing of it is left.
                self.assertEqual([process for process in self.stage.own_processes() if "raw_server.py" in str(process.arguments)
                                  and process.name != "sandboxctl"], [])
                self.assertEqual(self.people["member"].ask("ListSessions")["sessions"], [])
                receipt = self.lifecycle("killed")[-1]
                uid = 0 if who == "root" else self.people[who].user.uid
                self.assertEqual((receipt["by"]["uid"], receipt["reason"], receipt["server"]), (uid, f"asked by {who}", "first"))
                self.assertNotEqual(wire.process.wait(10), 0)
                gone = self.people["member"].run(self.stage.sandboxctl, "sessions", "kill", session)
                self.assertEqual(gone.returncode, 1, gone.stderr)
                self.assertIn("no session runs under", gone.stderr)

    def test_a_session_is_ended_while_it_starts(self):
        """Whoever waits for it is answered."""
        policy = self.written_policy(POLICY)
        person = self.people["member"]
        command = [self.stage.sandboxctl, "wrap", "--policy", policy, "--set", f"programs={self.stage.servers}", "--name", "slow", "--",
                   "/usr/bin/python3", self.stage.servers / "raw_server.py"]
        with Control(self.stage.daemon.socket) as control:
            for _ in range(20):
                wrap = subprocess.Popen([str(word) for word in command], user=person.user.uid, group=person.user.gid, extra_groups=person.groups,
                                        env=self.stage.environment(person.user), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
                found = None
                while wrap.poll() is None and not found:
                    found = [one for one in control.call("ListSessions")["sessions"] if one["server"] == "slow"]
                if found:
                    control.call("KillSession", session=found[0]["id"])
                out, errors = wrap.communicate(timeout=30)
                self.assertNotEqual(wrap.returncode, 0)
                self.assertEqual(control.call("ListSessions")["sessions"], [])
                # It may have run by the time it was ended.
                if "the session was ended by uid 0" in errors:
                    return
        self.fail("no session was ended while it started")

    def test_names_that_would_mislead_are_escaped(self):
        name = "a\u202eb\u001b"
        self.begun(name="plain")
        policy = self.written_policy(POLICY)
        person = self.people["member"]
        command = self.wrap(policy, ["/usr/bin/python3", self.stage.servers / "raw_server.py"], {"programs": self.stage.servers}, ["--name", name])
        wire = Wire(command, start=lambda words, **options: subprocess.Popen(
            words, user=person.user.uid, group=person.user.gid, extra_groups=person.groups, cwd="/", start_new_session=True, **options), env=self.stage.environment(person.user))
        self.wires.append(wire)
        self.assertIn("result", wire.begin(), wire.said())
        [one] = [one for one in person.ask("ListSessions")["sessions"] if one["server"] == name]
        for words in (["sessions"], ["sessions", "show", one["id"]]):
            said = person.run(self.stage.sandboxctl, *words).stdout
            self.assertIn("a\\u{202e}b\\u{1b}", said)
            self.assertFalse(set(said) & set("\u202e\u001b"), said)


class NamespaceTests(StagedTests):
    """Who lives in another mount or user namespace is answered nothing, whatever it asks; the same process outside is."""

    QUESTIONS = ("org.varlink.service.GetInfo", "HostProfile", "DescribeLog", "Status", "ListSessions", "ListApprovals", "ListBudgets", "ListPins")

    def answers(self, prefix: list[str], user=None) -> set[str]:
        """How each question was answered: `answered`, or the name of an error."""
        found = set()
        for question in self.QUESTIONS:
            command = [*prefix, "/usr/bin/python3", "-B", self.stage.servers / "asking.py", self.stage.daemon.socket, question, "{}"]
            if user is None:
                done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=30)
            else:
                done = user.run(command)
            self.assertEqual(done.returncode, 0, done.stderr)
            found.add(json.loads(done.stdout).get("error", "answered"))
        return found

    def test_of_another_mount_namespace(self):
        self.assertEqual(self.answers([]), {"answered"}, "positive control")
        self.assertEqual(self.answers(["unshare", "--mount", "--propagation", "private"]), {"io.sandboxd.NotPermitted"})

    def test_of_another_user_namespace(self):
        self.assertEqual(self.answers([], self.user), {"answered"}, "positive control")
        free = self.user.run(["unshare", "--user", "--map-root-user", "/bin/true"])
        if free.returncode != 0:
            self.skipTest(f"this host lets nobody make user namespaces: {free.stderr}")
        self.assertEqual(self.answers(["unshare", "--user", "--map-root-user"], self.user), {"io.sandboxd.NotPermitted"})

    def test_sandboxctl_says_so(self):
        done = subprocess.run(["unshare", "--mount", "--propagation", "private", str(self.stage.sandboxctl), "sessions", "--socket",
                               str(self.stage.daemon.socket)], capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 5)
        self.assertIn("a process of another mount or user namespace may not ask for anything", done.stderr)
