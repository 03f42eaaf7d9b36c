"""Files: what is outside of a grant, what a grant does not include, and the ways by which one name leads to another file."""

import itertools
import os
import threading
import tty
from contextlib import contextmanager, suppress

from attempts import Attempt, topic
from effects import CLOSED_HERE, NO_ENTRY, TEXT, changed, fresh_files, gone, made, says, succeeded
from escape_tests import EscapeTests

SECRET = TEXT.format("outside/note")
NOTE = "{area}/outside/note"
READING = topic(
    "reading files outside",
    *(Attempt(f"read {path}", says(SECRET)) for path in (NOTE, f"/proc/self/root{NOTE}", f"/proc/self/cwd/../../../../..{NOTE}",
                                                         "{area}/granted/../outside/note", "{area}/granted/link")),
    *(Attempt(f"{act} {NOTE}", says(SECRET))
      for act in ("read-and-write", "read-no-time", "read-newer", "read-mapped", "read-sent", "read-reopened")),
    Attempt(f"uring-read {NOTE}", says(SECRET), absent=CLOSED_HERE),
    Attempt(f"read-int80 {NOTE}", says(SECRET), absent=NO_ENTRY, may_kill=True),
    Attempt(f"read-x32 {NOTE}", says(SECRET), absent=NO_ENTRY, may_kill=True),
    Attempt("list {area}/outside", says("note")),
    Attempt("list {area}/granted/../outside", says("note")),
    prepare=fresh_files,
)
ROUNDABOUT = topic(
    "ways around a path",
    Attempt("read-below {area}/granted ../outside/note", says(SECRET)),
    Attempt("read-below {area}/written ../outside/note", says(SECRET)),
    Attempt("read-from-there {area}/outside note", says(SECRET)),
    Attempt(f"read-by-link {NOTE} {{area}}/written/link", says(SECRET)),
    Attempt(f"read-by-hard-link {NOTE} {{area}}/written/alias", says(SECRET)),
    Attempt(f"read-handle {NOTE} {{area}}/granted", says(SECRET), control="root", absent="this filesystem has no handles"),
    Attempt(f"read-through-root {{target}} {NOTE}", says(SECRET)),
    Attempt("write-below {area}/granted ../outside/note x", changed("outside/note")),
    Attempt(f"write-by-link {NOTE} {{area}}/written/link x", changed("outside/note")),
    Attempt("write-reopened {area}/granted/note x", changed("granted/note")),
    Attempt("write-renamed-parent {area}/written/directory {area}/outside/moved x", made("outside/moved/made")),
    prepare=fresh_files,
)
CHANGING = topic(
    "changing files outside",
    *(Attempt(words, changed("outside/note")) for words in (
        *(f"{act} {NOTE} x" for act in ("write", "append", "write-mapped", "write-newer")),
        *(f"{act} {NOTE}" for act in ("truncate", "truncate-open", "remove")),
        f"rename {NOTE} {{area}}/outside/renamed", f"rename {NOTE} {{area}}/written/taken", f"rename-exchange {NOTE} {{area}}/written/note")),
    Attempt(f"punch-hole {NOTE}", changed("outside/note"), absent="this filesystem has no holes"),
    Attempt(f"uring-remove {NOTE}", gone("outside/note"), absent=CLOSED_HERE),
    Attempt("rename {area}/written/note {area}/outside/brought", changed("written/note")),
    Attempt("rename {area}/written/directory {area}/outside/brought", made("outside/brought")),
    Attempt(f"hard-link {NOTE} {{area}}/written/alias", made("written/alias")),
    Attempt(f"hard-link-descriptor {NOTE} {{area}}/written/alias", made("written/alias")),
    Attempt("hard-link {area}/written/note {area}/outside/made", made("outside/made")),
    *(Attempt(words, made("outside/made")) for words in (
        "create {area}/outside/made x", "create-old {area}/outside/made x", "create-by-mknod {area}/outside/made",
        "create-unnamed {area}/written {area}/outside/made x", "create-unnamed {area}/outside {area}/outside/made x",
        "make-directory {area}/outside/made", "symbolic-link {area}/granted/note {area}/outside/made", "make-fifo {area}/outside/made",
        "make-socket-file {area}/outside/made")),
    Attempt("remove-directory {area}/outside/directory", gone("outside/directory")),
    Attempt("remove-directory-at {area}/outside/directory", gone("outside/directory")),
    prepare=fresh_files,
)
READ_ONLY = topic(
    "changing what may be read",
    *(Attempt(words, changed("granted/note")) for words in (
        "write {area}/granted/note x", "append {area}/granted/note x", "write-mapped {area}/granted/note x", "truncate {area}/granted/note",
        "truncate-open {area}/granted/note", "remove {area}/granted/note", "rename {area}/written/note {area}/granted/note")),
    *(Attempt(words, made("granted/made")) for words in (
        "create {area}/granted/made x", "make-directory {area}/granted/made", "rename {area}/written/note {area}/granted/made",
        "hard-link {area}/granted/note {area}/granted/made", "symbolic-link {area}/outside/note {area}/granted/made")),
    prepare=fresh_files,
)


def is_device(name: str):
    def check(ground: EscapeTests, _: dict) -> bool:
        path = ground.area / name
        return path.exists() and (path.is_char_device() or path.is_block_device())

    return check


def typed(ground: EscapeTests, _: dict) -> bool:
    """The terminal has the text for whoever reads there."""
    with suppress(BlockingIOError):
        ground.typed += os.read(ground.terminal, 4096)
    return ground.sent.encode() in ground.typed


