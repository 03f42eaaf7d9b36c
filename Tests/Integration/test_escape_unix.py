"""Unix sockets: by path, by abstract name, by what a pair can be pointed at, and what others can reach."""

import socket

from attempts import Attempt, topic
from effects import CLOSED_HERE, arrived, fresh_files, succeeded
from escape_tests import EscapeTests

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


class UnixTests(EscapeTests):
    def test_others_are_out_of_reach(self):
        self.try_all(CONNECTING)

    def test_nobody_gets_in(self):
        self.try_all(OWN)

    def test_a_pair_that_talks_to_itself_is_nobodys(self):
        for custody in self.custodies():
            with self.subTest(custody=custody):
                self.assertEqual(self.act_held("pair", custody=custody)["errno"], 0)
