"""What sandboxd says to a service manager, and takes from it: readiness, its loop's turning, and a socket that must be exactly the one expected."""

import os
import signal
import socket
import subprocess
from pathlib import Path

from cases import StagedTests
from stage import processes, until
from wire import Wire

# Passes what the service manager of a test passes, as sd_listen_fds(3) has it: FIRST-DESCRIPTOR COUNT NAMES PROGRAM [ARGUMENT]...
LAUNCHER = "import os, sys\nfirst, count, names = sys.argv[1:4]\nos.dup2(int(first), 3)\n" \
           "os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=count, LISTEN_FDNAMES=names)\nos.execv(sys.argv[4], sys.argv[4:])"


class Manager:
    """Hears what services say."""

    def __init__(self, address: str):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self.socket.settimeout(20)

    def hear(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in self.socket.recv(4096).decode().splitlines())

    def hears(self, name: str) -> str:
        """What comes under that name next, whatever comes before it."""
        while True:
            if name in (said := self.hear()):
                return said[name]

    def forget(self):
        self.socket.setblocking(False)
        try:
            while self.socket.recv(4096):
                pass
        except BlockingIOError:
            self.socket.settimeout(20)

    def close(self):
        self.socket.close()


class ManagedTests(StagedTests):
    def setUp(self):
        super().setUp()
        self.before = self.before[0], self.before[1], 1 << 20  # descriptors of another process
        self.daemon = self.stage.daemon
        self.environment = dict(self.daemon.environment)

    def tearDown(self):
        self.daemon.stop()
        self.daemon.environment, self.daemon.through, self.daemon.passes = self.environment, [], ()
        self.daemon.start()
        super().tearDown()

    def managed(self, address: str, **more) -> Manager:
        manager = Manager(address)
        self.addCleanup(manager.close)
        self.daemon.stop()
        self.daemon.environment = self.environment | {"NOTIFY_SOCKET": address} | more
        self.daemon.start()
        return manager

    def begun(self) -> Wire:
        wire = self.wire(self.wrap("raw", ["/usr/bin/python3", self.stage.servers / "raw_server.py"], {"programs": self.stage.servers}))
        self.assertIn("result", wire.begin(), wire.said())
        return wire

    def test_it_is_told_of_readiness_sessions_and_the_end(self):
        for address in (str(self.stage.root / "notify"), f"@{self.stage.root.name}"):
            with self.subTest(address=address):
                manager = self.managed(address)
                first = manager.hear()
                self.assertEqual(first, {"READY": "1", "STATUS": "0 sessions"})
                wire = self.begun()
                self.assertEqual(manager.hears("STATUS"), "1 session")
                wire.close()
                self.assertEqual(manager.hears("STATUS"), "0 sessions")
                self.daemon.stop()
                self.assertEqual(manager.hears("STOPPING"), "1")

    def test_it_is_ready_once_sessions_of_the_daemon_before_are_taken_over(self):
        """A keeper that does not greet is waited for: 15 seconds, then the session is over."""
        wire = self.begun()
        keeper = next(process.pid for process in processes() if process.executable == str(self.stage.programs / "sandbox-keeper"))
        self.daemon.process.kill()
        self.daemon.process.wait(20)
        os.kill(keeper, signal.SIGSTOP)
        manager = Manager(str(self.stage.root / "waiting"))
        self.addCleanup(manager.close)
        self.daemon.environment = self.environment | {"NOTIFY_SOCKET": str(self.stage.root / "waiting")}
        self.daemon.start()  # it accepts already
        manager.socket.settimeout(1)
        self.assertRaises(TimeoutError, manager.hear)
        os.kill(keeper, signal.SIGCONT)
        manager.socket.settimeout(20)
        self.assertEqual(manager.hear(), {"READY": "1", "STATUS": "1 session"})
        self.assertEqual(wire.text("misbehave", how="none"), "none")

    def test_a_loop_that_does_not_turn_is_not_heard(self):
        manager = self.managed(str(self.stage.root / "watching"), WATCHDOG_USEC="400000")
        for _ in range(5):
            manager.hears("WATCHDOG")
        self.daemon.process.send_signal(signal.SIGSTOP)
        manager.forget()
        manager.socket.settimeout(1)
        self.assertRaises(TimeoutError, manager.hear)
        self.daemon.process.send_signal(signal.SIGCONT)
        manager.socket.settimeout(20)
        manager.hears("WATCHDOG")

    def test_a_watchdog_of_another_process_is_not_served(self):
        manager = self.managed(str(self.stage.root / "other"), WATCHDOG_USEC="20000", WATCHDOG_PID="1")
        manager.hears("READY")
        manager.socket.settimeout(1)
        self.assertRaises(TimeoutError, manager.hear)

    def test_nobody_else_hears_of_the_manager(self):
        """Not what sandboxd starts: it would speak for it."""
        self.managed(str(self.stage.root / "alone"), WATCHDOG_USEC="60000000")
        self.begun()
        own = [process for process in processes() if process.executable.startswith(f"{self.stage.programs}/") and Path(process.executable).name not in ("sandboxd", "sandboxctl")]
        self.assertGreaterEqual({Path(process.executable).name for process in own}, {"sandbox-gate", "sandbox-keeper"})
        for process in own:
            said = Path(f"/proc/{process.pid}/environ").read_bytes()
            self.assertNotRegex(said, rb"NOTIFY_SOCKET|WATCHDOG|LISTEN_", process)

    def refused(self, passed: socket.socket, count: str = "1", names: str = "control") -> str:
        """What sandboxd says when it does not start with what is passed to it."""
        words = ["/usr/bin/python3", "-c", LAUNCHER, str(passed.fileno()), count, names, str(self.daemon.program), "--state", str(self.daemon.state),
                 "--socket", str(self.daemon.socket)]
        done = subprocess.run(words, pass_fds=(passed.fileno(),), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, cwd="/",
                              env=self.environment, preexec_fn=self.daemon.cgroup.enter)
        self.assertEqual(done.returncode, 1, done.stderr)
        return done.stderr

    def listening(self, path, kind=socket.SOCK_STREAM, family=socket.AF_UNIX, listens=True) -> socket.socket:
        made = socket.socket(family, kind)
        self.addCleanup(made.close)
        made.bind(path)
        if listens:
            made.listen(8)
        return made

    def test_another_socket_than_the_one_expected_is_refused(self):
        self.daemon.stop()
        path = self.daemon.socket
        path.unlink(missing_ok=True)
        right = self.listening(str(path))
        self.assertIn("takes one", self.refused(right, count="2", names="control:other"))
        self.assertIn("takes one", self.refused(right, count="0"))
        self.assertIn("takes one", self.refused(right, count="x"))
        self.assertIn("FileDescriptorName=control", self.refused(right, names="sandboxd.socket"))
        other = self.stage.root / "elsewhere"
        self.assertIn("names another path", self.refused(self.listening(str(other))))
        for number, wrong in enumerate((
                self.listening(str(self.stage.root / "datagrams"), socket.SOCK_DGRAM, listens=False),
                self.listening(str(self.stage.root / "messages"), socket.SOCK_SEQPACKET),
                self.listening(str(self.stage.root / "deaf"), listens=False), self.listening(f"\0{path}"),
                self.listening(("127.0.0.1", 0), family=socket.AF_INET))):
            with self.subTest(number):
                self.assertIn("no listening unix stream socket", self.refused(wrong))
        with open("/dev/null") as file:
            self.assertIn("no listening unix stream socket", self.refused(file))
        # The right one, by the same way.
        self.daemon.through, self.daemon.passes = ["/usr/bin/python3", "-c", LAUNCHER, str(right.fileno()), "1", "control"], (right.fileno(),)
        path.chmod(0o666)
        self.daemon.start()
        self.begun()
        self.end_wires()
        self.assertEqual(self.daemon.stop(), 0)
        self.daemon.through, self.daemon.passes = [], ()
        right.close()
        self.daemon.start()

    def test_a_cgroup_for_scopes_that_is_not_there_is_refused(self):
        self.daemon.stop()
        for name, said in (("sandboxd-of-no-unit.service", "there is no cgroup"), ("/no/such/cgroup", "there is no cgroup")):
            done = subprocess.run([self.daemon.program, "--state", self.daemon.state, "--socket", self.daemon.socket, "--scopes", name],
                                  capture_output=True, text=True, timeout=30, cwd="/", env=self.environment, preexec_fn=self.daemon.cgroup.enter)
            self.assertEqual(done.returncode, 1)
            self.assertIn(said, done.stderr)
        self.daemon.start()
