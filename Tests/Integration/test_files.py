"""Single files, metadata and what may be executed."""

import shutil
import stat

from act_tests import ActTests

OWN = '"${server}"'


class FileTests(ActTests):
    def test_one_written_file_is_that_file_alone(self):
        note, other = self.put(self.area / "note", "before"), self.put(self.area / "other", "kept")
        wire = self.held(f'files: {{read: [{OWN}], write: ["{note}"]}}')
        self.assert_takes_effect(wire, "append", note, "and-more")
        self.assertEqual(note.read_text(), "beforeand-more")
        self.assertEqual(self.assert_takes_effect(wire, "read", note)["said"], "beforeand-more")
        self.assert_takes_effect(wire, "truncate", note)
        for words in (("append", other, "x"), ("read", other), ("list", self.area)):
            with self.subTest(words=words):
                self.assert_only_free(wire, *words)
        for words in (("create", self.area / "new", "x"), ("remove", note), ("rename", note, other), ("rename", other, note),
                      ("hard-link", note, self.area / "alias")):
            with self.subTest(words=words):
                self.assertNotEqual(self.act(wire, *words)["errno"], 0)
        self.assertEqual(sorted(path.name for path in self.area.iterdir()), ["note", "other"])

    def test_a_written_file_with_several_names_is_refused(self):
        note, alias = self.put(self.area / "note"), self.area / "alias"
        alias.hardlink_to(note)
        self.addCleanup(alias.unlink)
        self.assertIn("R306", self.refused(f'files: {{read: [{OWN}], write: ["{note}"]}}'))

    def test_metadata_of_what_the_user_owns(self):
        note = self.put(self.area / "note")
        theirs = self.area / "theirs"
        theirs.write_text("root's")
        self.addCleanup(theirs.unlink)
        for options in ({}, self.without_daemon()):
            with self.subTest(daemon=not options):
                note.chmod(0o644)
                wire = self.held(f"files: {{read: [{OWN}], metadata: owned}}", **options)
                for act in ("chmod", "utime", "chown"):
                    self.assert_takes_effect(wire, act, note)
                self.assertEqual((stat.S_IMODE(note.stat().st_mode), note.stat().st_mtime), (0o600, 1))
                self.assertNotEqual(self.act(wire, "chmod", theirs)["errno"], 0)
                self.assertEqual(stat.S_IMODE(theirs.stat().st_mode), 0o644)

    def test_only_what_is_listed_is_executed(self):
        listed, other, mark = self.area / "listed", self.area / "other", self.own(self.area / "marks") / "mark"
        self.addCleanup(shutil.rmtree, mark.parent)
        for program in (listed, other):
            shutil.copy(self.program, self.put(program))
            program.chmod(0o755)
        for options in ({}, self.without_daemon()):
            with self.subTest(daemon=not options):
                mark.unlink(missing_ok=True)
                clauses = f'files: {{read: [{OWN}, "{other}"], write: ["{mark.parent}"], execute: ["{listed}"]}}\nprocesses: {{spawn: any}}'
                wire = self.held(clauses, **options)
                self.assert_takes_effect(wire, "spawn", listed, mark, "listed")
                self.assertEqual(mark.read_text(), "listed")
                self.assert_only_free(wire, "spawn", other, mark, "other")
                self.assertNotEqual(self.act(wire, "exec-memory", other, mark, "memory")["errno"], 0)
                self.assertNotEqual(self.act(wire, "spawn", "/bin/true", mark, "x")["errno"], 0)
