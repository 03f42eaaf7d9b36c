"""Calls that wait for a person: in line, by the approval id, in the client's window; who may decide, and that each runs at most once."""

import json
import os
import re
import shutil
import signal
import subprocess
import time

from cases import call
from generation_tests import GENERATIONS
from hold_tests import FORMS, HoldTests
from stage import required, until
from wire import MODERN


class LineTests(HoldTests):
    def test_approved_in_line(self):
        for version in ("2025-11-25", MODERN):
            with self.subTest(version=version):
                wire = self.begun(version)
                id = self.refund(wire, 12)
                waits = self.one_waiting()
                self.assertEqual((waits["tool"], waits["rule"], waits["waits"], waits["mayDecide"]), ("refund", "big", True, True))
                self.assert_refunded(wire)
                self.assertIn("the call is made", self.decide("approve", waits["id"]))
                self.assertIn("refunded 12", wire.answer(id)["result"]["content"][0]["text"])
                self.assert_refunded(wire, 12)
                again = self.approvals_command("approve", waits["id"])
                self.assertEqual(again.returncode, 1, again.stderr)
                self.assert_refunded(wire, 12)
                self.assertEqual(wire.close(), 0, wire.said())

    def test_denied_in_line(self):
        wire = self.begun()
        id = self.refund(wire, 12)
        self.decide("deny", self.one_waiting()["id"], "--reason", "wait for Monday")
        answer = wire.answer(id)
        self.assertEqual(self.code(answer), "D121")
        self.assertIn("wait for Monday", answer["result"]["content"][0]["text"])
        self.assert_refunded(wire)

    def test_what_the_approver_sees(self):
        wire = self.begun()
        wire.ask("tools/call", {"name": "refund", "arguments": {"note": "a\u202eb\u001b[31m\n", "amount": 20.50}})
        waits = self.one_waiting()
        shown = self.decide("show", waits["id"])
        for words in ("\\u{202e}", "\\u001b", '"amount": 20.5', "rule      big of the policy", "refunds of 10 and more need a person", "caller, ",
                      f"uid {self.user.uid}", "process "):
            self.assertIn(words.rstrip(", "), shown)
        self.assertNotIn("\u202e", shown)
        self.assertNotIn("\x1b", shown)
        whole = json.loads(self.decide("show", waits["id"], "--json"))
        self.assertEqual(json.loads(whole["arguments"]), {"note": "a\u202eb\u001b[31m\n", "amount": 20.5})
        self.assertEqual(os.path.realpath(f"/proc/{os.getpid()}/exe"), whole["approval"]["client"]["executable"])
        self.decide("approve", waits["id"])
        self.refund(wire, 21)
        self.assertIn('+ "amount": 21', re.sub(" +", " ", self.decide("show", self.one_waiting()["id"])))

    def test_limits_are_spent_when_the_call_is_made(self):
        wire = self.begun()
        first, second = self.refund(wire, 77), self.refund(wire, 77)
        until(lambda: len(self.waiting()) == 2, 10, "two calls that wait")
        for one in self.waiting():
            self.decide("approve", one["id"])
        answers = [wire.answer(first), wire.answer(second)]
        self.assertEqual(sorted(self.code(answer) or "" for answer in answers), ["", "D106"])
        self.assert_refunded(wire, 77)

    def test_progress_while_it_waits(self):
        wire = self.begun()
        id = self.refund(wire, 12, _meta={"progressToken": "p"})
        self.assertEqual(self.code(wire.answer(id)), "D122")
        progress = [other["params"] for other in wire.others if other.get("method") == "notifications/progress"]
        self.assertTrue(progress)
        self.assertTrue(all(one["progressToken"] == "p" and 0 < one["progress"] < 1 for one in progress), progress)

    def test_receipts_say_who_decided(self):
        wire = self.begun()
        id = self.refund(wire, 12)
        approval = self.one_waiting()["id"]
        self.decide("approve", approval)
        wire.answer(id)
        wire.close()
        self.assert_nothing_left()
        holds = [receipt["body"] for receipt in self.receipts("hold")]
        self.assertEqual([hold.get("outcome", hold.get("decision")) for hold in holds], ["hold", "granted"])
        self.assertEqual(holds[1]["approval"], approval)
        self.assertIn(f"uid {self.user.uid}", holds[1]["by"])
        grants = [receipt["body"] for receipt in self.receipts("grant")]
        self.assertEqual([(grant["approval"], grant["approver"]["uid"]) for grant in grants], [(approval, self.user.uid)])
        self.evidence_verifies()


