"""Servers from PyPI through the gate, each by the policy that is shipped for it, with the official client.

What files, repositories, databases and web servers show is the truth about what was done.
"""

import json
import os
import re
import shutil
import sqlite3
import unittest
from pathlib import Path

from cases import LIST, call
from generation_tests import GENERATIONS
from hold_tests import HoldTests
from ready_places import Places, program
from stage import HERE, required
from web_server import WebServer


class ReadyServerTests(HoldTests, Places):
    """Each server from PyPI through the gate, by the policy that is shipped for it."""

    def asking(self, name: str):
        """The shipped policy, where the user who calls may decide, and is not waited for long."""
        return self.written_policy(self.policy(name).read_text() + "approvals: {by: [caller], wait: 1s}\n", f"asking-{name}.yaml")

    def test_time(self):
        steps = [call("get_current_time", timezone="Etc/UTC"),
                 call("convert_time", source_timezone="Etc/UTC", time="12:00", target_timezone="Asia/Tokyo")]

        def check(names, answers):
            self.assertEqual(names, ["convert_time", "get_current_time"])
            self.assertIn("datetime", json.loads(answers[0]["text"]))
            self.assertIn("21:00", answers[1]["text"])

        self.each_generation("time", {}, [program("mcp-server-time")], steps, check)

    def test_git_looks_and_changes_nothing(self):
        repository, other = self.repository("looked-at"), self.repository("other")
        steps = [call("git_log", repo_path=str(repository)), call("git_show", repo_path=".", revision="HEAD"),
                 call("git_log", repo_path=str(other)), call("git_commit", repo_path=str(repository), message="x")]
        before = self.git(repository, "rev-parse", "HEAD")

        def check(names, answers):
            self.assertEqual(names, ["git_branch", "git_diff", "git_diff_staged", "git_diff_unstaged", "git_log", "git_show", "git_status"])
            self.assertIn("a first commit", answers[0]["text"])
            self.assertIn("a first commit", answers[1]["text"])
            self.assertEqual(answers[2]["outcome"], "tool-error", answers[2])
            self.assertNotIn("a first commit", answers[2]["text"])
            self.assert_denied(answers[3], "this policy permits looking only")
            self.assertEqual(self.git(repository, "rev-parse", "HEAD"), before)

        self.each_generation("git", {"repository": repository}, [program("mcp-server-git"), "--repository", repository], steps, check)

    def test_git_commits_and_starts_no_hook(self):
        repository = self.repository("worked-on")
        wrapped = lambda: self.wrap("git-commit", [program("mcp-server-git"), "--repository", repository], {"repository": repository})
        count = lambda: int(self.git(repository, "rev-list", "--count", "HEAD"))
        hook, started = repository / ".git/hooks/pre-commit", self.user.home / "the-hook-started"
        self.addCleanup(hook.unlink, missing_ok=True)
        for number, generation in enumerate(GENERATIONS):
            with self.subTest(generation=f"{generation.environment} {generation.mode}"):
                sdk, file, before = required(generation.environment), f"file-{number}", count()
                self.user.run(["sh", "-c", f"echo {number} >{repository}/{file}"])
                commit = [call("git_add", repo_path=str(repository), files=[file]), call("git_commit", repo_path=str(repository), message=file)]
                stolen = call("git_add", repo_path=str(repository), files=["../outside"])
                answers = self.answers(self.session(sdk, generation.mode, wrapped(), *commit, stolen))
                self.assertEqual([answer["outcome"] for answer in answers], ["result", "result", "tool-error"], answers)
                self.assertIn("committed", answers[1]["text"])
                self.assertEqual(count(), before + 1)
                self.assertEqual(self.git(repository, "log", "-1", "--format=%an %s").strip(), f"A {file}")
        # A hook that was there before is a program like any other.
        hook.write_text(f"#!/bin/sh\ntouch {started}\n")
        hook.chmod(0o755)
        before = count()
        self.user.run(["sh", "-c", f"echo more >>{repository}/file-0"])
        steps = [call("git_add", repo_path=str(repository), files=["file-0"]), call("git_commit", repo_path=str(repository), message="with a hook")]
        answers = self.answers(self.session(self.environment, "auto", wrapped(), *steps))
        self.assertEqual([answer["outcome"] for answer in answers], ["result", "tool-error"], answers)
        self.assertEqual((count(), started.exists()), (before, False))
        # Outside it starts, and the commit is made.
        self.git(repository, "commit", "--quiet", "-m", "outside")
        self.assertEqual((count(), started.exists()), (before + 1, True))

    def test_fetch_through_one_place(self):
        allowed = WebServer("127.0.0.1", 0, "a page of text\n")
        self.addCleanup(allowed.close)
        forbidden = WebServer("127.0.0.2", allowed.port, "a page of text\n")
        self.addCleanup(forbidden.close)
        steps = [call("fetch", url=f"http://{allowed.endpoint}/first", raw=True), call("fetch", url=f"http://{forbidden.endpoint}/no", raw=True)]

        def check(names, answers):
            self.assertEqual(names, ["fetch"])
            self.assertIn("a page of text", answers[0]["text"])
            self.assertEqual(answers[1]["outcome"], "tool-error")
            self.assertEqual((allowed.visits, forbidden.visits), (["/first"], []))
            allowed.visits.clear()

        command = [program("mcp-server-fetch"), "--allow-private-ips", "--ignore-robots-txt"]
        self.each_generation("fetch-proxy", {"origin": allowed.endpoint}, command, steps, check)
        self.assertTrue(forbidden.visit(), "it is there, and reached from outside")

    # SQLite

    def rows(self, database) -> list:
        with sqlite3.connect(database) as connection:
            found = connection.execute("SELECT text FROM notes ORDER BY text").fetchall()
        connection.close()
        return [text for text, in found]

    def database(self):
        """Of the user's, in a directory of its own, with one row."""
        database = self.place("databases") / "notes.db"
        database.unlink(missing_ok=True)
        connection = sqlite3.connect(database)
        connection.execute("CREATE TABLE notes (text TEXT)")
        connection.execute("INSERT INTO notes VALUES ('first')")
        connection.commit()
        connection.close()
        os.chown(database, self.user.uid, self.user.gid)
        return database

    def sqlite(self, policy, elicit: str, generation, *steps) -> list[dict]:
        database = self.place("databases") / "notes.db"
        wrapped = self.wrap(policy, [program("mcp-server-sqlite"), "--db-path", database], {"directory": database.parent})
        events = self.session(required(generation.environment), generation.mode, wrapped, ["--elicit", elicit], LIST, *steps)
        listed, *answers = self.answers(events)
        self.assertEqual(sorted(tool["name"] for tool in listed["tools"]),
                         ["append_insight", "create_table", "describe_table", "list_tables", "read_query", "write_query"])
        self.assertEqual(len(answers), len(steps))
        return answers

    def test_sqlite_reads_and_asks_before_it_writes(self):
        policy = self.asking("sqlite")
        insert = call("write_query", query="INSERT INTO notes VALUES ('second')")
        for generation in GENERATIONS:
            for elicit, rows in (("decline", ["first"]), ("accept", ["first", "second"])):
                with self.subTest(generation=f"{generation.environment} {generation.mode}", elicit=elicit):
                    database = self.database()
                    looked = [call("read_query", query="SELECT text FROM notes"), call("describe_table", table_name="notes"), call("list_tables")]
                    answers = self.sqlite(policy, elicit, generation, *looked, insert)
                    for answer, word in zip(answers, ("first", "text", "notes")):
                        self.assertEqual(answer["outcome"], "result")
                        self.assertIn(word, answer["text"])
                    self.assertEqual(answers[3]["outcome"], "result" if elicit == "accept" else "tool-error", answers[3])
                    self.assertEqual(self.rows(database), rows)
                    self.assert_nothing_left()

    def test_sqlite_is_asked_for_nothing_else(self):
        database = self.database()
        copy, stolen = database.parent / "copy.db", self.user.home / "stolen.db"
        for path in (copy, stolen):
            path.unlink(missing_ok=True)
        steps = [call("write_query", query=f"VACUUM INTO '{copy}'"), call("write_query", query=f"ATTACH '{stolen}' AS x"),
                 call("write_query", query="/* */ DROP TABLE notes"), call("describe_table", table_name="notes); SELECT 1; --"),
                 call("read_query", query="WITH x AS (SELECT 1) DELETE FROM notes"), call("create_table", query="CREATE VIEW x AS SELECT 1")]
        answers = self.sqlite(self.asking("sqlite"), "accept", GENERATIONS[0], *steps)
        self.assertEqual([answer["outcome"] for answer in answers], ["tool-error"] * len(steps), answers)
        self.assertEqual((self.rows(database), copy.exists(), stolen.exists()), (["first"], False, False))

    def test_sqlite_is_held_by_the_kernel_where_the_gate_lets_it_through(self):
        database = self.database()
        copy, stolen = database.parent / "copy.db", self.user.home / "stolen.db"
        for path in (copy, stolen):
            path.unlink(missing_ok=True)
        text = self.policy("sqlite").read_text()
        wide = self.written_policy(re.sub(r"\ntools:\n.*?\nmessages:", "\ntools: {default: allow}\nmessages:", text, flags=re.DOTALL)
                                   .split("\ntests:")[0] + "\n", "wide-sqlite.yaml")
        steps = [call("write_query", query=f"VACUUM INTO '{stolen}'"), call("write_query", query=f"VACUUM INTO '{copy}'")]
        answers = self.sqlite(wide, "accept", GENERATIONS[0], *steps)
        self.assertIn("error", answers[0]["text"].lower())
        # In its directory the same works, and outside it does without us.
        self.assertEqual((stolen.exists(), copy.exists()), (False, True), answers)
        done = self.user.run(["/usr/bin/python3", "-c", "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute(f\"VACUUM INTO '{sys.argv[2]}'\")",
                              database, stolen])
        self.assertEqual((done.returncode, stolen.exists()), (0, True), done.stderr)

    # Programs that npm installed

    def installed(self) -> Path:
        """As `npm install --prefix` leaves it: a link in node_modules/.bin to a program of the package."""
        modules = self.place("npm") / "node_modules"
        package = modules / "@modelcontextprotocol/server-filesystem/dist"
        package.mkdir(parents=True, exist_ok=True)
        (modules / ".bin").mkdir(exist_ok=True)
        shutil.copy(HERE / "npm_server.mjs", package / "index.mjs")
        (package / "index.mjs").chmod(0o755)
        (package / "version.mjs").write_text('export const version = "1";\n')
        command = modules / ".bin/mcp-server-filesystem"
        command.unlink(missing_ok=True)
        command.symlink_to("../@modelcontextprotocol/server-filesystem/dist/index.mjs")
        return command

    @unittest.skipUnless(shutil.which("node", path="/usr/bin:/usr/local/bin"), "there is no node")
    def test_what_npm_installed_is_started_and_starts_nothing_else(self):
        """By the policy `filesystem`, with rules for a server that does as it is told."""
        command, project = self.installed(), self.place("project")
        (project / "file").write_text("in the project")
        secret = self.user.home / "secret"
        secret.write_text("a secret")
        (project / "link").unlink(missing_ok=True)
        (project / "link").symlink_to(secret)
        os.chown(secret, self.user.uid, self.user.gid)
        steps = [call("read_text_file", path=str(project / "file")), call("read_text_file", path=str(project / "link")),
                 call("read_text_file", path=str(secret)), call("read_text_file", path="~/secret"),
                 call("write_file", path=str(project / "new"), content="x"), call("run", command=["/usr/bin/id"])]
        wrapped = self.wrap(self.asking("filesystem"), [command, project], {"project": project})
        answers = self.answers(self.session(self.environment, "legacy", wrapped, ["--elicit", "accept"], *steps))
        self.assertEqual([answer["outcome"] for answer in answers[:5]], ["result", "tool-error", "tool-error", "tool-error", "result"], answers)
        self.assertEqual((answers[0]["text"], (project / "new").read_text()), ("in the project", "x"))
        self.assertNotIn("a secret", json.dumps(answers))
        self.assertIn("EACCES", answers[1]["text"], "the kernel stops the link that the gate lets through")
        # Where the gate lets all of it through, the kernel does not; outside, all of it works.
        wide = re.sub(r"\ntools:\n.*?\nfiles:", "\ntools: {default: allow}\nfiles:", self.policy("filesystem").read_text(), flags=re.DOTALL)
        wide = self.written_policy(wide.split("\ntests:")[0] + "\n", "wide-filesystem.yaml")
        steps = [call("read_text_file", path=str(secret)), call("write_file", path=str(self.user.home / "planted"), content="x"),
                 call("run", command=["/usr/bin/id"]), call("again")]
        for words, outcome in ((self.wrap(wide, [command, project], {"project": project}), "tool-error"), ([command, project], "result")):
            answers = self.answers(self.session(self.environment, "legacy", words, *steps))
            self.assertEqual([answer["outcome"] for answer in answers[:3]], [outcome] * 3, answers)
            self.assertEqual((self.user.home / "planted").exists(), outcome == "result")
            self.assertEqual("42" in answers[3]["text"], outcome == "result", answers[3])

    @unittest.skipUnless(shutil.which("node", path="/usr/bin:/usr/local/bin"), "there is no node")
    def test_a_node_of_the_users_own_is_started_as_well(self):
        """As nvm keeps it."""
        command, directory = self.installed(), self.user.home / ".nvm/versions/node/v0/bin"
        directory.mkdir(parents=True, exist_ok=True)
        node = Path(shutil.copy2(shutil.which("node", path="/usr/bin:/usr/local/bin"), directory / "node"))
        self.addCleanup(node.unlink)
        project = self.place("project")
        steps = [["--env", f"PATH={directory}:/usr/bin"], call("which"), call("run", command=["/usr/bin/id"])]
        text = self.policy("filesystem").read_text().split("\ntests:")[0]
        wide = re.sub(r"\ntools:\n.*?\nfiles:", "\ntools: {default: allow}\nfiles:", text, flags=re.DOTALL)
        wide = self.written_policy(wide + "\n", "own-node.yaml")
        answers = self.answers(self.session(self.environment, "legacy", self.wrap(wide, [command, project], {"project": project}), *steps))
        self.assertEqual(answers[0]["text"], str(node), answers)
        self.assertEqual(answers[1]["outcome"], "tool-error", answers)
