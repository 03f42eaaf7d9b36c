"""Reaching others over IP, and letting others in: each way into the network stack, to each kind of address."""

import socket

from attempts import Attempt, topic
from effects import CLOSED_HERE, NO_ENTRY, arrived, reached, reached_said, says, succeeded
from escape_cast import nonce
from escape_tests import FOUR, SIX, EscapeTests
from stage import until
from wire import Wire

MAPPED, MAPPED_NEIGHBOUR = ("::ffff:127.0.0.1", 9002), ("::ffff:127.0.0.2", 9001)
NEIGHBOUR = ("127.0.0.2", 9001)  # the permitted port of another address
PERMITTED = ("127.0.0.1", 9001)  # permitted to TCP, in sessions that may connect at all
ANY = [("0.0.0.0", 9002), ("::", 9002)]


def sends(act: str, *targets, **more) -> list[Attempt]:
    """An act that carries the nonce to an address and a port."""
    return [Attempt(f"{act} {address} {port} {{nonce}}", arrived, **more) for address, port in targets]


NO_MPTCP, NO_UDP_LITE = "this kernel has no MPTCP", "this kernel has no UDP-Lite"
NO_PROTOCOL, NO_FAMILY = "this kernel has no such protocol", "this kernel has no such family"
TCP = topic(
    "TCP",
    *sends("tcp", FOUR, NEIGHBOUR, SIX, MAPPED, MAPPED_NEIGHBOUR, *ANY),
    *(row for act in ("after-unspec", "named", "high-bit", "nonblocking", "thread", "bound", "vectors") for row in sends(f"tcp-{act}", FOUR)),
    *sends("tcp-thread", SIX, MAPPED),
    *sends("tcp-nonblocking", NEIGHBOUR, SIX),
)
OPTIONS = topic(
    "options of connections",
    *(Attempt(act, succeeded) for act in ("tcp-ulp", "tcp-ulp-high-bit", "join-group", "join-group-six")),
    *(Attempt(act, succeeded, control="root") for act in ("source-route", "source-route-high-bit")),
    Attempt("routing-header", succeeded, absent="this kernel has no such headers"),
)
OTHER_STREAMS = topic(
    "other streams",
    *sends("mptcp", FOUR, SIX, PERMITTED, MAPPED, absent=NO_MPTCP),
    *(row for act in ("high-bit", "flags") for row in sends(f"mptcp-{act}", FOUR, absent=NO_MPTCP)),
    *(row for act in ("sctp", "dccp", "smc", "smc-family") for row in sends(act, FOUR, absent=NO_PROTOCOL)),
)
FAST_OPEN = topic(
    "Fast Open",
    *(row for act in ("sendto", "sendmsg", "sendmmsg", "option") for row in sends(f"fast-open-{act}", FOUR, SIX)),
    *sends("fast-open-sendto", NEIGHBOUR, MAPPED),
    *(row for act in ("high-bit", "sendmsg-high-bit", "sendmmsg-high-bit", "more") for row in sends(f"fast-open-{act}", FOUR)),
    *sends("fast-open-mptcp", FOUR, absent=NO_MPTCP),
)
UDP = topic(
    "UDP",
    *(row for act in ("connect", "sendto", "sendmsg", "sendmmsg") for row in sends(f"udp-{act}", FOUR, SIX, PERMITTED)),
    *sends("udp-sendto", MAPPED, NEIGHBOUR),
    *(row for act in ("unspec", "four-on-six", "named", "flags", "high-bit", "corked") for row in sends(f"udp-{act}", FOUR)),
    *(Attempt(f"{act} 127.0.0.1 9002 {{nonce}} 127.0.0.1 9001", arrived) for act in ("udp-elsewhere", "udp-second-message")),
)
UDP_LITE = topic(
    "UDP-Lite",
    *(row for act in ("connect", "sendto", "sendmsg", "high-bit") for row in sends(f"udplite-{act}", FOUR)),
    *sends("udplite-sendto", SIX),
    absent=NO_UDP_LITE,
)
ECHO = topic(
    "ICMP",
    *(Attempt(f"{act} {address} {{nonce}}", arrived, absent="" if act != "raw-icmp" else NO_FAMILY, control="root" if act == "raw-icmp" else "caller")
      for act in ("ping", "ping-high-bit", "raw-icmp") for address in (FOUR[0], SIX[0])),
)
ENTRIES = topic(
    "other entries to the kernel",
    *sends("tcp-int80", FOUR, SIX), *sends("tcp-socketcall", FOUR, SIX), *sends("tcp-x32", FOUR),
    may_kill=True, absent=NO_ENTRY,
)
RINGS = topic(
    "io_uring",
    Attempt("uring", succeeded),
    *(row for act in ("connect", "polled", "datagram", "fast-open") for row in sends(f"uring-{act}", FOUR, SIX)),
    absent=CLOSED_HERE,
)


LISTENING = topic(
    "listening",
    *(Attempt(f"listen-tcp {at} 9100", reached(9100)) for at in ("127.0.0.1", "0.0.0.0", "::")),
    Attempt("listen-tcp ::1 9100", reached(9100, "::1")),
    Attempt("listen-mptcp 127.0.0.1 9100", reached(9100), absent=NO_MPTCP),
    Attempt("listen-sctp 127.0.0.1 9100", succeeded, absent=NO_PROTOCOL),
    Attempt("listen-unbound", reached_said),
    Attempt("listen-unbound-six", succeeded),
    Attempt("listen-after-connect 127.0.0.1 9001", reached_said, connects=True),
)
FOR_ALL = ("netlink", "netlink-high-bit", "netlink-datagram", "uevents", "diagnosis")
FOR_SOME = ("audit", "crypto", "vsock", "vsock-datagram", "tipc", "rds", "qipcrtr", "mctp", "algorithm", "algorithm-high-bit", "can", "bluetooth")
FOR_ROOT = ("packet", "packet-old", "raw", "raw-six", "raw-udp")
FAMILIES = topic(
    "other families",
    *(Attempt(f"socket-{name}", succeeded) for name in FOR_ALL),
    *(Attempt(f"socket-{name}", succeeded, absent=NO_FAMILY) for name in FOR_SOME),
    *(Attempt(f"socket-{name}", succeeded, control="root") for name in FOR_ROOT),
    *(Attempt(f"socket-{name}", succeeded, control="root", absent=NO_FAMILY) for name in ("xdp", "key")),
    Attempt("netlink-links", says("lo")),
)