class RetryTests(HoldTests):
    def left(self, amount: float, **more) -> str:
        """A call that waited for nothing; its approval id."""
        wire = self.begun(**more)
        answer = wire.answer(self.refund(wire, amount))
        self.assertEqual(self.code(answer), "D122", answer)
        return self.id_in(answer)

    def test_approved_after_the_wait_and_made_again(self):
        approval = self.left(12)
        wire = self.wires[0]
        self.assert_refunded(wire)
        self.assertIn("makes it again", self.decide("approve", approval))
        other = wire.ask("tools/call", {"name": "refund", "arguments": {"amount": 13}})
        self.assertIn("refunded 12", wire.text("refund", amount=12))
        self.assert_refunded(wire, 12)
        self.assertEqual(self.code(wire.answer(other)), "D122")
        again = wire.answer(self.refund(wire, 12))
        self.assertEqual(self.code(again), "D122")
        self.assert_refunded(wire, 12)

    def test_the_same_call_finds_its_question(self):
        approval = self.left(12)
        wire = self.wires[0]
        id = self.refund(wire, 12)
        self.assertEqual(until(lambda: [one for one in self.waiting() if one["waits"]], 10, "the call")[0]["id"], approval)
        self.decide("approve", approval)
        self.assertIn("refunded 12", wire.answer(id)["result"]["content"][0]["text"])
        self.assert_refunded(wire, 12)

    def test_after_a_restart_of_the_client(self):
        approval = self.left(12)
        self.end_wires()
        self.assert_nothing_left()
        self.assertEqual([one["id"] for one in self.waiting()], [approval])
        self.decide("approve", approval)
        wire = self.begun()
        self.assertIn("refunded 12", wire.text("refund", amount=12))
        self.assertEqual(self.code(wire.answer(self.refund(wire, 12))), "D122")
        self.assert_refunded(wire, 12)

    def test_another_policy_gets_nothing_from_it(self):
        approval = self.left(12)
        self.end_wires()
        self.decide("approve", approval)
        wire = self.begun(approvals="{by: [caller], wait: 2s, within: 1m}")
        self.assertEqual(self.code(wire.answer(self.refund(wire, 12))), "D122")
        self.assert_refunded(wire)

    def test_two_sessions_and_one_grant(self):
        approval = self.left(12)
        self.end_wires()
        self.decide("approve", approval)
        command = self.wrapped()
        steps = [call("refund", amount=12), call("seen")]
        clients = [self.user.start([required("SANDBOXD_SDK2") / "bin/python", self.stage.servers / "client.py", "--mode", "legacy", "--env",
                                    f"SANDBOXD_SOCKET={self.stage.daemon.socket}", *[word for step in steps for word in step], "--", *command],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
        said = [client.communicate(timeout=60)[0] for client in clients]
        seen = [json.loads(line)["text"] for one in said for line in one.splitlines() if '"step": 1' in line]
        self.assertEqual(sorted(seen), ["[12.0]", "[]"], said)

    def test_a_cancelled_call_never_runs(self):
        wire = self.begun()
        id = self.refund(wire, 12)
        waits = self.one_waiting()
        wire.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}})
        until(lambda: not self.waiting(), 10, "the end of the wait")
        self.assertEqual(self.approvals_command("approve", waits["id"]).returncode, 1)
        self.assert_refunded(wire)

    def test_the_end_of_the_client_drops_what_waits(self):
        wire = self.begun()
        self.refund(wire, 12)
        waits = self.one_waiting()
        self.assertEqual(wire.close(), 0, wire.said())
        self.assertEqual(self.waiting(), [])
        self.assertEqual(self.approvals_command("approve", waits["id"]).returncode, 1)
        self.assertNotIn("refunded 12", wire.said())

    def test_expired(self):
        wire = self.begun(approvals="{by: [caller], wait: 30s, within: 2s}")
        id = self.refund(wire, 12)
        waits = self.one_waiting()
        self.assertEqual(self.code(wire.answer(id)), "D123")
        self.assertEqual(self.approvals_command("approve", waits["id"]).returncode, 1)
        self.assert_refunded(wire)

    def test_a_denial_after_the_wait_is_told_once(self):
        approval = self.left(12)
        wire = self.wires[0]
        self.decide("deny", approval, "--reason", "never")
        self.assertEqual(self.code(wire.answer(self.refund(wire, 12))), "D121")
        self.assertEqual(self.code(wire.answer(self.refund(wire, 12))), "D122")
        self.assert_refunded(wire)


