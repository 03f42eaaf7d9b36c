"""Unix sockets: by path, by abstract name, by what a pair can be pointed at, and what others can reach."""

import json
import socket

from attempts import RECORD, Attempt, Outcome, topic
from effects import CLOSED_HERE, arrived, fresh_files, reached, reached_said, succeeded, taken
from escape_tests import HANDED, EscapeTests
from wire import Wire

STREAMS = ("{sockets}/stream", "{area}/granted/sockets/stream", "{area}/granted/sockets/stream-link", "{abstract}stream")
DATAGRAMS = ("{sockets}/datagram", "{area}/granted/sockets/datagram", "{abstract}datagram")
CONNECTING = topic(
    "unix sockets",
    *(Attempt(f"unix-stream {where} {{nonce}}", arrived) for where in STREAMS),
    *(Attempt(f"unix-packets {where} {{nonce}}", arrived) for where in ("{sockets}/packets", "{abstract}packets")),
    *(Attempt(f"{act} {{sockets}}/stream {{nonce}}", arrived)
      for act in ("unix-flags", "unix-high-bit", "unix-type-high-bit", "unix-relative", "unix-descriptor")),
    Attempt("unix-relative {area}/granted/sockets/stream {nonce}", arrived),
    Attempt("unix-stream {sockets}/../sockets/stream {nonce}", arrived),
    *(Attempt(f"{act} {where} {{nonce}}", arrived) for act in ("unix-datagram", "unix-pair", "unix-pair-sendto") for where in DATAGRAMS),
    *(Attempt(f"{act} {{sockets}}/datagram {{nonce}}", arrived)
      for act in ("unix-datagram-connect", "unix-datagram-message", "unix-datagram-messages", "unix-raw", "unix-pair-high-bit", "unix-pair-raw",
                  "unix-pair-message")),
    Attempt("unix-receive-socket {sockets}/passing {nonce}", arrived),
    Attempt("uring-socket {sockets}/stream {nonce}", arrived, absent=CLOSED_HERE),
)


def let_in(kind: int, name: str):
    """Somebody outside connects to it."""

    def is_let_in(ground: EscapeTests, _: dict) -> bool:
        where = name.format(area=ground.area, abstract=f"\0{ground.stage.root.name}-")
        with socket.socket(socket.AF_UNIX, kind) as visitor:
            return visitor.connect_ex(where) == 0

    return is_let_in


def let_in_by_said_name(_: EscapeTests, answer: dict) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as visitor:
        return answer["errno"] == 0 and visitor.connect_ex(f"\0{answer['said']}") == 0


OWN = topic(
    "unix sockets of its own",
    *(Attempt(f"{act} {where}", let_in(kind, where))
      for act, kind in (("listen-unix", socket.SOCK_STREAM), ("listen-unix-packets", socket.SOCK_SEQPACKET), ("unix-bind", socket.SOCK_DGRAM))
      for where in ("{area}/written/own", "{abstract}own")),
    Attempt("unix-autobind", let_in_by_said_name),
    Attempt("unix-pair-autobind", succeeded),
    prepare=fresh_files,
)

RECEIVED = topic(
    "sockets of others",
    *(Attempt(f"unix-receive-listen {{sockets}}/stream-of-another {at}", reached(int(at.split()[1])))
      for at in ("127.0.0.1 9103", "0.0.0.0 9100", "0.0.0.0 9103")),
    Attempt("unix-receive-listen {sockets}/stream-of-another-six ::1 9103", reached(9103, "::1")),
    Attempt("unix-receive-listen {sockets}/stream-of-another-six :: 9100", reached(9100)),
    Attempt("unix-receive-listen {sockets}/stream-of-another-six ::ffff:127.0.0.1 9103", reached(9103)),
    Attempt("unix-receive-listen-as-is {sockets}/stream-of-another", reached_said),
    Attempt("unix-receive-listen-as-is {sockets}/bound-of-another", reached(9101)),
    Attempt("unix-receive-bind {sockets}/datagram-of-another 127.0.0.1 9100", taken(9100, socket.SOCK_DGRAM)),
)
# To who may listen there and is granted the peers.
PERMITTED = (
    Attempt("unix-receive-listen {sockets}/stream-of-another 127.0.0.1 9100", reached(9100)),
    Attempt("unix-receive-listen {sockets}/stream-of-another-six ::1 9100", reached(9100, "::1")),
    Attempt("unix-receive-listen {sockets}/stream-of-another-six ::ffff:127.0.0.1 9100", reached(9100)),
    Attempt("unix-receive-listen {sockets}/stream-of-another 0.0.0.0 9102", reached(9102)),
    Attempt("unix-receive-listen {sockets}/stream-of-another-six :: 9102", reached(9102)),
    Attempt("listen-tcp 127.0.0.1 9100", reached(9100)),
    Attempt("listen-unbound", succeeded),  # its own: nobody gets through to it
)


class UnixTests(EscapeTests):
    def test_others_are_out_of_reach(self):
        self.try_all(CONNECTING)

    def test_nobody_gets_in(self):
        self.try_all(OWN)

    def test_sockets_of_others(self):
        self.try_all(RECEIVED)

    GRANTED = """sandboxd: 1
name: handed
server: {{user: {user}}}
tools: {{rules: [{{id: acts, tools: [act], effect: allow}}]}}
egress: {{unix: {peers}}}
ingress: {{tcp: ["127.0.0.1:9100", "[::1]:9100", "*:9102"]}}
files: {{read: ["${{server}}"]}}
"""

    def test_sockets_of_granted_peers_listen_where_the_policy_says(self):
        """Made outside, they pass the programs of the cgroup: programs at security hooks judge them, and without these the policy is refused."""
        user, peers = self.expected()[0], json.dumps([str(self.sockets / name) for name in HANDED])
        policy = self.written_policy(self.GRANTED.format(user=user, peers=peers))
        rows = [(attempt, False) for attempt in RECEIVED] + [(attempt, True) for attempt in PERMITTED]
        controls = [self.control(attempt) for attempt, _ in rows]
        self.assertEqual(set(controls), {"works"})
        with Wire(self.wrap(policy, [self.program]), start=self.user.start, environment=self.stage.environment(self.user)) as wire:
            welcome = wire.begin()
            if "result" not in welcome:
                profile = json.loads(self.sandboxctl("doctor", "--json").stdout)
                self.assertNotEqual(profile["observed"]["bpf-lsm"], "works", wire.said())
                self.assertIn("R206", welcome["error"]["message"])
                return
            for attempt, is_permitted in rows:
                with self.subTest(attempt=attempt.id):
                    answer = self.act(wire, *self.fill(attempt, 0).split())
                    took_effect = attempt.effect(self, answer)
                    if not is_permitted:
                        RECORD.add(Outcome(f"{attempt.id}, granted", attempt.topic, user, "works", "through" if took_effect else "stopped",
                                           answer["errno"], answer["said"][:200]))
                    self.assertEqual(took_effect, is_permitted, answer)

    def test_a_pair_that_talks_to_itself_is_nobodys(self):
        for custody in self.custodies():
            with self.subTest(custody=custody):
                self.assertEqual(self.act_held("pair", custody=custody)["errno"], 0)
