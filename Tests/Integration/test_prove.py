"""`sandboxctl prove` in sessions of real policies, as an unprivileged user, with the daemon and without one."""

import json
import os
import socket
import struct
import subprocess
import threading
from pathlib import Path

from act_tests import ActTests
from stage import until

# Left out where a host closes it to everybody, so that there is no positive control; some must be there on every host.
NO_CONTROL = "it does not come off unconfined here either"
EVERYWHERE = {"tcp.v4", "tcp-nonblocking.v4", "tcp-after-unspec.v4", "udp-sendto.v4", "udp-connect.v4", "udp-sendmsg.v4", "unix-stream", "unix-datagram",
              "unix-pair", "unix-stream-abstract", "listen-tcp.v4", "listen-unbound", "bind-udp.v4", "read", "read-by-root", "list", "write", "append",
              "truncate", "create", "remove", "rename", "hard-link", "make-fifo", "chmod", "chown", "utime", "exec", "exec-descriptor", "exec-memory",
              "spawn", "fork", "clone", "clone3", "thread", "signal", "signal-descriptor", "read-environment", "limit-other", "slow-other",
              "credentials", "own-environment", "descriptors", "keyring", "filter-listener", "socket-netlink", "shared-memory"}
# Without a directory that the user may change and the policy lets be read only.
READABLE = ("read-readable", "write-readable", "write-reopened", "truncate-readable", "truncate-open-readable", "create-readable", "remove-readable",
            "file-flags")


class ProofTests(ActTests):
    """Proofs, and what is said of them."""

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
        left = {id: one["detail"] for id, one in found.items() if one["outcome"] == "not-tried" and not id.startswith(tuple(may_be_left))
                and (id in EVERYWHERE or not one["detail"].startswith(NO_CONTROL))}
        self.assertEqual(left, {})
        self.assertLessEqual(EVERYWHERE, set(found))
        return found

    def assert_nothing_made_stays(self):
        self.assertEqual(list(self.area.rglob(".sandboxd-prove-*")), [])
        left = [path for path in Path("/tmp").glob("sandboxd-prove-*") if path.stat().st_uid == self.user.uid]
        self.assertEqual(left, [])