class NetworkTests(EscapeTests):
    def test_permitted_traffic_arrives(self):
        for target in (PERMITTED, ("::1", 9001), ("::ffff:127.0.0.1", 9001)):
            for custody in self.custodies("caller", "session"):
                with self.subTest(target=target, custody=custody):
                    sent = nonce()
                    answer = self.act_held("tcp", *target, sent, custody=custody)
                    self.assertEqual(answer["errno"], 0, answer)
                    until(lambda: self.receivers.saw(sent), 5, "the receiver")

    def test_tcp(self):
        self.try_all(TCP)

    def test_other_streams(self):
        self.try_all(OTHER_STREAMS)

    def test_options(self):
        self.try_all(OPTIONS)

    def test_echo_requests(self):
        self.try_all(ECHO)

    def test_rings(self):
        self.try_all(RINGS)

    def test_fast_open(self):
        self.try_all(FAST_OPEN)

    def test_udp(self):
        self.try_all(UDP)

    def test_udp_lite(self):
        self.try_all(UDP_LITE)

    def test_other_entries(self):
        self.try_all(ENTRIES)

    def test_listening(self):
        self.try_all(LISTENING)

    def test_other_families(self):
        self.try_all(FAMILIES)

    def test_no_datagram_gets_in(self):
        sent = nonce()
        with self.free() as wire:
            self.assertIn(sent, self.receive_udp(wire, sent)["said"], "positive control")
        for custody in self.custodies():
            with self.subTest(custody=custody):
                sent = nonce()
                self.assertNotIn(sent, self.receive_udp(self.held(custody).wire, sent)["said"])

    def free(self) -> Wire:
        wire = Wire([self.program], start=self.user.start)
        wire.begin()
        return wire

    def receive_udp(self, wire: Wire, sent: str) -> dict:
        self.act(wire, "bind-udp", "127.0.0.1", 9100)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(sent.encode(), ("127.0.0.1", 9100))
        return self.act(wire, "receive-udp")

    def test_networks_and_ranges_end_where_they_say(self):
        """Each endpoint is a neighbour of another on the far side of a boundary; the receivers say what arrived."""
        cases = {
            '["127.0.0.0/31:9000-9001"]': {("127.0.0.1", 9001): True, ("127.0.0.1", 9002): False, ("127.0.0.2", 9001): False, ("::1", 9001): False,
                                           ("::ffff:127.0.0.1", 9001): True, ("::ffff:127.0.0.2", 9001): False, ("0.0.0.0", 9001): True},
            '["127.0.0.2/31:*"]': {("127.0.0.2", 9001): True, ("127.0.0.1", 9001): False, ("127.0.0.1", 9002): False},
            '["[::/0]:9002-9003"]': {("::1", 9002): True, ("::1", 9001): False, ("127.0.0.1", 9002): False, ("::ffff:127.0.0.1", 9002): False},
            '["public:9001", "*:9002"]': {("127.0.0.1", 9001): False, ("127.0.0.1", 9002): True, ("::1", 9001): False, ("::1", 9002): True},
        }
        for endpoints, targets in cases.items():
            policy = self.written_policy("sandboxd: 1\nname: networks\ntools: {rules: [{id: acts, tools: [act], effect: allow}]}\n"
                                         f"server: {{user: {self.expected()[0]}}}\n"
                                         f"egress: {{tcp: {endpoints}}}\nfiles: {{read: [\"${{server}}\"]}}\n")
            with Wire(self.wrap(policy, [self.program]), start=self.user.start, environment=self.stage.environment(self.user)) as wire:
                self.assertIn("result", wire.begin(), wire.said())
                for target, is_permitted in targets.items():
                    with self.subTest(endpoints=endpoints, target=target):
                        unconfined, sent = nonce(), nonce()
                        self.assertEqual(self.act_free("tcp", *target, unconfined)["errno"], 0)
                        until(lambda: self.receivers.saw(unconfined), 5, "the control")
                        done = self.act(wire, "tcp", *target, sent)
                        self.assertEqual(done["errno"] == 0, is_permitted, done)
                        if is_permitted:
                            until(lambda: self.receivers.saw(sent), 5, "the receiver")
                        else:
                            self.assertFalse(self.receivers.saw(sent))

    def test_any_tcp_is_tcp_alone(self):
        with self.wrapped("session-user") as wire:
            for target in (FOUR, SIX):
                sent = nonce()
                self.assertEqual(self.act(wire, "tcp", *target, sent)["errno"], 0)
                until(lambda: self.receivers.saw(sent), 5, "the receiver")
            self.receivers.forget()
            for act, *target in [("udp-sendto", *FOUR), ("udp-connect", *SIX), ("udplite-sendto", *FOUR)]:
                sent = nonce()
                self.assertNotEqual(self.act(wire, act, *target, sent)["errno"], 0)
                self.receivers.settle()
                self.assertFalse(self.receivers.saw(sent), act)