DEVICES = topic(
    "devices",
    Attempt("make-device {area}/written/made", is_device("written/made"), control="root"),
    Attempt("make-block-device {area}/written/made", is_device("written/made"), control="root"),
    *(Attempt(f"{act} {{area}}/written/made", is_device("written/made")) for act in ("make-whiteout", "make-whiteout-at")),
    *(Attempt(f"{act} {{area}}/written/note {{area}}/written/made", is_device("written/note"), absent="this filesystem has no whiteouts")
      for act in ("rename-whiteout", "rename-whiteout-high-bit")),
    *(Attempt(act, succeeded) for act in ("type-nowhere", "paste-console", "paste-console-high-bit", "new-terminal")),
    Attempt("ask-device {terminal}", succeeded),
    *(Attempt(f"{act} {{terminal}} {{nonce}}", typed, control="root") for act in ("type", "type-high-bit")),
    prepare=fresh_files,
)


def mode_is_changed(place: str):
    return lambda ground, _: (ground.area / place / "note").stat().st_mode & 0o777 == 0o600


def time_is_changed(place: str):
    return lambda ground, _: (ground.area / place / "note").stat().st_mtime == 1


def attribute_is_set(place: str):
    return lambda ground, _: "user.escape" in os.listxattr(ground.area / place / "note")


BY_ANOTHER_CALL = [
    *((act, mode_is_changed, "") for act in ("chmod-at", "chmod-open")),
    *((act, time_is_changed, "") for act in ("utime-open", "utime-old", "utime-older")),
    *((act, attribute_is_set, "") for act in ("xattr-link", "xattr-open")),
    *((act, lambda _: succeeded, "") for act in ("chown-link", "chown-open")),
    ("chmod-newer", mode_is_changed, "this kernel has no fchmodat2"),
    ("xattr-newer", attribute_is_set, "this kernel has no setxattrat"),
    *((act, lambda _: succeeded, "this filesystem has no such flags")
      for act in ("file-flags", "file-flags-high-bit", "file-flags-extended", "file-flags-newer")),
]
METADATA = topic(
    "metadata",
    *(Attempt(f"{act} {{area}}/{place}/note", effect(place)) for place in ("granted", "written", "outside") for act, effect in (
        ("chmod", mode_is_changed), ("utime", time_is_changed), ("xattr", attribute_is_set), ("chown", lambda _: succeeded))),
    *(Attempt(f"{act} {{area}}/written/note", effect("written"), absent=absent) for act, effect, absent in BY_ANOTHER_CALL),
    prepare=fresh_files,
)


class FileTests(EscapeTests):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keyboard, cls.terminal = os.openpty()
        cls.addClassCleanup(os.close, cls.keyboard)
        cls.addClassCleanup(os.close, cls.terminal)
        tty.setraw(cls.terminal)
        os.fchmod(cls.terminal, 0o666)
        os.set_blocking(cls.terminal, False)
        cls.typed = b""

    def places(self) -> dict:
        return {"terminal": os.ttyname(self.terminal)}

    def test_permitted_files_can_be_used(self):
        granted, written = self.area / "granted", self.area / "written"
        for custody in self.custodies():
            self.prepare_files()
            self.assertEqual(self.act_held("read", granted / "note", custody=custody)["said"], TEXT.format("granted/note"))
            self.assertIn("note", self.act_held("list", granted, custody=custody)["said"])
            # Below ABI 3 of Landlock nothing is cut off by its name.
            by_name = [("truncate", written / "newer")] if self.landlock_abi() >= 3 else []
            for words in (("create", written / "new", "text"), ("append", written / "new", "more"), ("rename", written / "new", written / "newer"),
                          *by_name, ("make-directory", written / "made"), ("remove-directory", written / "made"),
                          ("remove", written / "newer"), ("read", written / "note")):
                with self.subTest(words=words, custody=custody):
                    self.assertEqual(self.act_held(*words, custody=custody)["errno"], 0)

    def test_reading_outside(self):
        self.try_all(READING)

    def test_changing_outside(self):
        self.try_all(CHANGING)

    def test_changing_what_may_be_read(self):
        self.try_all(READ_ONLY)

    def test_ways_around(self):
        self.try_all(ROUNDABOUT)

    def test_devices(self):
        self.try_all(DEVICES)

    def test_a_link_that_is_swapped_all_the_time(self):
        """What is opened is what was judged: the kernel looks once, and a file of the grant is never exchanged for another."""
        fresh_files(self)
        racing = self.area / "written/racing"
        for custody in ("", *self.custodies()):
            with self.subTest(custody=custody), self.swapping(racing, self.area / "granted/note", self.area / "outside/note"):
                words = ("read-racing", racing, "outside")
                answer = self.act_held(*words, custody=custody) if custody else self.act_free(*words)
                self.assertEqual("outside" in answer["said"], not custody, answer)

    @contextmanager
    def swapping(self, path, *targets):
        """A symbolic link that leads to one target, then to the next, until the end of the block."""
        ended = threading.Event()
        os.symlink(targets[-1], path)  # there is one from the first look on

        def swap():
            for target in itertools.cycle(targets):
                if ended.is_set():
                    break
                os.symlink(target, f"{path}.next")
                os.rename(f"{path}.next", path)

        thread = threading.Thread(target=swap)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            path.unlink()

    def test_metadata(self):
        self.try_all(METADATA)