class ProveTests(ProofTests):
    def test_time(self):
        found = self.assert_holds("time", "--", self.program, may_be_left=READABLE)
        self.assertGreater(sum(one["outcome"] == "stopped" for one in found.values()), 150)
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
        self.assertEqual({found[id]["outcome"] for id in ("fork", "clone", "spawn-chain", "exec-chain")}, {"worked"})
        self.assertEqual({found[id]["outcome"] for id in ("exec", "exec-descriptor", "exec-memory", "spawn")}, {"stopped"})
        self.assert_nothing_made_stays()

    def test_fetch(self):
        """The one endpoint lies on loopback: it is reached, and its neighbours are not."""
        found = self.assert_holds("fetch-proxy", "--set", "origin=127.0.0.1:9400", "--", self.program,
                                  may_be_left=READABLE)
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
        # What lies outside, too: nothing is renamed from one mount to another.
        environment = self.stage.environment(self.user, TMPDIR=str(self.user.home))
        found = self.assert_holds(policy, "--", "/usr/bin/true", may_be_left=READABLE, environment=environment)
        for id in ("tcp.v4", "tcp.v6", "udp-sendto.v4", "udp-sendto.granted-2", "udp-sendto.granted-2-last", "listen-tcp.granted-1", "create-writable",
                   "rename-writable", "append-writable", "remove-writable", "chmod", "chmod-writable", "fork", "spawn-chain", "read-writable"):
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
                left = READABLE if user else ()
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
        refused = self.clauses("egress: {names: [\"example.org:443\"], udp: any}")
        for status, options in ((3, [refused]), (5, [self.policy("echo"), "--socket", "/nonexistent"]), (2, []),
                                (2, [self.policy("echo"), "--attempt", "no-such"])):
            done = self.sandboxctl("prove", *options)
            self.assertEqual(done.returncode, status, done.stderr)

    def test_a_signal_ends_it_and_leaves_nothing(self):
        command = [self.stage.sandboxctl, "prove", self.clauses(f"files: {{write: [{self.area}]}}")]
        process = self.user.start(command, environment=self.stage.environment(self.user), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        until(lambda: list(self.area.glob(".sandboxd-prove-*")), 20, "what is made ready")
        process.terminate()
        out, error = process.communicate(timeout=30)
        self.assertEqual((process.returncode, out), (143, ""), error)
        self.assertIn("nothing is proven", error)
        self.assert_nothing_made_stays()

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


class BrokenDaemon:
    """Speaks the control API like sandboxd, knows this host's profile, and launches the prober so that nothing confines it, or with `prefix`,
    which no policy asked for."""

    def __init__(self, path: Path, profile: dict, prober: Path, user, prefix=()):
        self.profile, self.prober, self.user, self.prefix = profile, prober, user, list(prefix)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        path.chmod(0o777)
        self.listener.listen()
        self.threads: list[threading.Thread] = []
        self.accepting = threading.Thread(target=self.serve)
        self.accepting.start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.threads.append(threading.Thread(target=self.talk, args=(connection,)))
            self.threads[-1].start()

    def talk(self, connection: socket.socket):
        with connection:
            pending, descriptors = b"", []
            while True:
                data, received, _, _ = socket.recv_fds(connection, 1 << 20, 64)
                if not data:
                    break
                pending, descriptors = pending + data, descriptors + received
                while b"\0" in pending:
                    message, _, pending = pending.partition(b"\0")
                    self.answer(connection, json.loads(message), descriptors)
            for descriptor in descriptors:
                os.close(descriptor)

    def answer(self, connection: socket.socket, call: dict, descriptors: list[int]):
        parameters, passed = {}, []
        if call["method"].endswith("GetInfo"):
            parameters = {"vendor": "x", "product": "x", "version": "1", "url": "x", "interfaces": ["io.sandboxd", "org.varlink.service"]}
        elif call["method"].endswith("HostProfile"):
            parameters = {"profile": self.profile, "custody": "daemon", "starters": {"who": "anybody", "group": "sandboxd-users"}}
        elif call["method"].endswith("Wrap"):
            asked = call["parameters"]
            assert asked["proves"], asked
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            streams = {name: descriptors[asked[name]] for name in ("stdin", "stdout", "stderr")}
            with open(descriptors[asked["environment"]], "rb", closefd=False) as file:
                variables = dict(part.decode().split("=", 1) for part in file.read().split(b"\0") if b"=" in part)
            process = subprocess.Popen([*self.prefix, str(self.prober)], **streams, env=variables, pass_fds=[streams["stderr"]],
                                       **({} if self.prefix else {"user": self.user.uid, "group": self.user.gid, "extra_groups": []}))
            for descriptor in descriptors:
                os.close(descriptor)
            descriptors.clear()
            self.threads.append(threading.Thread(target=self.end, args=(process, ours)))
            self.threads[-1].start()
            parameters, passed = {"session": "broken", "lifeline": 0, "custody": "daemon", "prober": str(self.prober)}, [theirs.fileno()]
        message = json.dumps({"parameters": parameters}).encode() + b"\0"
        if passed:
            socket.send_fds(connection, [message], passed)
            theirs.close()
        else:
            connection.sendall(message)

    @staticmethod
    def end(process: subprocess.Popen, lifeline: socket.socket):
        """As the keeper tells it: struct cl_ending, the server first; there is no name proxy."""
        status = process.wait()
        server = (1, 1, status) if status >= 0 else (1, 2, -status)
        with lifeline:
            lifeline.send(struct.pack("=IIIi3i3i3i", 2, 2, 0, 0, 1, 1, 0, *server, 0, 0, 0))

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.accepting.join()
        for thread in self.threads:
            thread.join(20)


class BrokenPlanTests(ProofTests):
    """A proof must find what is broken: here the daemon launches the prober as no policy says."""

    def broken(self, prefix=()) -> Path:
        profile = json.loads(self.sandboxctl("doctor", "--json").stdout)
        path = self.stage.root / f"broken-{len(prefix)}.sock"
        daemon = BrokenDaemon(path, profile, self.stage.programs / "sandbox-prober", self.user, prefix)
        self.addCleanup(path.unlink)
        self.addCleanup(daemon.close)
        return path

    def test_what_is_not_confined_gets_through(self):
        """Each attempt with a positive control is seen to get through, so that none can be called stopped by mistake."""
        policy = self.clauses(f"files: {{read: [{self.area}]}}")
        status, report = self.prove(policy, "--socket", self.broken())
        self.assertEqual((status, report["outcome"]), (1, "broken"))
        found = self.attempts(report)
        stopped = {id: one["detail"] for id, one in found.items() if one["outcome"] == "stopped"}
        self.assertEqual(stopped, {})
        self.assertGreater(sum(one["outcome"] == "got-through" for one in found.values()), 150)
        for id in ("tcp.v4", "udp-sendto.v6", "unix-stream-abstract", "listen-tcp.v4", "bind-udp.v4", "read", "write", "rename", "chmod", "exec", "fork",
                   "signal", "credentials", "own-environment", "descriptors", "uring", "create-readable"):
            self.assertEqual(found[id]["outcome"], "got-through", id)

    def test_the_output_names_the_attempt(self):
        done = self.sandboxctl("prove", self.policy("echo"), "--attempt", "tcp.v4", "--socket", self.broken())
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("GOT THROUGH tcp.v4 (egress.tcp)", done.stdout)
        self.assertIn("it arrived at the receiver", done.stdout)
        self.assertIn("--attempt tcp.v4", done.stdout)

    def test_what_is_permitted_and_denied_is_found(self):
        """A network of its own, which nobody asked for, keeps back what the policy permits."""
        policy = self.clauses("egress: {tcp: any}")
        prefix = ["unshare", "--net", "setpriv", f"--reuid={self.user.uid}", f"--regid={self.user.gid}", "--clear-groups"]
        status, report = self.prove(policy, "--attempt", "tcp", "--socket", self.broken(prefix))
        self.assertEqual(status, 1)
        self.assertEqual(self.attempts(report)["tcp.v4"]["outcome"], "denied-though-permitted")
