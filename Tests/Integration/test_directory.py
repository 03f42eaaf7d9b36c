"""Where the server starts: `server.cwd`, or the directory in which `wrap` was started."""

from act_tests import ActTests


class DirectoryTests(ActTests):
    def where(self, wire) -> str:
        return self.assert_takes_effect(wire, "working-directory")["said"]

    def test_the_server_starts_where_wrap_was_started(self):
        self.assertEqual(self.where(self.held('files: {read: ["${server}"]}')), str(self.user.home))

    def test_the_server_starts_where_the_policy_says(self):
        self.put(self.area / "note", "a note")
        for environment in (self.stage.environment(self.user), self.without_daemon()["environment"]):
            with self.subTest(socket=environment["SANDBOXD_SOCKET"]):
                wire = self.held(f'server: {{cwd: "{self.area}"}}\nfiles: {{read: ["{self.area}"]}}', environment=environment)
                self.assertEqual(self.where(wire), str(self.area))
                self.assertEqual(self.assert_takes_effect(wire, "read", "note")["said"], "a note")

    def test_to_start_somewhere_grants_nothing_there(self):
        self.put(self.area / "note", "a note")
        wire = self.held(f'server: {{cwd: "{self.area}"}}\nfiles: {{read: ["${{server}}"]}}')
        self.assertEqual(self.where(wire), str(self.area))
        self.assertNotEqual(self.act(wire, "read", "note")["errno"], 0)
        self.assertNotEqual(self.act(wire, "list", ".")["errno"], 0)

    def test_the_root_can_be_started_in(self):
        self.assertEqual(self.where(self.held('server: {cwd: /}\nfiles: {read: ["${server}"]}')), "/")

    def test_links_are_followed_once_and_not_where_the_session_could_change_them(self):
        link = self.area / "link"
        link.symlink_to(self.own(self.area / "target"))
        self.addCleanup((self.area / "target").rmdir)
        self.addCleanup(link.unlink)
        self.assertEqual(self.where(self.held(f'server: {{cwd: "{link}"}}\nfiles: {{read: ["${{server}}"]}}')), str(self.area / "target"))
        self.assertIn("R302", self.refused(f'server: {{cwd: "{link}"}}\nfiles: {{write: ["{self.area}"]}}'))

    def test_relative_paths_of_calls_begin_there(self):
        inside = f'{{argument: /words, inside: ["{self.area}"]}}'
        rules = f"{{rules: [{{id: act, tools: [act], effect: allow, when: {inside}}}]}}"
        for cwd, is_permitted in ((self.area, True), (self.user.home, False)):
            with self.subTest(cwd=cwd):
                path = self.written_policy(f'sandboxd: 1\nname: written\ntools: {rules}\nserver: {{cwd: "{cwd}"}}\nfiles: {{read: ["${{server}}"]}}\n')
                wire = self.wire(self.wrap(path, [self.program]))
                wire.begin()
                self.assertEqual(wire.call("act", words="below")["result"].get("isError", False), not is_permitted)

    def test_a_directory_that_cannot_be_entered_is_refused_at_its_line(self):
        closed = self.stage.root / "closed"
        closed.mkdir(mode=0o700)
        self.addCleanup(closed.rmdir)
        file = self.put(self.area / "file")
        cases = {self.area / "gone": "R301", file: "R307", closed: "R304", closed / "below": "R301", "/proc/self": "R303"}
        for cwd, code in cases.items():
            with self.subTest(cwd=cwd):
                said = self.refused(f'server:\n  cwd: "{cwd}"\nfiles: {{read: ["${{server}}"]}}')
                self.assertIn(code, said)
                self.assertIn(":5:", said)