class ApproverTests(HoldTests):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.stage.user("other")

    def test_others_see_and_decide_nothing(self):
        wire = self.begun()
        id = self.refund(wire, 12)
        waits = self.one_waiting()
        self.assertEqual(self.waiting(self.other), [])
        for words in (["show"], ["approve"], ["deny"]):
            done = self.approvals_command(*words, waits["id"], user=self.other)
            self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
        self.assertEqual(self.code(wire.answer(id)), "D122")
        self.assert_refunded(wire)

    def test_root_sees_and_does_not_decide(self):
        wire = self.begun()
        id = self.refund(wire, 12)
        waits = self.one_waiting()
        environment = {"SANDBOXD_SOCKET": str(self.stage.daemon.socket), "PATH": "/usr/bin:/bin", "HOME": "/root"}
        for words, status in ((["show"], 0), (["approve"], 1)):
            done = subprocess.run([self.stage.sandboxctl, "approvals", *words, waits["id"]], env=environment, capture_output=True, text=True)
            self.assertEqual(done.returncode, status, done.stderr)
        self.assertIn("caller", done.stderr)
        self.assertEqual(self.code(wire.answer(id)), "D122")
        self.assert_refunded(wire)

    def test_a_group_decides_and_the_caller_does_not(self):
        wire = self.begun(approvals='{by: ["group:%s"], wait: 5s}' % self.other.name)
        id = self.refund(wire, 12)
        waits = self.one_waiting()
        self.assertFalse(waits["mayDecide"])
        done = self.approvals_command("approve", waits["id"])
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(f"group:{self.other.name}", done.stderr)
        self.assert_refunded(wire)
        self.decide("approve", waits["id"], user=self.other)
        self.assertIn("refunded 12", wire.answer(id)["result"]["content"][0]["text"])

    def test_a_user_decides(self):
        wire = self.begun(approvals='{by: ["user:%s"], wait: 5s}' % self.other.name)
        id = self.refund(wire, 12)
        self.decide("approve", self.one_waiting()["id"], user=self.other)
        self.assertIn("refunded 12", wire.answer(id)["result"]["content"][0]["text"])


class WatchTests(HoldTests):
    def test_watching(self):
        told = self.user.home / "told"
        told.unlink(missing_ok=True)
        watcher = self.user.start([self.stage.sandboxctl, "approvals", "watch", "--json", "--exec", f'echo "$SANDBOXD_APPROVAL $1" >> {told}'],
                                  self.hold_environment(), stdout=subprocess.PIPE, text=True)
        try:
            wire = self.begun()
            id = self.refund(wire, 12)
            held = json.loads(watcher.stdout.readline())
            self.assertEqual((held["event"], held["approval"]["tool"]), ("held", "refund"))
            approval = held["approval"]["id"]
            until(lambda: told.exists() and told.read_text() == f"{approval} {approval}\n", 10, "the command")
            self.decide("approve", approval)
            wire.answer(id)
            self.assertEqual(json.loads(watcher.stdout.readline())["event"], "granted")
        finally:
            os.killpg(watcher.pid, signal.SIGKILL)
            watcher.wait()
            watcher.stdout.close()


