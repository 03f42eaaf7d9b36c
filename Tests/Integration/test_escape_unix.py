"""Unix sockets: by path, by abstract name, by what a pair can be pointed at, and what others can reach."""

from attempts import Attempt, topic
from escape_tests import EscapeTests, arrived, fresh_files, succeeded

CONNECTING = topic(
    "unix sockets",
    *(Attempt(f"unix-stream {where} {{nonce}}", arrived) for where in ("{sockets}/stream", "{area}/granted/sockets/stream", "{abstract}stream")),
    Attempt("unix-high-bit {sockets}/stream {nonce}", arrived),
    *(Attempt(f"{act} {where} {{nonce}}", arrived) for act in ("unix-datagram", "unix-pair", "unix-pair-sendto")
      for where in ("{sockets}/datagram", "{abstract}datagram")),
)
LISTENING = topic(
    "unix sockets of its own",
    Attempt("listen-unix {area}/written/listener", succeeded, prepare=fresh_files),
)


class UnixTests(EscapeTests):
    def test_others_are_out_of_reach(self):
        self.try_all(CONNECTING)

    def test_nobody_gets_in(self):
        self.try_all(LISTENING)

    def test_a_pair_that_talks_to_itself_is_nobodys(self):
        for custody in ("caller", "session", "private"):
            with self.subTest(custody=custody):
                self.assertEqual(self.act_held("pair", custody=custody)["errno"], 0)
