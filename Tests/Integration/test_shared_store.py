"""Budgets and grants in a PostgreSQL that several daemons share: what holds for one daemon's own store holds for it, and for all of them together."""

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from decimal import Decimal
from pathlib import Path

import test_budgets
import test_refusals
from cases import StagedTests, is_long
from hold_tests import HoldTests
from ledger_tests import SmallDisk
from stage import PROJECT, Daemon, required, until
from wire import Wire

sys.path.append(str(PROJECT / "Tests/Programs"))
from postgres_server import PostgresServer  # noqa: E402


class SharedStore(StagedTests):
    """Whose daemon keeps what hosts share in a PostgreSQL of the class's own."""

    @classmethod
    def start_daemon(cls):
        if not hasattr(cls, "store"):
            cls.server = cls.make_server()
            cls.addClassCleanup(cls.server.close)
            cls.server.create("shared")
            cls.store = cls.stage.root / "store-settings"
            cls.store.touch(mode=0o600)
            cls.store.write_text(cls.make_settings() + "\n")
            cls.stage.daemon.options += ["--store-from", cls.store]
        super().start_daemon()
        # Connected, as it stays.
        until(lambda: cls.tables(), 20, "the tables to be made")

    @classmethod
    def make_server(cls) -> PostgresServer:
        return PostgresServer()

    @classmethod
    def make_settings(cls) -> str:
        return cls.server.settings_for("shared")

    @classmethod
    def tables(cls) -> bool:
        return cls.server.sql("SELECT count(*) FROM pg_class WHERE relname = 'day_budget'", "shared").strip() == "1"

    @classmethod
    def daemon(cls, number: int, name: str | None = None) -> Daemon:
        """One more, with a state, a socket and uids of its own, on the same database; as if on a host of this name."""
        first = cls.stage.daemon
        state = cls.stage.root / f"state{number}"
        state.mkdir(mode=0o700)
        other = Daemon(first.program, state, cls.stage.root / f"control/{number}.sock", cls.stage.root / f"daemon{number}.log", first.cgroup)
        begin = 2_000_000 + 1_000 * number
        other.options = ["--store-from", cls.store, "--users", f"{begin}-{begin + 299}"]
        if name:
            named = f"import os, socket, sys; socket.sethostname({name!r}); os.execv(sys.argv[1], sys.argv[1:])"
            other.through = ["unshare", "--uts", sys.executable, "-c", named]
        other.start()
        cls.stage.besides.append(other)
        cls.addClassCleanup(other.stop)
        return other

    def begun_at(self, daemon: Daemon) -> Wire:
        environment = self.stage.environment(self.user) | {"SANDBOXD_SOCKET": str(daemon.socket)}
        wire = Wire(self.command(), start=self.user.start, environment=environment)
        self.wires.append(wire)
        self.assertIn("result", wire.begin(), wire.said())
        return wire

    def command_line(self, *words, status: int = 0) -> str:
        """What sandboxctl says, for root."""
        done = subprocess.run([str(word) for word in [self.stage.sandboxctl, *words]], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              timeout=60, env=os.environ | {"SANDBOXD_SOCKET": str(self.stage.daemon.socket)})
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def store_state(self, is_away: bool = False) -> dict:
        """What `status` says of it."""
        return json.loads(self.command_line("status", "--json", status=1 if is_away else 0))["status"]["store"]

    def lifecycle(self, event: str) -> list[dict]:
        words = [self.stage.sandboxctl, "receipts", "show", "--json", self.stage.root / "state/evidence"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        found = [json.loads(line) for line in done.stdout.splitlines()]
        return [receipt["body"] for receipt in found if receipt["kind"] == "lifecycle" and receipt["body"].get("event") == event]


class SharedBudgetTests(SharedStore, test_budgets.SharedTests):
    test_a_session_that_would_need_a_damaged_store_does_not_start = None
    test_a_full_disk_blocks_what_needs_the_store = None


class SharedRestartTests(SharedStore, test_budgets.RestartTests):
    pass


class SharedKilledTests(SharedStore, test_budgets.KilledTests):
    pass


class TwoDaemonTests(SharedStore, test_budgets.BudgetTests):
    """A second daemon with a state, a socket and uids of its own, on the same database."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.daemon(2)

    def setUp(self):
        super().setUp()
        # The other's first session makes what it keeps.
        self.patience = 20

    def test_two_daemons_share_a_budget(self):
        first, second = self.begun_at(self.stage.daemon), self.begun_at(self.other)
        self.assertEqual([self.refunded(first, 6), self.refunded(second, 5), self.refunded(second, 3.5)], [None, "D107", None])
        self.assertEqual(self.refunded(first, 1), "D107")
        self.assertEqual((self.seen(first), self.seen(second)), ([6], [3.5]))
        self.assertEqual(self.spent(), [("shared-till", "refunds", "9.5", "10", self.user.uid)])

    def test_sessions_of_two_daemons_at_once_never_take_more(self):
        wires = [self.begun_at(daemon) for daemon in (self.stage.daemon, self.other, self.stage.daemon, self.other)]
        for _ in range(8):
            for wire in wires:
                self.refund(wire, 1)
        answers = [self.code(wire.answer(id)) for wire in wires for id in range(2, wire.next_id + 1)]
        self.assertEqual(sorted(code or "" for code in answers), [""] * 10 + ["D107"] * 22)
        self.assertEqual(sum(len(self.seen(wire)) for wire in wires), 10)


class SharedGrantTests(SharedStore, HoldTests):
    """A call that a person approves when it waits no longer is made once, wherever it comes again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.daemon(2, "other-host")
        cls.patience = 20

    approvals = "{by: [caller], wait: 1s, within: 1m}"

    def command(self) -> list:
        return self.wrapped()

    def test_a_grant_is_used_once_of_two_daemons(self):
        first = self.begun_at(self.stage.daemon)
        held = first.answer(self.refund(first, 600))
        self.assertEqual(self.code(held), "D122")
        self.decide("approve", self.id_in(held))
        second = self.begun_at(self.other)
        self.assertEqual(self.code(second.answer(self.refund(second, 600))), None)
        self.assert_refunded(second, 600)
        for wire in (first, second):
            self.assertEqual(self.code(wire.answer(self.refund(wire, 600))), "D122")
        self.assert_refunded(first)


class OutageTests(SharedStore, test_budgets.BudgetTests):
    """The database is away: what needs it is blocked with that reason, everything else goes on, and it comes back by itself."""

    def outage(self, leave, come_back, seconds: float):
        wire = self.begun()
        self.assertEqual(self.refunded(wire, 1), None)
        leave()
        try:
            began = time.monotonic()
            waiting = self.refund(wire, 2)
            # The daemon itself waits for nothing.
            self.command_line("sessions")
            self.assertLess(time.monotonic() - began, 2)
            self.assertEqual(self.code(wire.answer(waiting)), "D305")
            self.assertLess(time.monotonic() - began, seconds)
            # What needs no store goes on, and so does the launch of another session, whose budget is blocked, too.
            self.assertEqual(self.seen(wire), [1])
            other = self.begun()
            until(lambda: self.outages(), 10, "the outage to be recorded")
            began = time.monotonic()
            self.assertEqual(self.refunded(other, 3), "D305")
            self.assertLess(time.monotonic() - began, 1)
            self.assertEqual(self.budgets("list").returncode, 5)
            self.assertEqual(self.store_state(is_away=True)["kind"], "postgresql")
            self.assertIn("the database does not answer", self.store_state(is_away=True)["fault"])
            self.assertIn("(postgresql) cannot be used: the database does not answer", self.command_line("doctor"))
        finally:
            come_back()
        until(lambda: self.refunded(other, 4) is None, 30, "the budget to be spent of again")
        self.assertEqual(self.refunded(wire, 2), None)
        self.assertEqual(self.store_state(), {"kind": "postgresql", "fault": None})
        self.assertIn("store     a database that hosts share (postgresql)\n", self.command_line("doctor"))
        self.assertEqual((self.seen(wire), self.seen(other)), ([1, 2], [4]))
        # What nobody heard of is spent, or is not: never less than what was made.
        spent = float(self.spent()[0][2])
        self.assertGreaterEqual(spent, 7)
        self.assertLessEqual(spent, 10)
        self.assertIn(self.refunded(wire, 5), ["D107"])
        return spent

    def outages(self) -> list:
        return self.lifecycle("shared-store-unavailable")[self.known:]

    def setUp(self):
        super().setUp()
        self.known = len(self.lifecycle("shared-store-unavailable"))

    def reset(self):
        until(lambda: subprocess.run([self.stage.sandboxctl, "budgets", "reset", "--socket", self.stage.daemon.socket], capture_output=True,
                                     timeout=60).returncode == 0, 30, "the budgets to start anew")

    def test_killed(self):
        self.assertEqual(self.outage(self.server.kill, self.server.start, 8), 7)

    def test_stopped(self):
        self.outage(self.server.stop, self.server.go_on, 8)

    def test_disconnected(self):
        """Nothing is blocked where the database answers anew at once."""
        wire = self.begun()
        for amount in (1, 2, 3):
            self.server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'shared' AND pid <> pg_backend_pid()")
            self.assertEqual(self.refunded(wire, amount), None)
        self.assertEqual(self.seen(wire), [1, 2, 3])
        self.assertEqual(self.spent()[0][2], "6")

    def test_no_connection_is_left(self):
        wire = self.begun()
        self.assertEqual(self.refunded(wire, 1), None)
        self.server.sql("ALTER DATABASE shared CONNECTION LIMIT 0")
        # A superuser is not held by it.
        self.server.sql("CREATE ROLE plain LOGIN; GRANT ALL ON ALL TABLES IN SCHEMA public TO plain", "shared")
        kept = self.store.read_text()
        try:
            self.stage.daemon.stop()
            self.end_wires()
            self.store.write_text(kept.replace("user=postgres", "user=plain"))
            self.restarted()
            wire = self.begun()
            self.assertEqual(self.refunded(wire, 2), "D305")
            self.assertIn("too many connections", json.dumps(until(self.outages, 10, "the outage")))
            self.server.sql("ALTER DATABASE shared CONNECTION LIMIT -1")
            until(lambda: self.refunded(wire, 2) is None, 20, "a connection")
            self.assertEqual(self.seen(wire), [2])
        finally:
            self.server.sql("ALTER DATABASE shared CONNECTION LIMIT -1")
            self.end_wires()
            self.stage.daemon.stop()
            self.store.write_text(kept)
            self.restarted()


class FullDiskTests(SharedStore, test_budgets.BudgetTests):
    """The database finds no room."""

    @classmethod
    def setUpClass(cls):
        place = Path(tempfile.mkdtemp(prefix="sandboxd-full-", dir="/var/tmp"))
        cls.addClassCleanup(place.rmdir)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=120m", "small", place], check=True)
        cls.addClassCleanup(subprocess.run, ["umount", "--lazy", place], check=True)
        cls.disk = SmallDisk(place)
        cls.place = place
        super().setUpClass()

    @classmethod
    def make_server(cls) -> PostgresServer:
        return PostgresServer(cls.place, max_wal_size="32MB", min_wal_size="32MB")

    def test_what_needs_the_store_is_blocked_until_there_is_room(self):
        wire = self.begun()
        self.assertEqual(self.refunded(wire, 1), None)
        self.disk.fill()
        codes = []
        try:
            until(lambda: codes.append(self.refunded(wire, 0.001)) or codes[-1] == "D305", 60, "the disk to be in the way")
        finally:
            self.disk.free()
        # A server that could not write its log has ended.
        if self.server.process.poll() is not None:
            self.server.start()
        until(lambda: codes.append(self.refunded(wire, 0.001)) or codes[-1] is None, 30, "the budget to be spent of again")
        made = codes.count(None)
        self.assertEqual(self.seen(wire), [1] + [0.001] * made)
        spent = Decimal(self.spent()[0][2])
        self.assertTrue(1 + made * Decimal("0.001") <= spent <= 1 + len(codes) * Decimal("0.001"), (spent, len(codes), made))


class KilledDatabaseTests(SharedStore, test_budgets.BudgetTests):
    """The database is killed again and again, at random points, while sessions of two daemons spend of one budget."""

    seconds = 90 if is_long() else 15

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.daemon(2, "other-host")

    def setUp(self):
        super().setUp()
        self.patience = 20

    def spend(self, wire: Wire, codes: list, end: float):
        while time.monotonic() < end:
            codes.append(self.refunded(wire, 0.01))

    def test_nothing_is_overspent_and_all_goes_on(self):
        wires = [self.begun_at(daemon) for daemon in (self.stage.daemon, self.other) for _ in range(2)]
        codes = [[] for _ in wires]
        end = time.monotonic() + self.seconds
        threads = [threading.Thread(target=self.spend, args=[wire, said, end]) for wire, said in zip(wires, codes)]
        for thread in threads:
            thread.start()
        kills = 0
        try:
            while time.monotonic() < end - 1:
                time.sleep(random.uniform(0.05, 1.2))
                self.server.kill()
                kills += 1
                time.sleep(random.choice([0, 0, 0.5, 3]))
                self.server.start()
        finally:
            if self.server.process is None:
                self.server.start()
            for thread in threads:
                thread.join(60)
        self.assertFalse(any(thread.is_alive() for thread in threads))
        counts = {code: sum(said.count(code) for said in codes) for code in (None, "D107", "D305")}
        self.assertEqual(sum(counts.values()), sum(map(len, codes)), codes)
        seen = [self.seen(wire) for wire in wires]
        self.assertEqual([len(one) for one in seen], [said.count(None) for said in codes])
        until(lambda: all(self.refunded(wire, 0.001) in (None, "D107") for wire in wires), 30, "each to be answered again")
        spent, made = Decimal(self.spent()[0][2]), Decimal("0.01") * counts[None]
        self.assertLessEqual(made, spent)
        self.assertLessEqual(spent, 10)
        self.assertGreater(counts[None], 0)
        self.assertGreater(kills, 2)
        self.evidence_verifies()
        print(f"{kills} kills of PostgreSQL in {self.seconds} s: {counts[None]} calls made, {counts['D305']} blocked while it was away, {counts['D107']} as spent; "
              f"{made} done, {spent} of 10 spent", flush=True)


class EightDaemonTests(SharedStore, test_budgets.BudgetTests):
    """So many daemons on one database, each with a session that spends of the same budget: 8 × 500 calls, with --long 8 × 10,000."""

    daemons = 8
    window = 16

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.all = [cls.stage.daemon] + [cls.daemon(number, f"host-{number}") for number in range(2, cls.daemons + 1)]

    def setUp(self):
        super().setUp()
        self.patience = 30
        self.calls = 10_000 if is_long() else 500
        self.limit = self.daemons * self.calls * 3 // 8

    def command(self) -> list:
        text = self.policy("shared-till").read_text().replace("limit: 10,", f"limit: {self.limit},").replace("name: shared-till", "name: crowded-till")
        till = [self.environment / "bin/python", self.stage.servers / "till_server.py"]
        policy = self.written_policy(text, "crowded-till.yaml")
        return self.wrap(policy, till, {"environment": self.environment, "programs": self.stage.servers})

    def spend(self, wire: Wire, codes: list):
        sent = [self.refund(wire, 1) for _ in range(self.window)]
        while sent:
            codes.append(self.code(wire.answer(sent.pop(0), 60)))
            if len(codes) + len(sent) < self.calls:
                sent.append(self.refund(wire, 1))

    def test_a_budget_is_spent_to_its_end_and_never_beyond(self):
        wires = [self.begun_at(daemon) for daemon in self.all]
        codes = [[] for _ in wires]
        began = time.monotonic()
        threads = [threading.Thread(target=self.spend, args=one) for one in zip(wires, codes)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(3000)
        seconds = time.monotonic() - began
        self.assertEqual([len(said) for said in codes], [self.calls] * self.daemons)
        self.assertEqual({code for said in codes for code in said}, {None, "D107"})
        seen = [len(self.seen(wire)) for wire in wires]
        self.assertEqual(seen, [said.count(None) for said in codes])
        self.assertEqual(sum(seen), self.limit)
        self.assertEqual(self.spent()[0][2], str(self.limit))
        print(f"{self.daemons} daemons, {self.calls} calls each: {sum(seen)} made of a budget of {self.limit}, {sum(map(len, codes)) - sum(seen)} blocked "
              f"as spent; {seconds:.1f} s", flush=True)


class SharedRefusalTests(SharedStore, test_refusals.RefusalTests):
    """The same tests of the ledger; then what only hosts that share one have to stand."""

    # Of a file, or of private daemons, which share nothing with other hosts.
    test_a_ledger_that_cannot_be_written_refuses_all_the_same = None
    test_a_store_that_is_none = None
    test_without_a_daemon_the_ledger_is_the_user_s_own = None
    test_nobody_to_ask_and_nothing_is_said = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.another = cls.daemon(2, "other-host")

    def kept(self) -> bytes:
        return self.server.run("pg_dump", "-h", self.server.directory, "-U", self.server.user, "shared").encode()

    def launch_there(self, status: int = 125):
        return self.launch(status, self.stage.environment(self.user) | {"SANDBOXD_SOCKET": str(self.another.socket)})

    def states(self) -> dict:
        return {entry["hostname"]: entry["state"] for entry in self.entries(user=None)}

    def test_no_host_opens_resolves_or_closes_what_is_another_s(self):
        here = socket.gethostname()
        self.launch()
        self.launch_there()
        self.assertEqual(self.states(), {here: "open", "other-host": "open"})
        self.assertIn("other-host", self.refusals("list").stdout)
        (theirs,) = [entry["id"] for entry in self.entries() if entry["hostname"] == "other-host"]
        self.assertIn("on `other-host`", self.refusals("show", theirs).stdout)
        # A person closes it from anywhere; the same refusal there leaves it closed, and one here does not touch it.
        self.refusals("close", theirs, "--reason", "known", user=None)
        self.launch()
        self.launch_there()
        self.assertEqual(self.states(), {here: "open", "other-host": "closed"})
        # Exact here: nothing is said of the other.
        self.needed.write_text("now")
        self.addCleanup(self.needed.unlink, missing_ok=True)
        self.launch(7)
        until(lambda: self.states() == {here: "resolved", "other-host": "closed"}, 10, "this host's entry to be resolved")
        self.launch_there(7)
        until(lambda: self.states() == {here: "resolved", "other-host": "resolved"}, 10, "the other's to be resolved")
        self.needed.unlink()
        self.launch_there()
        self.assertEqual(self.states(), {here: "resolved", "other-host": "open"})

    def test_while_the_database_is_away_a_policy_is_refused_all_the_same(self):
        self.launch()
        before = json.loads(self.refusals("list", "--json").stdout)["omitted"]
        self.server.kill()
        try:
            for _ in range(2):
                began = time.monotonic()
                self.assertNotIn("= recorded", self.launch().stderr)
                self.assertLess(time.monotonic() - began, 8)
            self.assertEqual(self.refusals("list", status=None).returncode, 5)
        finally:
            self.server.start()
        until(lambda: self.refusals("list", status=None).returncode == 0, 30, "the ledger to be read again")
        self.launch()
        self.assertEqual(self.entry()["times"], 2)
        self.assertEqual(json.loads(self.refusals("list", "--json").stdout)["omitted"], before + 2)


class SecretTests(SharedStore, test_budgets.BudgetTests):
    """What the settings hold of secrets is nowhere else."""

    canary = "canary-5d1f0a97c2"

    @classmethod
    def make_settings(cls, password: str = canary) -> str:
        return super().make_settings().replace("user=postgres", "user=keeper") + f" password={password}"

    @classmethod
    def make_server(cls) -> PostgresServer:
        server = super().make_server()
        server.sql(f"CREATE ROLE keeper LOGIN SUPERUSER PASSWORD '{cls.canary}'")
        (Path(server.data) / "pg_hba.conf").write_text("local all postgres trust\nlocal all all scram-sha-256\n")
        server.sql("SELECT pg_reload_conf()")
        return server

    def said(self, is_away: bool = False) -> bytes:
        """All that daemon and commands say and keep."""
        status = 1 if is_away else 0
        process = Path(f"/proc/{self.stage.daemon.process.pid}")
        spoken = [self.command_line("status", status=status), self.command_line("status", "--json", status=status), self.command_line("doctor"),
                  self.stage.daemon.said(),
                  self.command_line("receipts", "show", "--json", self.stage.root / "state/evidence")]
        state = self.stage.root / "state"
        kept = [path.read_bytes() for path in state.rglob("*") if path.is_file() and path.relative_to(state).parts[0] != "bpf"]
        return "".join(spoken).encode() + b"".join(kept) + (process / "cmdline").read_bytes() + (process / "environ").read_bytes()

    def test_the_password_is_in_its_file_alone(self):
        wire = self.begun()
        self.assertEqual(self.refunded(wire, 1), None)
        said = self.said()
        self.server.kill()
        self.assertEqual(self.refunded(wire, 2), "D305")
        said += self.said(is_away=True)
        self.server.start()
        until(lambda: self.refunded(wire, 2) is None, 30, "the budget to be spent of again")
        # A wrong one is refused, and not said either: it was used.
        self.end_wires()
        self.stage.daemon.stop()
        self.store.write_text(self.make_settings(self.canary + "-wrong"))
        try:
            self.stage.daemon.start()
            wire = self.begun()
            self.assertEqual(self.refunded(wire, 2), "D305")
            self.assertIn("password authentication failed", self.store_state(is_away=True)["fault"])
            other = json.loads(self.sandboxctl("status", "--json").stdout)["status"]["store"]
            self.assertEqual(other["fault"], "the database does not answer")
            said += self.said(is_away=True) + wire.said().encode()
        finally:
            self.end_wires()
            self.stage.daemon.stop()
            self.store.write_text(self.make_settings())
            self.restarted()
        self.assertIn(b"shared-store-unavailable", said)
        self.assertNotIn(self.canary.encode(), said)


class TLSTests(SharedStore, test_budgets.BudgetTests):
    """Over a network the database is who its certificate says, or nobody."""

    @classmethod
    def make_server(cls) -> PostgresServer:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            cls.port = free.getsockname()[1]
        cls.directory = Path(tempfile.mkdtemp(prefix="sandboxd-tls-", dir="/tmp"))
        cls.addClassCleanup(shutil.rmtree, cls.directory)
        cls.directory.chmod(0o755)
        cls.certify("ca", "sandboxd's tests")
        cls.certify("server", "db.example", "-CA", cls.directory / "ca.pem", "-CAkey", cls.directory / "ca.key", "-addext", "subjectAltName=DNS:db.example")
        cls.certify("other", "somebody else")
        shutil.chown(cls.directory / "server.key", "postgres")
        return PostgresServer(listen_addresses="127.0.0.1", port=cls.port, ssl="on", ssl_cert_file=cls.directory / "server.pem",
                              ssl_key_file=cls.directory / "server.key")

    @classmethod
    def certify(cls, name: str, subject: str, *words):
        words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={subject}", "-keyout", cls.directory / f"{name}.key",
                 "-out", cls.directory / f"{name}.pem", *words]
        subprocess.run([str(word) for word in words], check=True, capture_output=True, timeout=60)
        (cls.directory / f"{name}.key").chmod(0o600)

    @classmethod
    def make_settings(cls, host: str = "db.example", authority: str = "ca") -> str:
        return f"host={host} hostaddr=127.0.0.1 port={cls.port} user=postgres dbname=shared sslrootcert={cls.directory / authority}.pem"

    def test_who_it_is(self):
        wire = self.begun()
        self.assertEqual(self.refunded(wire, 1), None)
        self.assertEqual(self.server.sql("SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE datname = 'shared'").strip(), "t")
        for settings, said in ((self.make_settings(host="other.example"), "does not match host name"),
                               (self.make_settings(authority="other"), "certificate verify failed")):
            with self.subTest(said):
                self.end_wires()
                self.stage.daemon.stop()
                self.store.write_text(settings)
                self.stage.daemon.start()
                wire = self.begun()
                self.assertEqual(self.refunded(wire, 1), "D305")
                self.assertIn(said, self.store_state(is_away=True)["fault"])
        self.end_wires()
        self.stage.daemon.stop()
        self.store.write_text(self.make_settings())
        self.restarted()
        wire = self.begun()
        self.assertEqual(self.refunded(wire, 1), None)
        self.assertEqual(self.spent()[0][2], "2")


class CredentialTests(SharedStore, test_budgets.BudgetTests):
    """The setting is what the service manager hands over."""

    @classmethod
    def start_daemon(cls):
        if not hasattr(cls, "credentials"):
            cls.credentials = cls.stage.root / "credentials"
            cls.credentials.mkdir(mode=0o700)
            cls.stage.daemon.environment["CREDENTIALS_DIRECTORY"] = str(cls.credentials)
            # As SharedStore would, but for the option.
            cls.server = cls.make_server()
            cls.addClassCleanup(cls.server.close)
            cls.server.create("shared")
            cls.store = cls.credentials / "sandboxd-store"
            cls.store.touch(mode=0o400)
            cls.store.write_text(cls.make_settings())
        super().start_daemon()

    def test_it_is_shared(self):
        wire = self.begun()
        self.assertEqual(self.refunded(wire, 1), None)
        self.assertEqual(self.store_state(), {"kind": "postgresql", "fault": None})
        self.assertEqual(self.server.sql("SELECT spent FROM day_budget", "shared").strip(), "1")
        # One that others may read is no reason to keep all for oneself.
        self.end_wires()
        self.stage.daemon.stop()
        self.store.chmod(0o444)
        try:
            with self.assertRaisesRegex(RuntimeError, "regular file of root's that nobody else may read"):
                self.stage.daemon.start()
        finally:
            self.stage.daemon.process = None
            self.store.chmod(0o400)
            self.restarted()


class SettingTests(StagedTests):
    """What says how the database is reached is judged before anything is served."""

    def refused(self, text: str, mode: int = 0o600) -> str:
        path = self.stage.root / "settings"
        path.write_text(text)
        path.chmod(mode)
        done = subprocess.run([self.stage.programs / "sandboxd", "--state", self.stage.root / "state3", "--socket", self.stage.root / "third.sock",
                               "--store-from", path], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertNotIn("canary", done.stdout + done.stderr)
        return done.stderr

    def test_what_is_refused(self):
        for text, said in [
            ("host=db.example password=canary", "`db.example` is a name"),
            ("host=192.0.2.1 sslmode=require password=canary", "sslmode require"),
            ("host=127.0.0.1 sslmode=disable password=canary", "sslmode disable"),
            ("host=/tmp requirepeer='' password=canary", "requirepeer"),
            ("host=192.0.2.1 hostaddr=192.0.2.1,192.0.2.2", "it names no host"),
            ("service=canary", "`service` must not stand in it"),
            ("dbname=x password=canary", "it names no host"),
            ("password canary", "no connection string"),
            ("postgresql://u:canary@db.example/x", "`db.example` is a name"),
        ]:
            with self.subTest(text):
                self.assertIn(said, self.refused(text))
        self.assertIn("nobody else may read", self.refused("host=/tmp", 0o644))
        self.assertFalse((self.stage.root / "state3").exists())


class LibraryTests(StagedTests):
    """Without libpq a sandboxd that is to share its store does not start, and keeps nothing for itself instead."""

    def start(self, hides: bool) -> subprocess.Popen:
        settings = self.stage.root / "settings"
        settings.write_text("host=/nowhere dbname=x")
        settings.chmod(0o600)
        listed = subprocess.run(["ldconfig", "-p"], check=True, capture_output=True, text=True).stdout
        (library,) = {line.split(" => ")[1] for line in listed.splitlines() if line.strip().startswith("libpq.so.5 ")}
        empty = self.stage.root / "empty"
        empty.touch()
        hide = f"mount --bind {empty} {os.path.realpath(library)} && " if hides else ""
        words = ["unshare", "--mount", "sh", "-c", hide + 'exec "$0" "$@"', self.stage.programs / "sandboxd", "--state", self.stage.root / "state4",
                 "--socket", self.stage.root / "fourth.sock", "--store-from", settings]
        return subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def test_no_library(self):
        process = self.start(hides=True)
        said = process.communicate(timeout=60)[0]
        self.assertEqual(process.returncode, 1, said)
        self.assertIn("libpq is not installed; install libpq5", said)
        self.assertFalse((self.stage.root / "state4").exists())
        # The control: the same, and it is there.
        process = self.start(hides=False)
        try:
            until(lambda: (self.stage.root / "fourth.sock").exists(), 20, "it to start")
        finally:
            process.terminate()
            process.communicate(timeout=20)
        self.assertTrue((self.stage.root / "state4").exists())


class LoadTests(unittest.TestCase):
    """Several at once on one database, as so many daemons would be: 8 × 500 transactions, with --long 8 × 10,000."""

    workers = 8

    def setUp(self):
        self.server = PostgresServer()
        self.addCleanup(self.server.close)
        self.server.create("load")
        self.settings = self.server.directory / "settings"
        self.settings.write_text(self.server.settings_for("load"))
        self.settings.chmod(0o600)

    def worker(self, number: int, count: int) -> subprocess.Popen:
        said = self.server.directory / f"worker-{number}"
        words = [required("SANDBOXD_BIN") / "store-worker", self.settings, str(number), str(count), str(self.seed)]
        return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=said.open("wb"), stderr=subprocess.STDOUT)

    def run_workers(self, count: int, disturb=None) -> list[list[str]]:
        """What they say, line by line and word by word."""
        self.seed = int.from_bytes(os.urandom(4), "big")
        running = {number: self.worker(number, count) for number in range(self.workers)}
        began = time.monotonic()
        try:
            while any(worker.poll() is None for worker in running.values()):
                self.assertLess(time.monotonic() - began, 3000, "they do not come to an end")
                if disturb:
                    disturb(running)
                else:
                    time.sleep(0.1)
        finally:
            for worker in running.values():
                worker.kill()
                worker.wait()
        self.seconds = time.monotonic() - began
        lines = []
        for number, worker in running.items():
            said = (self.server.directory / f"worker-{number}").read_text().splitlines()
            if worker.returncode != -signal.SIGKILL:
                self.assertEqual((worker.returncode, said[-1:]), (0, [f"done {count}"]), said[-5:])
            lines += [line.split() for line in said]
        return lines

    def judge(self, lines: list[list[str]]) -> dict:
        """Counts what was said, and holds it against the limits; the truth is what the workers were permitted to do."""
        made, counts, used = {}, {}, []
        for word, *rest in lines:
            counts[word] = counts.get(word, 0) + 1
            if word == "took":
                made[rest[0]] = made.get(rest[0], 0) + Decimal(rest[1])
            if word == "used":
                used.append(rest[0])
        rows = [line.split("|") for line in self.server.sql("SELECT caller, name, spent FROM day_budget", "load").splitlines()]
        spent = {f"{caller}/{name}": Decimal(sum) for caller, name, sum in rows}
        for budget, sum in made.items():
            self.assertLessEqual(sum, spent[budget], f"{budget}, seed {self.seed}")
            self.assertLessEqual(spent[budget], 1000, f"{budget}, seed {self.seed}")
        self.assertEqual(len(used), len(set(used)), f"a grant was used twice, seed {self.seed}")
        self.assertEqual(len(made), 4)
        # The limit was in the way, or nothing is shown.
        self.assertGreater(counts["spent"], 0)
        self.assertGreater(len(used), 0)
        self.made, self.spent = made, spent
        print(f"{self.id().rsplit('.', 1)[1]}: {self.workers} at once, {counts['took']} taken, {counts.get('giving', 0)} given back, {counts['spent']} "
              f"refused as spent, {counts.get('unknown', 0)} unanswered; {counts.get('kept', 0)} grants kept, {len(used)} used, none twice; "
              f"most spent of a budget {max(spent.values())} of 1000; {self.seconds:.1f} s", flush=True)
        return counts

    @property
    def count(self) -> int:
        return 10_000 if is_long() else 500

    def test_they_never_take_more_nor_use_a_grant_twice(self):
        day = self.day()
        counts = self.judge(self.run_workers(self.count))
        if day != self.day():
            return self.skipTest("the day has ended meanwhile, and with it its budgets")
        self.assertEqual(self.made, self.spent)
        self.assertEqual([counts.get(word, 0) for word in ("unknown", "unkept", "unused")], [0, 0, 0])
        grants = self.server.sql("SELECT count(*), count(used_by) FROM call_grant", "load").strip()
        self.assertEqual(grants, f"{counts['kept']}|{counts['used']}")

    def day(self) -> str:
        return self.server.sql("SELECT floor(extract(epoch FROM clock_timestamp()) / 86400)")

    def test_the_database_and_some_of_them_are_killed_meanwhile(self):
        kills = {"database": 0, "worker": 0}

        def disturb(running):
            time.sleep(random.uniform(0.3, 1.2))
            if random.random() < 0.6:
                self.server.kill()
                kills["database"] += 1
                self.server.start()
            else:
                number, worker = random.choice(list(running.items()))
                if worker.poll() is None and kills["worker"] < 8:
                    worker.kill()
                    worker.wait()
                    kills["worker"] += 1
                    following = max(running) + 1
                    running[following] = self.worker(following, self.count)

        day = self.day()
        self.judge(self.run_workers(self.count, disturb))
        if day != self.day():
            return self.skipTest("the day has ended meanwhile, and with it its budgets")
        print(f"killed: {kills}", flush=True)
        self.assertGreater(kills["database"], 0)