class WindowTests(HoldTests):
    """The official SDKs as clients that take forms."""

    def answers_of(self, generation, elicit: str, *steps) -> tuple[list[dict], list[dict]]:
        words = [word for step in steps for word in step]
        client = [required(generation.environment) / "bin/python", self.stage.servers / "client.py", "--mode", generation.mode, "--elicit", elicit,
                  "--env", f"SANDBOXD_SOCKET={self.stage.daemon.socket}"]
        done = self.user.run([*client, *words, "--", *self.wrapped()])
        self.client_said = done.stderr
        events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        return self.answers(events), [event for event in events if event["event"] == "asked"]

    def test_accepted(self):
        for generation in GENERATIONS:
            with self.subTest(generation=generation):
                answers, asked = self.answers_of(generation, "accept", call("refund", amount=12), call("seen"), call("refund", amount=12),
                                                 call("refund", amount=1), call("seen"))
                self.assertEqual([answer["text"] for answer in answers], ["refunded 12", "[12.0]", "refunded 12", "refunded 1", "[12.0, 12.0, 1.0]"])
                self.assertEqual(len(asked), 2)
                for words in ("refund", '{"amount":12}', "Rule big of the policy: refunds of 10 and more need a person", "Approval id: "):
                    self.assertIn(words, asked[0]["message"])
                self.assert_nothing_left()

    def test_declined_and_cancelled(self):
        for generation in GENERATIONS:
            for word in ("decline", "cancel"):
                with self.subTest(generation=generation, word=word):
                    answers, asked = self.answers_of(generation, word, call("refund", amount=12), call("seen"))
                    self.assert_denied(answers[0], "D121")
                    self.assertEqual((answers[1]["text"], len(asked)), ("[]", 1))
                    self.assertEqual(self.waiting(), [])

    def test_decided_elsewhere_while_the_window_is_open(self):
        wire = self.begun(capabilities=FORMS)
        id = self.refund(wire, 12)
        question = wire.receive()
        self.assertEqual(question["method"], "elicitation/create")
        self.decide("approve", self.one_waiting()["id"])
        self.assertIn("refunded 12", wire.answer(id)["result"]["content"][0]["text"])
        self.assertIn({"requestId": question["id"]}, [other.get("params") for other in wire.others])
        wire.send({"jsonrpc": "2.0", "id": question["id"], "result": {"action": "accept", "content": {"approve": True}}})
        self.assert_refunded(wire, 12)

    def test_the_server_cannot_answer_for_the_user(self):
        """A grant is for the client to give: the same line from the server does nothing, which the gate's own tests show; here, a forged id."""
        wire = self.begun(capabilities=FORMS)
        id = self.refund(wire, 12)
        question = wire.receive()
        for forged in ("sandboxd-0", question["id"][:-1], 1):
            wire.send({"jsonrpc": "2.0", "id": forged, "result": {"action": "accept", "content": {"approve": True}}})
        self.assert_refunded(wire)
        wire.send({"jsonrpc": "2.0", "id": question["id"], "result": {"action": "cancel"}})
        self.assertEqual(self.code(wire.answer(id)), "D121")
        self.assert_refunded(wire)


    def test_what_was_accepted_is_what_later_approvers_compare_with(self):
        wire = self.begun(capabilities=FORMS)
        # Before the first there may be what another test approved.
        for amount, action, last in ((31, "accept", None), (32, "decline", 31), (33, "cancel", 31), (34, "accept", 31), (35, "cancel", 34)):
            id = self.refund(wire, amount)
            question = wire.receive()
            shown = json.loads(self.decide("show", self.one_waiting()["id"], "--json"))
            approved = shown["lastApproved"] and json.loads(shown["lastApproved"])
            self.assertEqual(approved, {"amount": last}) if last else self.assertNotEqual(approved, {"amount": 31})
            content = {"content": {"approve": True}} if action == "accept" else {}
            wire.send({"jsonrpc": "2.0", "id": question["id"], "result": {"action": action} | content})
            self.assertEqual(self.code(wire.answer(id)), None if action == "accept" else "D121")
            self.assertEqual(self.waiting(), [])
        self.assert_refunded(wire, 31, 34)
        self.assertEqual(wire.close(), 0, wire.said())

    def test_watchers_hear_that_it_was_accepted(self):
        watcher = self.user.start([self.stage.sandboxctl, "approvals", "watch", "--json"], self.hold_environment(), stdout=subprocess.PIPE, text=True)
        try:
            wire = self.begun(capabilities=FORMS)
            id = self.refund(wire, 12)
            question = wire.receive()
            self.assertEqual(json.loads(watcher.stdout.readline())["event"], "held")
            wire.send({"jsonrpc": "2.0", "id": question["id"], "result": {"action": "accept", "content": {"approve": True}}})
            wire.answer(id)
            self.assertEqual(json.loads(watcher.stdout.readline())["event"], "granted")
        finally:
            os.killpg(watcher.pid, signal.SIGKILL)
            watcher.wait()
            watcher.stdout.close()


