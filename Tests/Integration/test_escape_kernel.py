"""What the kernel itself offers to everybody: namespaces, keys, filters, counters."""

from attempts import Attempt, topic
from escape_tests import EscapeTests, marked, succeeded
from test_escape_processes import without_mark

CLOSED_HERE = "this host closes it to everybody"
INTERFACES = topic(
    "interfaces of the kernel",
    *(Attempt(act, succeeded) for act in ("keyring", "filter-listener")),
    *(Attempt(act, succeeded, absent=CLOSED_HERE) for act in ("uring", "event-counter", "fault-handler")),
)
NAMESPACES = topic(
    "namespaces",
    *(Attempt(act, succeeded) for act in ("user-namespace", "network-namespace")),
    Attempt("clone-namespace {area}/written/mark {nonce}", marked, prepare=without_mark),
    absent=CLOSED_HERE,
)


class KernelTests(EscapeTests):
    def test_interfaces_are_closed(self):
        self.try_all(INTERFACES)

    def test_no_namespace_is_made(self):
        self.try_all(NAMESPACES)
