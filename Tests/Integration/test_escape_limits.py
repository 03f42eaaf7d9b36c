"""Bombs, each with its end: against the limits of a session, and against a policy that lets no process be made at all."""

from attempts import RECORD, Attempt, topic
from escape_tests import EscapeTests


def had(amount: int):
    """It had all that it asked for."""
    return lambda _, answer: answer["errno"] == 0 and answer["said"] == str(amount)


def had_any(_: EscapeTests, answer: dict) -> bool:
    return answer["said"] not in ("", "0")


BOMBS = topic(
    "bombs",
    Attempt("fork-bomb 100", had(100)),
    Attempt("thread-bomb 100", had(100)),
    Attempt("memory-bomb 256", had(256), may_kill=True),
    Attempt("memory-file-bomb 256", had(256), may_kill=True),
    custodies=("limited",),
)
NO_PROCESS = topic("bombs", Attempt("fork-bomb 10", had_any, name="fork-bomb 10, where nothing may be spawned"))


class LimitTests(EscapeTests):
    def test_limits(self):
        if not self.is_possible("limited"):
            self.skipTest(f"this host cannot limit a session: {RECORD.refusals['limited']}")
        self.try_all(BOMBS)
        # The session's own limits are no neighbour's.
        for custody in self.custodies():
            self.assertEqual(self.act_held("thread-bomb", "100", custody=custody)["said"], "100")

    def test_no_process_at_all(self):
        self.try_all(NO_PROCESS)