class RestartTests(HoldTests):
    def test_the_next_daemon_is_asked(self):
        wire = self.begun(approvals="{by: [caller], wait: 30s}")
        id = self.refund(wire, 12)
        first = self.one_waiting()["id"]
        daemon = self.stage.daemon
        daemon.process.kill()
        daemon.process.wait()
        daemon.start()
        waits = until(self.waiting, 10, "the call, asked again")[0]
        self.assertNotEqual(waits["id"], first)
        self.assertEqual(self.approvals_command("approve", first).returncode, 1)
        self.decide("approve", waits["id"])
        self.assertIn("refunded 12", wire.answer(id)["result"]["content"][0]["text"])
        self.assert_refunded(wire, 12)
        second = self.refund(wire, 13)
        self.decide("approve", self.one_waiting()["id"])
        self.assertIn("refunded 13", wire.answer(second)["result"]["content"][0]["text"])
        self.assertEqual(wire.close(), 0, wire.said())

    def test_an_answer_that_comes_behind_a_restart(self):
        """The next daemon never heard of the question, which the gate itself has asked."""
        wire = self.begun(MODERN)
        meta = {"io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {"elicitation": {"form": {}}}}
        params = {"name": "refund", "arguments": {"amount": 12}, "_meta": meta}
        wire.send({"jsonrpc": "2.0", "id": "first", "method": "tools/call", "params": params})
        asked = wire.answer("first")["result"]
        self.assertEqual(asked["resultType"], "input_required", asked)
        daemon = self.stage.daemon
        daemon.process.kill()
        daemon.process.wait()
        daemon.start()
        answer = {"inputResponses": {"approval": {"action": "accept", "content": {"approve": True}}}, "requestState": asked["requestState"]}
        wire.send({"jsonrpc": "2.0", "id": "second", "method": "tools/call", "params": params | answer})
        self.assertIn("refunded 12", wire.answer("second")["result"]["content"][0]["text"])
        self.assert_refunded(wire, 12)
        id = self.refund(wire, 13)
        self.decide("approve", self.one_waiting()["id"])
        self.assertIn("refunded 13", wire.answer(id)["result"]["content"][0]["text"])
        self.assertEqual(wire.close(), 0, wire.said())

    def test_without_a_daemon_a_call_is_blocked_and_the_rest_goes_on(self):
        wire = self.begun(approvals="{by: [caller], wait: 30s}")
        daemon = self.stage.daemon
        daemon.process.kill()
        daemon.process.wait()
        begun = time.monotonic()
        id = self.refund(wire, 12)
        self.assert_refunded(wire)
        self.assertEqual(self.code(wire.answer(id)), "D304")
        self.assertGreater(time.monotonic() - begun, 9)
        self.assertIn("refunded 1", wire.text("refund", amount=1))
        daemon.start()
        again = self.refund(wire, 12)
        self.decide("approve", self.one_waiting()["id"])
        self.assertIn("refunded 12", wire.answer(again)["result"]["content"][0]["text"])
        self.assertEqual(wire.close(), 0, wire.said())


    def test_a_call_that_is_listed_is_blocked_when_the_daemon_is_killed_or_hangs(self):
        """Long before its own `wait` ends; a daemon that comes back in time is not missed."""
        daemon = self.stage.daemon
        for how in (signal.SIGKILL, signal.SIGSTOP):
            with self.subTest(how=how.name):
                wire = self.begun(approvals="{by: [caller], wait: 120s}")
                listed = self.refund(wire, 12)
                self.one_waiting()
                daemon.process.send_signal(signal.SIGSTOP)
                time.sleep(4)
                daemon.process.send_signal(signal.SIGCONT)
                self.one_waiting()
                begun = time.monotonic()
                daemon.process.send_signal(how)
                self.assertEqual(self.code(wire.answer(listed)), "D304")
                self.assertTrue(9 < time.monotonic() - begun < 16, time.monotonic() - begun)
                self.assert_refunded(wire)
                self.assertIn("refunded 1", wire.text("refund", amount=1))
                if how == signal.SIGKILL:
                    daemon.process.wait()
                    daemon.start()
                else:
                    daemon.process.send_signal(signal.SIGCONT)
                until(lambda: not self.waiting(), 10, "the end of what nobody waits for")
                again = self.refund(wire, 13)
                self.decide("approve", self.one_waiting()["id"])
                self.assertIn("refunded 13", wire.answer(again)["result"]["content"][0]["text"])
                self.assert_refunded(wire, 1, 13)
                self.assertEqual(wire.close(), 0, wire.said())


class NotifyTests(HoldTests):
    @classmethod
    def start_daemon(cls):
        cls.told = cls.stage.root / "notified"
        script = cls.stage.root / "notify"
        script.write_text(f'#!/bin/sh\ntr "\\0" " " < /proc/$$/environ > {cls.told}.$1\necho "$# $1 $SANDBOXD_APPROVAL" >> {cls.told}\nsleep 4\n')
        script.chmod(0o755)
        cls.stage.daemon.options = ["--notify", script]
        super().start_daemon()

    def test_it_is_told_the_id_and_nothing_waits_for_it(self):
        self.told.unlink(missing_ok=True)
        wire = self.begun()
        ids = [self.refund(wire, amount) for amount in (12, 13)]
        until(lambda: len(self.waiting()) == 2, 10, "both calls")
        lines = until(lambda: self.told.exists() and len(self.told.read_text().splitlines()) == 2 and self.told.read_text(), 10, "both notices")
        waits = [one["id"] for one in self.waiting()]
        self.assertEqual(sorted(lines.splitlines()), sorted(f"1 {id} {id}" for id in waits))
        for id in waits:
            given = self.told.with_name(f"{self.told.name}.{id}").read_text().split()
            self.assertEqual(sorted(word.split("=")[0] for word in given), ["PATH", "SANDBOXD_APPROVAL"])
        for id in waits:
            self.decide("approve", id)
        for id in ids:
            self.assertIn("refunded", wire.answer(id)["result"]["content"][0]["text"])

    def started(self, program) -> tuple[int | None, str]:
        """How a daemon with this program ends, and what it says; no status where it serves."""
        place = self.stage.root / "notifying"
        place.mkdir(exist_ok=True)
        command = [self.stage.programs / "sandboxd", "--state", place / "state", "--socket", place / "sock", "--notify", program]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env={"PATH": "/usr/bin:/bin"},
                              preexec_fn=self.stage.cgroup.enter) as daemon:
            until(lambda: daemon.poll() is not None or (place / "sock").exists(), 20, "it to serve, or to end")
            status = daemon.poll()
            daemon.terminate()
            said = daemon.communicate(timeout=20)[1]
        shutil.rmtree(place)
        return status, said

    def test_a_program_that_others_could_change_is_refused(self):
        place = self.stage.root / "notifiers"
        script = place / "inner/notify"
        script.parent.mkdir(parents=True)
        self.addCleanup(shutil.rmtree, place)

        def fresh():
            script.unlink(missing_ok=True)
            script.write_text("#!/bin/sh\n")
            for path in (place, script.parent, script):
                os.chown(path, 0, 0)
                path.chmod(0o755)

        def link():
            script.rename(place / "other")
            script.symlink_to(place / "other")

        ways = {
            "its owner": (lambda: os.chown(script, self.user.uid, 0), f"`{script}` is no program for --notify: it belongs to uid {self.user.uid}"),
            "its group": (lambda: script.chmod(0o775), f"`{script}` is no program for --notify: others than root may write it"),
            "others": (lambda: script.chmod(0o757), "others than root may write it"),
            "who may write the directory": (lambda: script.parent.chmod(0o1777), f"`{script.parent}` is no program for --notify: others"),
            "whose the directory is": (lambda: os.chown(script.parent, self.user.uid, 0), f"`{script.parent}` is no program"),
            "a directory further up": (lambda: place.chmod(0o775), f"`{place}` is no program for --notify: others"),
            "a link": (link, f"`{script}` is no program for --notify: it is a link"),
            "no execution": (lambda: script.chmod(0o644), "it is no file that can be run"),
            "nothing there": (script.unlink, "ENOENT"),
        }
        for what, (change, words) in ways.items():
            with self.subTest(what=what):
                fresh()
                change()
                status, said = self.started(script)
                self.assertEqual(status, 1, said)
                self.assertIn(words, said)
        fresh()
        (place / "other").unlink()
        self.assertEqual(self.started(script)[0], None, "positive control")


