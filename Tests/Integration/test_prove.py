"""`sandboxctl prove` in sessions of real policies, as an unprivileged user, with the daemon and without one."""

import json
import subprocess

from act_tests import ActTests

# What some hosts close to everybody, so that there is no positive control.
HOST_MAY_FORBID = {"user-namespace", "network-namespace", "clone-namespace", "event-counter", "fault-handler", "socket-vsock", "trace", "read-memory",
                   "take-descriptor", "xattr", "udplite-connect", "udplite-sendto", "fast-open-sendto", "fast-open-sendmsg", "fast-open-sendmmsg",
                   "fast-open-high-bit", "fast-open-mptcp", "fast-open-option", "mptcp", "mptcp-high-bit", "tcp-int80"}


class ProveTests(ActTests):
    def prove(self, policy, *options, environment=None, user=None) -> tuple[int, dict]:
        command = [self.stage.sandboxctl, "prove", policy, "--json", *options]
        if user == "root":
            done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=self.stage.environment(self.user), stdin=subprocess.DEVNULL)
        else:
            done = self.user.run(command, environment=environment or self.stage.environment(self.user), timeout=120)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        self.assertEqual(done.stderr, "")
        return done.returncode, json.loads(done.stdout)

    def attempts(self, report: dict) -> dict:
        return {attempt["id"]: attempt for clause in report["clauses"] for attempt in clause["attempts"]}

    def assert_holds(self, policy, *options, may_be_left=(), **more) -> dict:
        """All came out as planned, and nothing was left out but what this host or this policy explains."""
        status, report = self.prove(policy, *options, **more)
        found = self.attempts(report)
        broken = {id: one for id, one in found.items() if one["outcome"] in ("got-through", "denied-though-permitted")}
        self.assertEqual((status, broken), (0, {}))
        self.assertEqual(report["outcome"], "as-planned")
        left = {id: one["detail"] for id, one in found.items() if one["outcome"] == "not-tried"
                and id.split(".")[0] not in HOST_MAY_FORBID and not id.startswith(tuple(may_be_left))}
        self.assertEqual(left, {})
        return found

    def assert_nothing_made_stays(self):
        self.assertEqual(list(self.area.rglob(".sandboxd-prove-*")), [])
        self.assertEqual(subprocess.run("ls -d /tmp/sandboxd-prove-*", shell=True, capture_output=True).stdout, b"")

    def test_time(self):
        found = self.assert_holds("time", "--", self.program, may_be_left=["read-readable", "write-readable", "truncate-", "create-readable",
                                                                          "remove-readable"])
        self.assertGreater(sum(one["outcome"] == "stopped" for one in found.values()), 80)
        self.assertEqual({found[id]["outcome"] for id in ("pair", "thread", "list-granted")}, {"worked"})
        self.assertEqual(found["tcp.v4"]["outcome"], "stopped")
        self.assert_nothing_made_stays()

    def test_git(self):
        repository = self.own(self.area / "repository")
        subprocess.run(["git", "init", "-q", repository], check=True)
        found = self.assert_holds("git", "--set", f"repository={repository}", "--", self.program)
        # A directory that may be read: what is in it can be read, and not changed.
        self.assertEqual(found["read-readable"]["outcome"], "worked")
        self.assertEqual({found[id]["outcome"] for id in ("write-readable", "create-readable", "remove-readable", "fork-bomb") if id in found}, {"stopped"})
        # The list holds git and the command's own chain, and processes may be made.
        self.assertEqual({found[id]["outcome"] for id in ("fork", "clone", "spawn-itself", "exec-itself")}, {"worked"})
        self.assertEqual({found[id]["outcome"] for id in ("exec", "exec-descriptor", "exec-memory", "spawn")}, {"stopped"})
        self.assert_nothing_made_stays()

    def test_fetch(self):
        """The one endpoint lies on loopback: it is reached, and its neighbours are not."""
        found = self.assert_holds("fetch", "--set", "origin=127.0.0.1:9400", "--", self.program,
                                  may_be_left=["read-readable", "write-readable", "truncate-", "create-readable", "remove-readable"])
        outcomes = {id: found[f"tcp.{id}"]["outcome"] for id in ("granted-1", "granted-1-port-below", "granted-1-port-above", "granted-1-address", "v4")}
        self.assertEqual(outcomes.pop("granted-1"), "worked")
        self.assertEqual(set(outcomes.values()), {"stopped"})
        self.assertEqual(found["udp-sendto.granted-1"]["outcome"], "stopped")

    WIDE = """
egress: {{tcp: any, udp: ["127.0.0.0/31:*", "[::1]:9500-9501"]}}
ingress: {{tcp: ["127.0.0.1:9600"]}}
files: {{read: [/usr], write: ["{area}"], execute: [/usr/bin], metadata: owned}}
processes: {{spawn: any}}
"""

    def test_a_wide_one(self):
        policy = self.clauses(self.WIDE.format(area=self.area))
        found = self.assert_holds(policy, "--", "/usr/bin/true", may_be_left=["read-readable", "write-readable", "truncate-", "create-readable",
                                                                             "remove-readable"])
        for id in ("tcp.v4", "tcp.v6", "udp-sendto.v4", "udp-sendto.granted-2", "udp-sendto.granted-2-last", "listen-tcp.granted-1", "create-writable",
                   "rename-writable", "append-writable", "remove-writable", "chmod", "chmod-writable", "fork", "spawn-itself", "read-writable"):
            self.assertEqual(found[id]["outcome"], "worked", id)
        for id in ("udp-sendto.other", "udp-sendto.granted-2-port-below", "udp-sendto.granted-2-port-above", "listen-tcp.v4",
                   "listen-tcp.granted-1-port-above", "rename-out", "rename-in", "hard-link-in", "create", "read", "exec", "unix-stream"):
            self.assertEqual(found[id]["outcome"], "stopped", id)
        self.assert_nothing_made_stays()

    def test_a_user_of_the_sessions_own(self):
        policy = self.clauses(f"server: {{user: session}}\nfiles: {{read: [{self.area}]}}")
        self.area.chmod(0o755)
        for user in (None, "root"):
            with self.subTest(user=user):
                # For root nobody tries unconfined, who may make nothing in the user's directory.
                left = ["read-readable", "write-readable", "truncate-", "create-readable", "remove-readable"] if user else []
                found = self.assert_holds(policy, user=user, may_be_left=left)
                self.assertEqual(found["credentials"]["outcome"], "stopped")
                self.assertEqual(found["read"]["outcome"], "stopped")

    def test_without_a_daemon(self):
        environment = self.user.environment()
        found = self.assert_holds(self.clauses("egress: {tcp: [\"*:9700\"]}\nprocesses: {spawn: any}"), "--socket", "none", environment=environment)
        self.assertEqual(found["tcp.granted-1"]["outcome"], "worked")
        self.assertEqual(found["tcp.granted-1-port-above"]["outcome"], "stopped")
        self.assertEqual(found["fork"]["outcome"], "worked")

    def test_a_refused_policy_and_no_daemon(self):
        refused = self.clauses("egress: {names: [\"example.org:443\"]}")
        for status, options in ((3, [refused]), (5, [self.policy("echo"), "--socket", "/nonexistent"]), (2, []),
                                (2, [self.policy("echo"), "--attempt", "no-such"])):
            done = self.sandboxctl("prove", *options)
            self.assertEqual(done.returncode, status, done.stderr)

    def test_the_receipt_says_that_it_was_a_proof(self):
        self.assertEqual(self.sandboxctl("prove", self.policy("echo"), "--attempt", "tcp").returncode, 0)
        launch = self.receipts("launch")[0]["body"]
        self.assertEqual(launch["proof"], str(self.stage.programs / "sandbox-prober"))
        self.assertIn("(proof)", launch["server"])

    def test_only_the_probers_tool_is_let_through(self):
        """Whatever the policy's own rules say: a call of another tool, or of this one in a session that is no proof, is blocked."""
        policy = self.written_policy("sandboxd: 1\nname: closed\n")
        status, report = self.prove(policy, "--attempt", "pair")
        self.assertEqual((status, self.attempts(report)["pair"]["outcome"]), (0, "worked"))
        wire = self.wire(self.wrap(policy, [self.program]))
        wire.begin()
        self.assertTrue(wire.call("act", words="pair")["result"]["isError"])
