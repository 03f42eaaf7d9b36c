"""UDP, the host's nameservers and listeners of the server's own.  Truth is what the other side saw."""

import os
import secrets
import socket
import tempfile
from contextlib import closing, contextmanager, suppress

from act_tests import ActTests
from receivers import Receivers, mounted_over
from stage import until

OWN = 'files: {read: ["${server}"]}\n'


def datagram_socket(address: str, port: int = 0) -> socket.socket:
    opened = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    opened.bind((address, port))
    opened.settimeout(10)
    return opened


def is_reachable(address: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex((address, port)) == 0


class NetworkTests(ActTests):
    @classmethod
    def setUpClass(cls):
        # resolv.conf of a test's own, for the daemon and for `wrap` alike.
        with tempfile.NamedTemporaryFile("w", prefix="resolv.", dir="/var/lib", delete=False) as file:
            file.write("nameserver 127.0.0.53\n")
        os.chmod(file.name, 0o644)
        cls.addClassCleanup(os.unlink, file.name)
        cover = mounted_over("/etc/resolv.conf", file.name)
        cover.__enter__()
        cls.addClassCleanup(cover.__exit__, None, None, None)
        super().setUpClass()

    @contextmanager
    def receivers(self, *targets):
        receivers = Receivers()
        for address, port in targets:
            receivers.datagram(socket.AF_INET6 if ":" in address else socket.AF_INET, (address, port))
        receivers.start()
        try:
            yield receivers
        finally:
            receivers.close()

    def assert_reaches(self, receivers, send, target, is_permitted: bool):
        sent = secrets.token_hex(8)
        done = send(*target, sent)
        if is_permitted:
            until(lambda: receivers.saw(sent), 5, f"the receiver at {target}: {done}")
        receivers.settle()
        self.assertEqual(receivers.saw(sent), is_permitted, f"{target}: {done}")

    def test_datagrams_reach_what_is_permitted_and_nothing_else(self):
        targets = {("127.0.0.1", 9001): True, ("127.0.0.1", 9002): False, ("127.0.0.2", 9001): False, ("127.0.1.7", 9003): True,
                   ("127.0.2.1", 9003): False, ("::1", 9001): True, ("::1", 9002): False}
        with self.receivers(*targets) as receivers:
            wire = self.held('egress: {udp: ["127.0.0.1:9001", "127.0.1.0/24:9003", "[::1]:9001"]}\n' + OWN)
            for target, is_permitted in targets.items():
                for act in ("udp-sendto", "udp-connect", "udp-sendmsg", "udp-sendmmsg"):
                    with self.subTest(act=act, target=target):
                        self.assert_reaches(receivers, lambda *words: self.free(act, *words), target, True)
                        self.assert_reaches(receivers, lambda *words: self.act(wire, act, *words), target, is_permitted)

    def test_answers_come_and_what_strangers_send_does_not(self):
        for address in ("127.0.0.1", "::1"):
            with self.subTest(address=address), closing(datagram_socket(address, 9001)) as peer, closing(datagram_socket(address)) as stranger:
                endpoint = f"[{address}]:9001" if ":" in address else f"{address}:9001"
                wire = self.held(f'egress: {{udp: ["{endpoint}"]}}\n{OWN}')
                port = int(self.assert_takes_effect(wire, "send-udp", address, 9001, "hello")["said"])
                data, where = peer.recvfrom(64)
                self.assertEqual((data, where[1]), (b"hello", port))
                stranger.sendto(b"from-a-stranger", (address, port))
                peer.sendto(b"the-answer", (address, port))
                self.assertEqual(self.act(wire, "receive-udp")["said"], "the-answer")
                self.assertNotEqual(self.act(wire, "receive-udp")["errno"], 0, "nothing else came")

    def test_the_nameservers_of_the_host_may_be_asked(self):
        targets = {("127.0.0.53", 53): True, ("127.0.0.53", 54): False, ("127.0.0.54", 53): False}
        with self.receivers(*targets) as receivers:
            wire = self.held("egress: {dns: host}\n" + OWN)
            for target, is_permitted in targets.items():
                with self.subTest(target=target):
                    self.assert_reaches(receivers, lambda *words: self.free("udp-sendto", *words), target, True)
                    self.assert_reaches(receivers, lambda *words: self.act(wire, "udp-sendto", *words), target, is_permitted)

    def test_a_listener_is_reached_where_the_policy_says(self):
        cases = {("127.0.0.1", 9100): True, ("127.0.0.1", 9101): False, ("127.0.0.2", 9100): False, ("127.0.0.3", 9205): True,
                 ("127.0.0.3", 9211): False, ("0.0.0.0", 9100): False}
        for (address, port), is_permitted in cases.items():
            with self.subTest(address=address, port=port):
                reached = "127.0.0.1" if address == "0.0.0.0" else address
                with self.unconfined() as wire:
                    self.act(wire, "listen-tcp", address, port)
                    self.assertTrue(is_reachable(reached, port), "positive control")
                wire = self.held('ingress: {tcp: ["127.0.0.1:9100", "127.0.0.3:9200-9210"]}\n' + OWN)
                done = self.act(wire, "listen-tcp", address, port)
                self.assertEqual(is_reachable(reached, port), is_permitted, done)

    def test_a_port_that_the_kernel_chose_is_not_reached(self):
        wire = self.held('ingress: {tcp: ["127.0.0.1:9100"]}\n' + OWN)
        done = self.act(wire, "listen-unbound")
        self.assertFalse(done["errno"] == 0 and is_reachable("127.0.0.1", int(done["said"])), done)

    def untried(self, clauses: str) -> list[str]:
        """What the self-test of a session under these clauses could not show."""
        self.held(clauses + OWN)
        self.end_wires()
        self.assert_nothing_left()
        return self.receipts("launch")[0]["body"]["selfTest"]["untried"]

    def test_the_self_test_tries_the_listeners(self):
        self.assertEqual(self.untried('ingress: {tcp: ["127.0.0.1:9100", "[::1]:9200-9210"]}\n'), [])

    def test_what_fails_unconfined_as_well_is_named_untried(self):
        # Ports that only the privileged may have, permitted and forbidden.
        names = self.untried('ingress: {tcp: ["127.0.0.1:443"]}\n')
        self.assertEqual({name.partition(" at ")[0] for name in names}, {"accept tcp"})
        self.assertIn("accept tcp at 127.0.0.1:443: permitted", names)
        self.assertIn("accept tcp at 127.0.0.1:444: forbidden", names)

    def test_without_a_daemon_each_of_them_is_refused(self):
        for clause in ('egress: {udp: ["127.0.0.1:9001"]}', "egress: {dns: host}", 'ingress: {tcp: ["127.0.0.1:9100"]}'):
            with self.subTest(clause=clause):
                said = self.refused(clause + "\n" + OWN, **self.without_daemon())
                self.assertIn("R202", said)
                self.assertIn(":4:", said)
