"""Files: what is outside of a grant, what a grant does not include, and the ways by which one name leads to another file."""

import os

from attempts import Attempt, topic
from escape_tests import TEXT, EscapeTests, changed, fresh_files, gone, made, says, succeeded

SECRET = TEXT.format("outside/note")
READING = topic(
    "reading files outside",
    *(Attempt(f"read {path}", says(SECRET)) for path in ("{area}/outside/note", "/proc/self/root{area}/outside/note",
                                                         "{area}/granted/../outside/note", "{area}/granted/link")),
    Attempt("list {area}/outside", says("note")),
    prepare=fresh_files,
)
CHANGING = topic(
    "changing files outside",
    *(Attempt(words, changed("outside/note")) for words in (
        "write {area}/outside/note x", "append {area}/outside/note x", "truncate {area}/outside/note", "truncate-open {area}/outside/note",
        "remove {area}/outside/note", "rename {area}/outside/note {area}/outside/renamed", "rename {area}/outside/note {area}/written/taken")),
    Attempt("rename {area}/written/note {area}/outside/brought", changed("written/note")),
    Attempt("hard-link {area}/outside/note {area}/written/alias", made("written/alias")),
    *(Attempt(words, made("outside/made")) for words in (
        "create {area}/outside/made x", "make-directory {area}/outside/made", "symbolic-link {area}/granted/note {area}/outside/made",
        "make-fifo {area}/outside/made")),
    Attempt("remove-directory {area}/outside/directory", gone("outside/directory")),
    prepare=fresh_files,
)
READ_ONLY = topic(
    "changing what may be read",
    *(Attempt(words, changed("granted/note")) for words in (
        "write {area}/granted/note x", "truncate {area}/granted/note", "truncate-open {area}/granted/note")),
    Attempt("create {area}/granted/made x", made("granted/made")),
    prepare=fresh_files,
)


def mode_is_changed(place: str):
    return lambda ground, _: (ground.area / place / "note").stat().st_mode & 0o777 == 0o600


def time_is_changed(place: str):
    return lambda ground, _: (ground.area / place / "note").stat().st_mtime == 1


def attribute_is_set(place: str):
    return lambda ground, _: "user.escape" in os.listxattr(ground.area / place / "note")


METADATA = topic(
    "metadata",
    *(Attempt(f"{act} {{area}}/{place}/note", effect(place)) for place in ("granted", "written", "outside") for act, effect in (
        ("chmod", mode_is_changed), ("utime", time_is_changed), ("xattr", attribute_is_set), ("chown", lambda _: succeeded))),
    prepare=fresh_files,
)


class FileTests(EscapeTests):
    def test_permitted_files_can_be_used(self):
        granted, written = self.area / "granted", self.area / "written"
        for custody in ("caller", "session", "private"):
            self.prepare_files()
            self.assertEqual(self.act_held("read", granted / "note", custody=custody)["said"], TEXT.format("granted/note"))
            self.assertIn("note", self.act_held("list", granted, custody=custody)["said"])
            for words in (("create", written / "new", "text"), ("append", written / "new", "more"), ("rename", written / "new", written / "newer"),
                          ("truncate", written / "newer"), ("make-directory", written / "made"), ("remove-directory", written / "made"),
                          ("remove", written / "newer"), ("read", written / "note")):
                with self.subTest(words=words, custody=custody):
                    self.assertEqual(self.act_held(*words, custody=custody)["errno"], 0)

    def test_reading_outside(self):
        self.try_all(READING)

    def test_changing_outside(self):
        self.try_all(CHANGING)

    def test_changing_what_may_be_read(self):
        self.try_all(READ_ONLY)

    def test_metadata(self):
        self.try_all(METADATA)