class PrivateHoldTests(HoldTests):
    """Without a daemon: each session has one of its own, which the same user's other processes ask."""

    runtime: str | None = None

    def hold_environment(self) -> dict:
        more = {"XDG_RUNTIME_DIR": self.runtime} if self.runtime else {}
        return self.user.environment(SANDBOXD_SOCKET="none", **more)

    def test_approved_from_another_process(self):
        wire = self.begun()
        id = self.refund(wire, 12)
        waits = self.one_waiting()
        self.assert_refunded(wire)
        self.decide("approve", waits["id"])
        self.assertIn("refunded 12", wire.answer(id)["result"]["content"][0]["text"])
        self.assertEqual(wire.close(), 0, wire.said())
        self.assertEqual(self.waiting(), [])

    def test_a_grant_outlives_its_session(self):
        wire = self.begun()
        answer = wire.answer(self.refund(wire, 12))
        self.assertEqual(self.code(answer), "D122", answer)
        self.decide("approve", self.id_in(answer))
        self.end_wires()
        wire = self.begun()
        self.assertIn("refunded 12", wire.text("refund", amount=12))
        self.assertEqual(self.code(wire.answer(self.refund(wire, 12))), "D122")
        self.assert_refunded(wire, 12)

    def test_another_user_reaches_none_of_it(self):
        wire = self.begun()
        self.refund(wire, 12)
        self.one_waiting()
        sockets = list(self.user.home.glob("**/*.sock"))
        self.assertEqual(len(sockets), 1)
        self.assertEqual(sockets[0].stat().st_mode & 0o777, 0o600)
        self.assertEqual(sockets[0].parent.stat().st_mode & 0o777, 0o700)
        # Root passes the modes; the daemon does not take its word.
        done = subprocess.run([self.stage.sandboxctl, "approvals", "list", "--socket", sockets[0]], env={"PATH": "/usr/bin:/bin", "HOME": "/root"},
                              capture_output=True, text=True)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assert_refunded(wire)


class RuntimeDirectoryTests(PrivateHoldTests):
    """The same with sockets in a runtime directory."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.runtime = str(cls.user.home / "run")
        os.mkdir(cls.runtime, 0o700)
        os.chown(cls.runtime, cls.user.uid, cls.user.gid)
