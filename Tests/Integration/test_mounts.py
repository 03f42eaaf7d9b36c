"""Mounts of a session's own: private /tmp, own /proc, and what a write grant reaches but must not change."""

import os
import shutil
import tempfile
from pathlib import Path

from act_tests import ActTests
from stage import processes
from wire import Closed

OWN = '"${server}"'


class MountTests(ActTests):
    def tearDown(self):
        super().tearDown()
        self.assertEqual(self.mounted, self.mounts(), "a mount came out")

    def setUp(self):
        super().setUp()
        self.mounted = self.mounts()

    def mounts(self) -> list[str]:
        """As far as these tests could have made them: others mount on this host, too."""
        points = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
        return [point for point in points if point in ("/", "/proc", "/tmp", "/var/tmp") or point.startswith(f"{self.area}/")]

    def project(self, *names: str) -> Path:
        """A directory of the user's with these files in it, gone after the test."""
        project = self.own(self.area / "project")
        self.addCleanup(shutil.rmtree, project)
        for name in names:
            directory = project
            for part in Path(name).parent.parts:
                directory = directory / part
                if not directory.exists():
                    self.own(directory)
            (project / name).write_text(name)
            os.chown(project / name, self.user.uid, self.user.gid)
        return project

    def not_launched(self, policy: Path, **options) -> str:
        """What `wrap` says of a launch that fails; the first request is answered unless the gate had taken it already."""
        wire = self.wire(self.wrap(policy, [self.program]), **options)
        try:
            self.assertIn("error", wire.begin())
        except Closed:
            pass
        self.assertEqual(wire.close(), 125)
        return wire.said()

    def in_tmp(self, directory: str) -> Path:
        """A file of the user's in a directory for temporary files of the host."""
        handle, name = tempfile.mkstemp(dir=directory)
        os.close(handle)
        path = Path(name)
        self.addCleanup(path.unlink, missing_ok=True)
        path.write_text("the host's")
        os.chown(path, self.user.uid, self.user.gid)
        return path

    def test_private_temporary_files(self):
        for directory in ("/tmp", "/var/tmp"):
            with self.subTest(directory=directory):
                theirs = self.in_tmp(directory)
                wire = self.held(f"files: {{read: [{OWN}], tmp: private}}")
                self.assert_only_free(wire, "read", theirs)
                self.assert_only_free(wire, "append", theirs, "x")
                mine = Path(directory) / "sandboxd-test-mine"
                self.assert_takes_effect(wire, "create", mine, "of-the-session")
                self.assertEqual(self.assert_takes_effect(wire, "read", mine)["said"], "of-the-session")
                self.assertFalse(mine.exists())
                self.assertEqual(theirs.read_text(), "the host'sx")

    def test_without_a_daemon(self):
        """Temporary files and what is protected, by way of a user namespace; a /proc of its own takes the daemon."""
        theirs = self.in_tmp("/tmp")
        project = self.project(".git/hooks/pre-commit", "neighbour")
        clauses = f'files: {{read: [{OWN}], write: ["{project}"], tmp: private}}'
        wire = self.held(clauses, **self.without_daemon())
        self.assert_only_free(wire, "read", theirs)
        self.assert_takes_effect(wire, "create", "/tmp/sandboxd-test-mine", "x")
        self.assertFalse(Path("/tmp/sandboxd-test-mine").exists())
        for words in (("append", project / ".git/hooks/pre-commit", "x"), ("rename", project / ".git", project / "other")):
            with self.subTest(words=words):
                self.assertNotEqual(self.act(wire, *words)["errno"], 0)
        self.assert_takes_effect(wire, "append", project / "neighbour", "x")
        self.assertIn("R201", self.refused(f"files: {{read: [{OWN}], proc: session}}", **self.without_daemon()))

    def test_two_sessions_share_no_temporary_files(self):
        for _ in range(2):
            wire = self.held(f"files: {{read: [{OWN}], tmp: private}}")
            self.assertEqual(self.assert_takes_effect(wire, "list", "/tmp")["said"].split(), [".", ".."])
            self.assert_takes_effect(wire, "create", "/tmp/left", "x")

    def test_what_a_mount_would_hide_is_refused(self):
        theirs = self.in_tmp("/tmp")
        self.assertIn("/tmp", self.refused(f'files: {{read: [{OWN}, "{theirs}"], tmp: private}}'))

    def test_own_proc(self):
        wire = self.held(f"files: {{read: [{OWN}], proc: session}}")
        self.assertTrue(self.assert_takes_effect(wire, "read", "/proc/self/status")["said"])
        stranger = next(process for process in processes() if process.uid == self.user.uid and process.name == "sandboxctl")
        for path in (f"/proc/{stranger.pid}/cmdline", f"/proc/{os.getpid()}/status", "/proc/version", "/proc/sys/kernel/hostname"):
            with self.subTest(path=path):
                self.assert_only_free(wire, "read", path)
        self.assertNotEqual(self.act(wire, "append", "/proc/self/comm", "x")["errno"], 0)

    def test_without_the_clause_there_is_no_proc(self):
        wire = self.held(f"files: {{read: [{OWN}]}}")
        self.assertNotEqual(self.act(wire, "read", "/proc/self/status")["errno"], 0)

    def test_protected_files_in_a_project(self):
        project = self.project(".mcp.json", ".git/config", ".git/hooks/pre-commit", "src/code", "neighbour")
        wire = self.held(f'files: {{read: [{OWN}], write: ["{project}"]}}')
        for path in (".mcp.json", ".git/config", ".git/hooks/pre-commit"):
            with self.subTest(path=path):
                self.assert_takes_effect(wire, "read", project / path)
                self.assertNotEqual(self.act(wire, "append", project / path, "x")["errno"], 0)
                self.assertNotEqual(self.act(wire, "remove", project / path)["errno"], 0)
                self.assertEqual((project / path).read_text(), path)
                self.assertEqual(self.free("append", project / path, "x")["errno"], 0, "positive control")
        for words in (("create", project / ".git/hooks/post-commit", "x"), ("rename", project / ".git", project / "other"),
                      ("rename", project / ".git/hooks", project / "hooks"), ("rename", project / "neighbour", project / ".mcp.json"),
                      ("hard-link", project / ".mcp.json", project / "alias")):
            with self.subTest(words=words):
                self.assertNotEqual(self.act(wire, *words)["errno"], 0)
        for words in (("append", project / "neighbour", "x"), ("append", project / "src/code", "x"), ("create", project / ".git/new", "x"),
                      ("rename", project / "src", project / "renamed")):
            with self.subTest(words=words):
                self.assert_takes_effect(wire, *words)
        self.assertEqual((project / "neighbour").read_text(), "neighbourx")

    def test_what_is_renamed_unconfined_is_not_in_a_session(self):
        """The positive control of the directories on the way."""
        project = self.project(".git/hooks/pre-commit")
        self.assertEqual(self.free("rename", project / ".git", project / "other")["errno"], 0)
        self.assertEqual(self.free("rename", project / "other", project / ".git")["errno"], 0)
        wire = self.held(f'files: {{read: [{OWN}], write: ["{project}"]}}')
        self.assertNotEqual(self.act(wire, "rename", project / ".git", project / "other")["errno"], 0)

    def test_a_working_directory_leads_around_no_mount(self):
        project = self.project(".git/config", "neighbour")
        wire = self.held(f'files: {{read: [{OWN}], write: ["{project}"]}}\nserver: {{cwd: "{project / ".git"}"}}')
        self.assertNotEqual(self.act(wire, "append", "config", "x")["errno"], 0)
        self.assert_takes_effect(wire, "append", "../neighbour", "x")
        self.assert_takes_effect(wire, "create", "new", "x")

    def test_a_working_directory_that_a_mount_hides(self):
        hidden = Path(tempfile.mkdtemp(dir="/tmp"))
        self.addCleanup(hidden.rmdir)
        os.chown(hidden, self.user.uid, self.user.gid)
        policy = self.clauses(f"files: {{read: [{OWN}], tmp: private}}")
        said = self.not_launched(policy, cwd=hidden)
        self.assertIn("enter the working directory again", said)

    def test_client_configurations_in_a_home(self):
        home = self.user.home
        kept = self.put(home / ".bashrc", "shell")
        (home / ".config").mkdir()
        os.chown(home / ".config", self.user.uid, self.user.gid)
        self.addCleanup(shutil.rmtree, home / ".config")
        claude = self.own(home / ".config/Claude")
        config = self.put(claude / "claude_desktop_config.json", "{}")
        wire = self.held(f'files: {{read: [{OWN}], write: ["{home}"]}}')
        for words in (("append", kept, "x"), ("append", config, "x"), ("create", claude / "new", "x"),
                      ("rename", home / ".config", home / "other"), ("remove", kept)):
            with self.subTest(words=words):
                self.assertNotEqual(self.act(wire, *words)["errno"], 0)
        self.assert_takes_effect(wire, "create", home / ".config/neighbour", "x")
        self.assertEqual((kept.read_text(), config.read_text()), ("shell", "{}"))
        self.assert_takes_effect(wire, "create", home / "neighbour", "x")
        self.addCleanup((home / "neighbour").unlink)

    def test_a_link_that_leads_to_what_is_protected_is_refused(self):
        """It could be replaced, whatever is mounted over what it leads to."""
        project = self.project(".git/hooks/pre-commit")
        shutil.move(project / ".git", self.area / "elsewhere")
        self.addCleanup(shutil.rmtree, self.area / "elsewhere")
        (project / ".git").symlink_to(self.area / "elsewhere")
        self.assertIn("link", self.refused(f'files: {{read: [{OWN}], write: ["{project}"]}}'))
