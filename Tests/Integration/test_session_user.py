"""A user of the session's own: private home and temporary files, and the caller's project lent to it."""

import os
import shutil
import stat
from pathlib import Path

from act_tests import ActTests

OWN = '"${server}"'


class SessionUserTests(ActTests):
    def project(self, mode: int = 0o700) -> Path:
        """A directory that only its owner, the caller, may use."""
        project = self.own(self.area / "project")
        project.chmod(mode)
        self.addCleanup(shutil.rmtree, project)
        return project

    def clauses_for(self, project: Path, more: str = "") -> str:
        return f'server: {{user: session}}\nfiles: {{read: [{OWN}], write: ["{project}"]{more}}}'

    def test_a_project_of_the_callers_is_lent(self):
        project = self.project()
        note = project / "note"
        note.write_text("before")
        os.chown(note, self.user.uid, self.user.gid)
        note.chmod(0o600)
        wire = self.held(self.clauses_for(project))
        self.assertRegex(self.act(wire, "credentials")["said"], r"^uids (2000\d{6}) \1 \1 .* groups 0 capabilities 0")
        self.assertEqual(self.assert_takes_effect(wire, "read", note)["said"], "before")
        self.assert_takes_effect(wire, "append", note, "-and-more")
        self.assert_takes_effect(wire, "create", project / "new", "made")
        self.assert_takes_effect(wire, "make-directory", project / "directory")
        self.assert_takes_effect(wire, "create", project / "directory/inner", "made")
        self.assertEqual(note.read_text(), "before-and-more")
        for path in (note, project / "new", project / "directory", project / "directory/inner"):
            with self.subTest(path=path):
                self.assertEqual((path.stat().st_uid, path.stat().st_gid), (self.user.uid, self.user.gid))

    def test_files_of_others_in_it_are_not(self):
        project = self.project()
        theirs, group = project / "theirs", project / "group"
        theirs.write_text("root's")
        theirs.chmod(0o666)
        group.write_text("of another group")
        os.chown(group, self.user.uid, 0)
        group.chmod(0o660)
        wire = self.held(self.clauses_for(project))
        self.assert_only_free(wire, "append", theirs, "x")
        self.assert_only_free(wire, "append", group, "x")
        self.assertEqual(theirs.read_text(), "root'sx")
        self.assertEqual(self.act(wire, "read", theirs)["said"], "root'sx")

    def test_the_caller_outside_of_it_is_a_stranger(self):
        project = self.project()
        outside = self.put(self.area / "outside", "x", 0o600)
        wire = self.held(f'server: {{user: session}}\nfiles: {{read: [{OWN}, "{self.area}"], write: ["{project}"], metadata: owned}}')
        self.assert_only_free(wire, "read", outside)
        self.assertNotEqual(self.act(wire, "chmod", outside)["errno"], 0)
        self.assertEqual(stat.S_IMODE(outside.stat().st_mode), 0o600)

    def test_what_is_protected_in_it_stays_so(self):
        project = self.project()
        self.own(project / ".git")
        config = self.put(project / ".git/config", "config")
        wire = self.held(self.clauses_for(project))
        self.assertEqual(self.assert_takes_effect(wire, "read", config)["said"], "config")
        self.assertNotEqual(self.act(wire, "append", config, "x")["errno"], 0)
        self.assertNotEqual(self.act(wire, "rename", project / ".git", project / "other")["errno"], 0)
        self.assert_takes_effect(wire, "create", project / ".git/new", "x")

    def test_a_project_behind_a_closed_directory_is_refused(self):
        closed = self.own(self.area / "closed")
        self.addCleanup(shutil.rmtree, closed)
        closed.chmod(0o700)
        inner = self.own(closed / "inner")
        said = self.refused(self.clauses_for(inner))
        self.assertIn("R304", said)
        self.assertIn(str(closed), said)

    def test_home_and_temporary_files_are_its_own_and_go_with_it(self):
        wire = self.held(f'server: {{user: session}}\nfiles: {{read: [{OWN}], write: ["${{home}}"]}}')
        environment = dict(line.split("=", 1) for line in self.act(wire, "own-environment")["said"].split() if "=" in line)
        home, temporary = environment["HOME"], environment["TMPDIR"]
        self.assertEqual(temporary, f"{home}/tmp")
        self.assert_takes_effect(wire, "create", f"{temporary}/file", "x")
        self.assert_takes_effect(wire, "make-directory", f"{home}/odd")
        self.assert_takes_effect(wire, "symbolic-link", str(self.area), f"{home}/odd/link")
        self.assert_takes_effect(wire, "hard-link", f"{temporary}/file", f"{home}/odd/alias")
        self.assertEqual(Path(temporary, "file").stat().st_uid, Path(home).stat().st_uid)
        self.assertEqual(wire.close(), 0)
        self.assert_nothing_left()
        self.assertFalse(Path(home).exists())
        self.assertTrue(self.area.exists())

    def test_with_private_temporary_files_these_are_named(self):
        wire = self.held(f"server: {{user: session}}\nfiles: {{read: [{OWN}], tmp: private}}")
        self.assertIn("TMPDIR=/tmp", self.act(wire, "own-environment")["said"].split())
        self.assert_takes_effect(wire, "create", "/tmp/file", "x")
