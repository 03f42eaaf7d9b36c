"""What the kernel itself offers to everybody, or to root: interfaces, namespaces, mounts."""

from attempts import Attempt, topic
from effects import CLOSED_HERE, TEXT, fresh_files, marked, says, succeeded
from escape_tests import EscapeTests
from receivers import mount_namespace

INTERFACES = topic(
    "interfaces of the kernel",
    *(Attempt(act, succeeded) for act in ("keyring", "keyring-session", "keyring-find", "keyring-find-high-bit", "keyring-request", "watch-named",
                                          "shared-memory", "message-queue", "semaphore")),
    *(Attempt(act, succeeded, absent=CLOSED_HERE) for act in ("event-counter", "fault-handler", "secret-memory", "named-queue")),
    *(Attempt(act, succeeded, control="root") for act in (
        "bpf-map", "bpf-map-high-bit", "bpf-program", "fault-handler-whole", "watch-all", "kernel-log", "kernel-log-read",
        "swap-on", "swap-off", "restart")),
    *(Attempt(act, succeeded, control="root", absent=CLOSED_HERE) for act in (
        "ports", "load-module", "unload-module", "next-kernel", "account", "fault-handler-device")),
)
KINDS = ("user", "network", "mount", "process", "name", "message", "cgroup", "time")
NAMESPACES = topic(
    "namespaces",
    *(Attempt(f"{kind}-namespace", succeeded, absent=CLOSED_HERE) for kind in KINDS),
    Attempt("unshare-files", succeeded),
    *(Attempt(f"{act} {{area}}/written/mark {{nonce}}", marked, prepare=fresh_files, absent=CLOSED_HERE)
      for act in ("clone-namespace", "clone-namespace-high-bit", "clone-network", "clone-mounts", "clone3-namespace")),
    *(Attempt(f"{act} {{target}}", succeeded, control="root") for act in ("enter-network", "enter-names", "enter-process")),
)
HERE = "{area}/written/directory"
MOUNTS = topic(
    "mounts",
    *(Attempt(words, succeeded, control="root") for words in (
        f"mount-memory {HERE}", f"mount-processes {HERE}", f"mount-bind {{area}}/outside {HERE}",
        f"mount-again {HERE}", "change-root", f"pivot-root {HERE}", "open-filesystem", "pick-filesystem /", "detached-filesystem",
        "copy-tree {area}/outside", f"move-tree {{area}}/outside {HERE}", "set-mount-attributes /")),
    Attempt("mount-and-read {area}/outside/note {area}/written/note", says(TEXT.format("outside/note")), control="root"),
    prepare=fresh_files,
)


class KernelTests(EscapeTests):
    is_apart = True  # in mounts of its own

    @classmethod
    def setUpClass(cls):
        space = mount_namespace()
        space.__enter__()
        cls.addClassCleanup(space.__exit__, None, None, None)
        super().setUpClass()

    def test_interfaces_are_closed(self):
        self.try_all(INTERFACES)

    def test_no_namespace_is_made(self):
        self.try_all(NAMESPACES)

    def test_nothing_is_mounted(self):
        self.try_all(MOUNTS)
