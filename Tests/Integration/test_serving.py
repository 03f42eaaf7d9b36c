"""Services: `sandboxctl serve` as a service manager starts it, and `sandboxctl connect`, the client's side of it."""

import json
import os
import select
import signal
import socket
import subprocess
import time
from pathlib import Path

from cases import StagedTests
from stage import PATH, processes, until
from wire import Closed, Wire

MARK = "trusted.delegate"
# What `connect` ends with where nobody says how the server ended.
LOST = 255


def passing(listener: socket.socket) -> list[str]:
    """Before a command: starts it with the socket as descriptor 3, as sd_listen_fds(3) expects it."""
    number = listener.fileno()
    return ["/bin/bash", "-c", f'{f"exec 3<&{number} {number}<&-; " if number != 3 else ""}LISTEN_PID=$$ exec "$@"', "bash"]


class Service:
    """`sandboxctl serve`, with a socket and a cgroup as systemd would give them."""

    def __init__(self, test, name: str, *options, delegated: bool = True, environment: dict | None = None, names: str = "mcp", count: int = 1):
        stage = test.stage
        self.test, self.path = test, stage.root / f"{name}.sock"
        self.cgroup = stage.cgroup.directory / f"mcp-{name}.service"
        self.cgroup.mkdir()
        if delegated:
            os.setxattr(self.cgroup, MARK, b"1")
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.path))
        self.path.chmod(0o666)
        self.listener.listen(64)
        self.notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify = stage.root / f"{name}.notify"
        self.notices.bind(str(self.notify))
        self.log = stage.root / f"{name}.log"
        words = [str(word) for word in (stage.sandboxctl, "serve", *options, name)]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([*passing(self.listener), *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                                            pass_fds=[self.listener.fileno()], preexec_fn=self.enter, env={
                                                "PATH": PATH, "SANDBOXD_SOCKET": str(stage.daemon.socket), "LISTEN_FDS": str(count),
                                                "LISTEN_FDNAMES": names, "NOTIFY_SOCKET": str(self.notify)} | (environment or {}))
        test.services.append(self)

    def enter(self):
        (self.cgroup / "cgroup.procs").write_text("0")

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def told(self) -> str:
        """All that the service manager has heard since the last time."""
        heard = b""
        self.notices.setblocking(False)
        try:
            while True:
                heard += self.notices.recv(4096)
        except BlockingIOError:
            return heard.decode()

    def ready(self):
        until(lambda: "READY=1" in self.told() or self.process.poll() is not None, 20, f"readiness; it says: {self.said()}")
        self.test.assertIsNone(self.process.poll(), self.said())
        return self

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(20)

    def below(self, leaf: str) -> list[Path]:
        return sorted(self.cgroup.glob(f"sandboxd.*/{leaf}"))

    def remove(self):
        self.test.services.remove(self)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.listener.close()
        self.notices.close()
        self.test.end_wires()
        (self.cgroup / "cgroup.kill").write_text("1")
        until(lambda: "populated 0" in (self.cgroup / "cgroup.events").read_text(), 10, "the end of the service's processes")
        def removed():
            for directory, _, _ in os.walk(self.cgroup, topdown=False):
                try:
                    os.rmdir(directory)
                except OSError:
                    pass  # sandboxd removes its own meanwhile
            return not self.cgroup.exists()
        until(removed, 10, "the end of the service's cgroup")
        for path in (self.path, self.notify, self.log):
            path.unlink()


class ServingTests(StagedTests):
    def setUp(self):
        super().setUp()
        self.services: list[Service] = []

    def tearDown(self):
        for service in list(self.services):
            service.remove()
        super().tearDown()

    def served_policy(self, name: str = "served", clauses: str = "", user: str = "", environment: str = "") -> Path:
        command = f'server: {{command: [/usr/bin/python3, "{self.stage.servers}/service_server.py"]{user}{environment}}}\n'
        return self.written_policy(f"sandboxd: 1\nname: {name}\ninclude: [runtime-python]\n{command}tools: {{default: allow}}\n"
                                   f"files: {{read: [{self.stage.servers}]}}\n{clauses}", f"{name}.yaml")

    def service(self, policy: Path, *options, **more) -> Service:
        return Service(self, policy.stem, "--policy", policy, *options, **more)

    def client(self, service: Service) -> Wire:
        """One more client, of the unprivileged user."""
        wire = Wire([self.stage.sandboxctl, "connect", service.path], start=self.user.start)
        self.wires.append(wire)
        return wire

    def waited_for(self, policy: Path, *options) -> tuple[Service, Wire]:
        """A service, and a client that has come before it looks at the policy: one that is refused ends once it has told who waits."""
        service = self.service(policy, *options)
        service.process.send_signal(signal.SIGSTOP)
        waiting = self.client(service)
        self.assertTrue(select.select([service.listener], [], [], 20)[0])
        service.process.send_signal(signal.SIGCONT)
        return service, waiting

    def begun(self, service: Service) -> Wire:
        wire = self.client(service)
        self.assertIn("result", wire.begin(), service.said())
        return wire

    # What it is for

    def test_each_connection_is_a_session_in_the_cgroup_of_the_unit(self):
        service = self.service(self.served_policy()).ready()
        first, second = self.begun(service), self.begun(service)
        uids = {int(wire.text("who")) for wire in (first, second)}
        self.assertEqual(len(uids), 2)
        self.assertNotIn(0, uids)
        leaves = service.below("server")
        self.assertEqual(len(leaves), 2)
        inside = {int(pid) for leaf in leaves for pid in (leaf / "cgroup.procs").read_text().split()}
        self.assertEqual({process.uid for process in processes() if process.pid in inside}, uids)
        self.assertEqual((service.cgroup / "sandboxd-serve/cgroup.procs").read_text().split(), [str(service.process.pid)])
        self.assertEqual((first.close(), second.close()), (0, 0))
        until(lambda: not service.below("server"), 10, "the end of the scopes")
        self.assertEqual(service.stop(), 0)
        self.assertIn("STOPPING=1", service.told())

    def test_receipts_name_who_connected_and_the_service(self):
        service = self.service(self.served_policy()).ready()
        wire = self.begun(service)
        connected = wire.process.pid
        self.assertEqual(wire.close(), 0)
        self.assertEqual(service.stop(), 0)
        body = self.receipts("launch")[0]["body"]
        client, asked = body["client"], body["service"]
        self.assertEqual((client["pid"], client["uid"], client["claim"]), (connected, self.user.uid, "observed"))
        self.assertEqual(client["parent"]["pid"], os.getpid())
        self.assertEqual((asked["pid"], asked["uid"]), (service.process.pid, 0))
        self.assertTrue(asked["cgroup"].endswith("/sandboxd-serve") or asked["cgroup"].endswith(service.cgroup.name), asked["cgroup"])
        self.assertEqual([receipt["body"]["server"] for receipt in self.receipts("exit")], ["exited 0"])

    def test_the_end_of_the_client_is_the_end_of_the_session_and_the_other_way_round(self):
        service = self.service(self.served_policy()).ready()
        killed = self.begun(service)
        killed.process.kill()
        until(lambda: not service.below("server"), 10, "the end of the session")
        left = self.begun(service)
        left.ask("tools/call", {"name": "leave", "arguments": {"status": 7}})
        with self.assertRaises(Closed):
            while True:
                left.receive()
        self.assertEqual(left.process.wait(10), 7)
        until(lambda: "ended: the server ended with status 7" in service.said(), 10, f"the end; {service.said()}")
        self.assertEqual(self.begun(service).close(), 0)

    def test_a_service_that_is_told_to_stop_ends_its_sessions_and_one_that_dies_does_too(self):
        for signal_number, status in ((signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL)):
            service = self.service(self.served_policy()).ready()
            wires = self.begun(service), self.begun(service)
            before = len(service.below("server"))
            self.assertEqual(before, 2)
            service.process.send_signal(signal_number)
            self.assertEqual(service.process.wait(20), status)
            # One that stops says how they ended; nobody does for one that dies.
            ends = [wire.process.wait(20) for wire in wires]
            self.assertEqual(ends, [128 + signal.SIGKILL] * 2 if status == 0 else [LOST] * 2, [wire.said() for wire in wires])
            until(lambda: not service.below("server"), 10, "the end of the sessions")
            self.assertEqual(self.receipts()[-1]["kind"], "exit")
            service.remove()

    def test_sessions_end_when_the_cgroup_of_the_unit_is_killed(self):
        """As `systemctl kill --signal=KILL`, and the end of stopping, do."""
        service = self.service(self.served_policy()).ready()
        wire = self.begun(service)
        (service.cgroup / "cgroup.kill").write_text("1")
        self.assertEqual(wire.process.wait(10), LOST)
        service.process.wait(10)
        until(lambda: not service.below("server"), 10, "the end of the scope")
        self.assertEqual(self.receipts()[-1]["kind"], "exit")

    def test_a_daemon_that_is_started_anew_adopts_the_session_where_it_lies(self):
        service = self.service(self.served_policy()).ready()
        wire = self.begun(service)
        self.stage.daemon.process.kill()
        self.stage.daemon.process.wait()
        self.stage.daemon.start()
        self.assertNotEqual(wire.text("who"), "0")
        self.assertEqual(len(service.below("server")), 1)
        self.assertEqual(self.begun(service).close(), 0)
        self.assertEqual(wire.close(), 0)
        until(lambda: not service.below("server"), 10, "the end of the scopes")
        self.assertEqual(service.stop(), 0)

    def test_a_session_whose_record_is_lost_is_found_and_ended(self):
        service = self.service(self.served_policy()).ready()
        wire = self.begun(service)
        self.stage.daemon.process.kill()
        self.stage.daemon.process.wait()
        for record in (self.stage.root / "state/sessions").glob("*.json"):
            record.write_text("{}")
        for keeper in (self.stage.root / "state/keepers").iterdir():
            keeper.unlink()
        self.stage.daemon.start()
        wire.process.wait(20)
        until(lambda: not service.below("server"), 10, "the end of the scope")

    FIRST = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}}).encode() + b"\n"

    # How it ended

    def ended(self, service: Service, tool: str, **arguments) -> Wire:
        wire = self.begun(service)
        wire.ask("tools/call", {"name": tool, "arguments": arguments})
        with self.assertRaises(Closed):
            while True:
                wire.receive()
        return wire

    def test_connect_ends_as_wrap_does(self):
        policy = self.served_policy()
        service = self.service(policy).ready()
        ends = [("leave", {"status": status}) for status in (0, 1, 125, 254)] + [("die", {"signal": number}) for number in (signal.SIGKILL, signal.SIGSEGV)]
        for tool, arguments in ends:
            with self.subTest(tool=tool, **arguments):
                wrapped = self.wire([self.stage.sandboxctl, "wrap", "--policy", policy])
                self.assertIn("result", wrapped.begin(), wrapped.said())
                wrapped.ask("tools/call", {"name": tool, "arguments": arguments})
                with self.assertRaises(Closed):
                    while True:
                        wrapped.receive()
                expected = arguments.get("status", 128 + arguments.get("signal", 0))
                self.assertEqual(wrapped.process.wait(10), expected)
                connected = self.ended(service, tool, **arguments)
                self.assertEqual(connected.process.wait(10), expected, connected.said())
                if expected:
                    self.assertIn("what it said is in the journal of mcp@served.service", connected.said())
        self.assertEqual(self.begun(service).close(), 0)

    def test_what_cannot_be_started_ends_as_at_wrap(self):
        file = self.user.home / "no-program"
        file.write_text("")
        for name, command, status in (("missing", "/nowhere/at/all", 127), ("unexecutable", str(file), 126)):
            policy = self.written_policy(f"sandboxd: 1\nname: {name}\nserver: {{command: [{command}]}}\n", f"{name}.yaml")
            wrapped = self.user.run([self.stage.sandboxctl, "wrap", "--policy", policy], environment=self.stage.environment(self.user))
            self.assertEqual(wrapped.returncode, status, wrapped.stderr)
            service, wire = self.waited_for(policy)
            self.assertIn("error", wire.begin())
            self.assertEqual(wire.process.wait(20), status, wire.said())
            self.assertEqual(service.process.wait(20), 125)

    def test_a_server_cannot_say_how_it_ended(self):
        service = self.service(self.served_policy()).ready()
        wire = self.begun(service)
        wire.ask("tools/call", {"name": "imitate", "arguments": {}})
        came = b""
        with self.assertRaises(Closed):
            while True:
                came += wire.receive_line()
        self.assertNotIn(b"\0", came)
        self.assertEqual(wire.process.wait(10), 9)
        self.assertEqual(self.begun(service).close(), 0)

    def test_a_gate_that_dies_is_no_good_end(self):
        service = self.service(self.served_policy()).ready()
        wire = self.begun(service)
        [gate] = [int(pid) for leaf in service.below("gate") for pid in (leaf / "cgroup.procs").read_text().split()]
        os.kill(gate, signal.SIGKILL)
        self.assertEqual(wire.process.wait(10), 128 + signal.SIGKILL, wire.said())

    def test_a_service_that_hangs_when_the_session_ends_says_nothing_good(self):
        service = self.service(self.served_policy()).ready()
        wire = self.begun(service)
        service.process.send_signal(signal.SIGSTOP)
        try:
            wire.ask("tools/call", {"name": "leave", "arguments": {"status": 0}})
            self.assertEqual(wire.process.wait(20), LOST)
        finally:
            service.process.send_signal(signal.SIGCONT)
        self.assertIn("how the server ended is not known", wire.said())
        until(lambda: "ended" in service.said(), 10, "the service to see the end")

    def test_the_status_outlives_the_daemon_that_started_the_session(self):
        service = self.service(self.served_policy()).ready()
        wire = self.begun(service)
        self.stage.daemon.process.kill()
        self.stage.daemon.process.wait()
        wire.ask("tools/call", {"name": "leave", "arguments": {"status": 3}})
        self.assertEqual(wire.process.wait(10), 3, wire.said())
        self.stage.daemon.start()
        until(lambda: not service.below("server"), 10, "the end of the scope")

    def test_a_client_that_reads_no_more_ends_the_session_and_hears_its_status(self):
        service = self.service(self.served_policy()).ready()
        process = self.user.start([self.stage.sandboxctl, "connect", service.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            process.stdin.write(self.FIRST)
            process.stdin.flush()
            self.assertIn(b'"id":1', process.stdout.readline())
            process.stdout.close()
            self.assertIn(process.wait(20), (0, 128 + signal.SIGKILL))
            self.assertNotIn(b"not known", process.stderr.read())
        finally:
            process.kill()
            process.wait()
            process.stdin.close()
            process.stderr.close()
        until(lambda: not service.below("server"), 10, "the end of the session")

    def test_who_connects_without_greeting_is_served_and_sees_messages_alone(self):
        service = self.service(self.served_policy()).ready()
        with socket.socket(socket.AF_UNIX) as peer:
            peer.settimeout(20)
            peer.connect(str(service.path))
            peer.sendall(self.FIRST)
            self.assertEqual(json.loads(peer.recv(65536).split(b"\n")[0])["id"], 1)
            peer.shutdown(socket.SHUT_WR)
            self.assertEqual(peer.recv(65536), b"")
        with socket.socket(socket.AF_UNIX) as silent:
            silent.connect(str(service.path))
            self.assertEqual(self.begun(service).close(), 0)
            until(lambda: not service.below("server"), 10, "the end of the others' sessions: nothing is started for who asks for nothing")
            self.assertEqual(service.said().count("connects"), 3)

    def test_descriptors_that_come_with_the_greeting_are_nobodys(self):
        service = self.service(self.served_policy()).ready()
        before = len(os.listdir(f"/proc/{service.process.pid}/fd"))
        with socket.socket(socket.AF_UNIX) as peer, open("/dev/null") as file:
            peer.settimeout(20)
            peer.connect(str(service.path))
            socket.send_fds(peer, [b"\0"], [file.fileno()] * 8)
            self.assertEqual(peer.recv(65536), b"")
        until(lambda: len(os.listdir(f"/proc/{service.process.pid}/fd")) == before, 10, "the end of the descriptors")
        self.assertEqual(self.begun(service).close(), 0)

    def test_another_program_at_the_socket_is_no_service(self):
        for said in (b'{"jsonrpc":"2.0","id":1,"result":{}}\n', b"\0", b""):
            path = self.stage.root / "foreign.sock"
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(str(path))
                path.chmod(0o666)
                listener.listen(1)
                wire = Wire([self.stage.sandboxctl, "connect", path], start=self.user.start)
                self.wires.append(wire)
                with listener.accept()[0] as peer:
                    peer.recv(1)
                    if said:
                        peer.sendall(said)
                    answer = None if said else peer.close()
                    self.assertIsNone(answer)
                    self.assertIn("error", wire.begin())
                    self.assertEqual(wire.process.wait(20), 125)
            path.unlink()

    # Secrets

    def test_a_credential_reaches_the_environment_of_the_server_and_nothing_else(self):
        canary = "canary-7f3d5e0b9a"
        directory = self.stage.root / "credentials"
        directory.mkdir(mode=0o700)
        (directory / "API_KEY").write_text(canary + "\n")
        (directory / "OTHER").write_text("other-" + canary)
        self.addCleanup(lambda: [file.unlink() for file in directory.iterdir()] + [directory.rmdir()])
        policy = self.served_policy(environment=", env: {secret: {API_KEY: {from: credential}}}")
        service = self.service(policy, environment={"CREDENTIALS_DIRECTORY": str(directory), "API_KEY": "of the environment"}).ready()
        wire = self.begun(service)
        self.assertEqual(wire.text("secret"), canary)
        self.assertNotIn("OTHER", wire.text("variables").split())
        self.assertNotIn("CREDENTIALS_DIRECTORY", wire.text("variables").split())
        self.assertEqual(wire.close(), 0)
        self.assertEqual(service.stop(), 0)
        state = self.stage.root / "state"
        told = [file.read_bytes() for kind in state.iterdir() if kind.name != "bpf" for file in [kind, *kind.rglob("*")] if file.is_file() and not file.is_symlink()]
        self.assertTrue(told)
        self.assertFalse([content for content in told if canary.encode() in content])
        self.assertNotIn(canary, service.said() + self.stage.daemon.said())

    def test_a_credential_that_is_not_there_is_told_by_its_name(self):
        policy = self.served_policy(environment=", env: {secret: {API_KEY: {from: credential}}}")
        service = self.service(policy, environment={"API_KEY": "of the environment"}).ready()
        refusal = self.client(service).begin()["error"]
        self.assertIn("R406", refusal["message"])
        self.assertIn("there is no credential `API_KEY`", refusal["message"])

    # Refusals

    def test_a_policy_that_is_refused_ends_the_service_with_125_and_tells_who_waits(self):
        policy = self.served_policy(clauses="egress: {names: ['a.example:443'], udp: any}\n")
        service, waiting = self.waited_for(policy)
        self.assertIn("R120", waiting.begin()["error"]["message"])
        self.assertEqual(service.process.wait(20), 125)
        told = service.told()
        self.assertNotIn("READY=1", told)
        self.assertIn("STATUS=the policy is refused: R120", told)
        self.assertIn("R120", service.said())

    def entries(self, policy: Path) -> list[dict]:
        words = [self.stage.sandboxctl, "refusals", "list", "--all", "--json", "--policy", policy.stem, "--socket", self.stage.daemon.socket]
        listed = subprocess.run(words, capture_output=True, text=True, timeout=60)
        self.assertEqual(listed.returncode, 0, listed.stderr)
        return json.loads(listed.stdout)["refusals"]

    def test_what_a_service_is_refused_for_is_in_the_ledger_as_what_wrap_is(self):
        """At its start, at a connection, before and after sandboxd is asked for a session: one entry, for the user whom servers would have run as."""
        for number, (clauses, code) in enumerate((("egress: {names: ['a.example:443'], udp: any}\n", "R120"), ("egres: none\n", "R107"))):
            policy = self.served_policy(f"ledger-{number}")
            good = policy.read_text()
            # The control: what is served is in no ledger.
            service = self.service(policy).ready()
            self.assertEqual(self.begun(service).close(), 0)
            self.assertEqual(self.entries(policy), [])
            policy.write_text(good + clauses)
            told = self.client(service).begin()["error"]["message"]
            [entry] = self.entries(policy)
            self.assertEqual((entry["codes"], entry["caller"], entry["state"], entry["times"]), ([code], 0, "open", 1))
            self.assertIn(f"recorded: `sandboxctl refusals show {entry['id']}`", told)
            self.assertEqual(service.stop(), 0)
            service.remove()
            again, wire = self.waited_for(policy)
            told = wire.begin()["error"]["message"]
            self.assertEqual(again.process.wait(20), 125)
            self.assertIn(f"recorded: `sandboxctl refusals show {entry['id']}`", told)
            [entry] = self.entries(policy)
            self.assertEqual((entry["times"], entry["state"]), (2, "open"))
            self.assertIn(code, again.told() + again.said())

    def test_a_service_of_another_user_s_is_refused_for_that_user(self):
        policy = self.served_policy("ledger-user", clauses="egress: {names: ['a.example:443'], udp: any}\n")
        service, wire = self.waited_for(policy, "--user", self.user.name)
        self.assertIn("R120", wire.begin()["error"]["message"])
        self.assertEqual(service.process.wait(20), 125)
        [entry] = self.entries(policy)
        self.assertEqual((entry["caller"], entry["codes"]), (self.user.uid, ["R120"]))

    def test_nobody_but_root_has_policies_judged_for_others(self):
        """The control: the same policy, of one's own."""
        policy = self.written_policy("sandboxd: 1\nname: judged\negres: none\n", "judged.yaml")
        for options, recorded in ((["--user", "nobody"], False), ([], True)):
            done = self.user.run([self.stage.sandboxctl, "wrap", "--policy", policy, *options], environment=self.stage.environment(self.user))
            self.assertEqual(done.returncode, 125)
            self.assertEqual("recorded:" in done.stderr, recorded, done.stderr)
        [entry] = self.entries(policy)
        self.assertEqual((entry["caller"], entry["times"]), (self.user.uid, 1))

    def test_a_policy_that_is_refused_later_is_told_to_who_connects_and_the_service_goes_on(self):
        policy = self.served_policy()
        good = policy.read_text()
        service = self.service(policy).ready()
        policy.write_text(good + "egress: {names: ['a.example:443'], udp: any}\n")
        self.assertIn("R120", self.client(service).begin()["error"]["message"])
        policy.write_text(good)
        self.assertEqual(self.begun(service).close(), 0)
        self.assertEqual(service.stop(), 0)

    def test_a_daemon_that_is_not_there_is_no_refusal(self):
        service = self.service(self.served_policy(), environment={"SANDBOXD_SOCKET": str(self.stage.root / "nobody.sock")})
        self.assertEqual(service.process.wait(20), 5)

    def test_a_cgroup_that_nobody_delegated_or_that_others_own_is_refused(self):
        service = self.service(self.served_policy("undelegated"), delegated=False).ready()
        self.assertIn("Delegate=yes", self.client(service).begin()["error"]["message"])
        service = self.service(self.served_policy("owned")).ready()
        self.assertEqual(self.begun(service).close(), 0)
        os.chown(service.cgroup / "cgroup.procs", self.user.uid, self.user.gid)
        self.assertIn("others than root may change the cgroup", self.client(service).begin()["error"]["message"])
        os.chown(service.cgroup / "cgroup.procs", 0, 0)
        self.assertEqual(self.begun(service).close(), 0)

    def test_what_is_passed_must_be_the_one_socket(self):
        for more in ({"names": "control"}, {"count": 2}, {"count": 0}):
            service = self.service(self.served_policy(), **more)
            self.assertEqual(service.process.wait(20), 125, more)
            service.remove()

    def test_nobody_but_root_serves(self):
        """Else anybody could have a server's cgroup where they own it, and themselves taken for somebody else."""
        name, policy = "foreign", self.served_policy("foreign")
        path = self.user.home / "foreign.sock"
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        path.chmod(0o777)
        listener.listen(8)
        words = [self.stage.sandboxctl, "serve", "--policy", policy, name]
        environment = self.stage.environment(self.user, LISTEN_FDS="1", LISTEN_FDNAMES="mcp")
        with (self.stage.root / "foreign.log").open("wb") as log:
            process = self.user.start([*passing(listener), *words], environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                      pass_fds=[listener.fileno()])
        try:
            wire = Wire([self.stage.sandboxctl, "connect", path], start=self.user.start)
            self.wires.append(wire)
            self.assertIn("only a service that runs as root", wire.begin()["error"]["message"])
        finally:
            process.kill()
            process.wait()
            listener.close()

    # Limits

    def test_no_more_sessions_than_are_permitted_run_at_once_and_the_next_waits(self):
        service = self.service(self.served_policy(), "--sessions", "1").ready()
        first = self.begun(service)
        second = self.client(service)
        second.ask("initialize", {"protocolVersion": second.version, "capabilities": {}, "clientInfo": {"name": "wire", "version": "1"}})
        self.assertNotEqual(first.text("who"), "")
        self.assertEqual(len(service.below("server")), 1)
        self.assertEqual(first.close(), 0)
        self.assertIn("result", second.answer(1))
        self.assertEqual(second.close(), 0)

    def test_a_limit_whose_controller_the_unit_has_not_is_a_failed_launch(self):
        available = (self.stage.cgroup.directory / "cgroup.controllers").read_text().split()
        service = self.service(self.served_policy(clauses="processes: {tasks: 24}\n")).ready()
        answer = self.client(service).begin()
        if "pids" in available and "pids" in (self.stage.cgroup.directory / "cgroup.subtree_control").read_text().split():
            self.assertIn("result", answer)
        else:
            self.assertIn("the pids controller: the cgroup of the service's unit has none", answer["error"]["message"])

    # The client's side

    def test_connect_says_125_and_answers_when_nobody_serves(self):
        wire = Wire([self.stage.sandboxctl, "connect", self.stage.root / "nobody.sock"], start=self.user.start)
        self.wires.append(wire)
        self.assertIn("cannot connect", wire.begin()["error"]["message"])
        self.assertEqual(wire.process.wait(10), 125)
        done = self.user.run([self.stage.sandboxctl, "connect", "../etc"])
        self.assertEqual(done.returncode, 125)
        done = self.user.run([self.stage.sandboxctl, "connect", "No_Name"])
        self.assertEqual(done.returncode, 125)
        self.assertIn("is no name of an instance", done.stderr)

    def test_connect_leaves_the_flags_of_the_clients_descriptors_alone(self):
        service = self.service(self.served_policy()).ready()
        ours, theirs = socket.socketpair()
        process = self.user.start([self.stage.sandboxctl, "connect", service.path], stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL)
        ours.sendall(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}}).encode() + b"\n")
        ours.settimeout(20)
        self.assertIn(b'"result"', ours.recv(65536))
        self.assertTrue(os.get_blocking(theirs.fileno()))
        theirs.close()
        ours.shutdown(socket.SHUT_WR)
        self.assertEqual(process.wait(20), 0)
        ours.close()

    def test_connect_relays_what_is_larger_than_its_buffers_both_ways(self):
        """A peer that echoes: what comes back must be what was sent, whole and in order."""
        path = self.stage.root / "echo.sock"
        program = ("import socket, sys\nlistener = socket.socket(socket.AF_UNIX)\nlistener.bind(sys.argv[1])\nlistener.listen(1)\npeer, _ = listener.accept()\n"
                   "assert peer.recv(1) == b'\\0'\nours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)\n"
                   "socket.send_fds(peer, [b'\\0'], [theirs.fileno()])\ntheirs.close()\n"
                   "kept = b''\nwhile True:\n    chunk = peer.recv(1 << 16)\n    if not chunk: break\n    kept += chunk\npeer.sendall(kept)\n"
                   "ours.send(b'{\"status\":6,\"text\":\"the echo ends\\\\n\"}')\n")
        echo = subprocess.Popen(["/usr/bin/python3", "-c", program, path])
        try:
            until(path.exists, 10, "the echo")
            path.chmod(0o666)
            sent = os.urandom(5 << 20)
            done = self.user.run([self.stage.sandboxctl, "connect", path], input=sent, text=False, timeout=60)
            self.assertEqual((done.returncode, done.stdout == sent, done.stderr), (6, True, b"the echo ends\n"))
            file = self.user.home / "sent"
            file.write_bytes(sent)
        finally:
            echo.kill()
            echo.wait()
            path.unlink(missing_ok=True)
