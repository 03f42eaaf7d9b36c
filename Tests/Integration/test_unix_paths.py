"""Unix sockets by path, without Landlock's right over them: a tree that holds no others, and no network."""

import os
import socket
import subprocess
import threading

from act_tests import ActTests
from stage import until

OWN = '"${server}"'


class UnixPathTests(ActTests):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A dynamic program would need each of its libraries granted.
        cls.static = cls.stage.root / "static-prober"
        sources = sorted((cls.prober_sources()).glob("*.c"))
        subprocess.run(["cc", "-static", "-O1", "-o", cls.static, *sources], check=True)

    @staticmethod
    def prober_sources():
        from stage import PROJECT
        return PROJECT / "Sources/sandbox-prober"

    def listener(self, name: str, kind=socket.SOCK_STREAM) -> tuple:
        """A socket that everybody may connect to, and the list of what came."""
        path = self.area / name
        listening = socket.socket(socket.AF_UNIX, kind)
        listening.bind(str(path))
        path.chmod(0o666)
        listening.listen(16)
        came: list = []

        def accept():
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                came.append(connection.recv(64))
                connection.close()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()

        def end():
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(5)
            listening.close()
            path.unlink()

        self.addCleanup(end)
        return path, came

    def test_the_named_socket_is_reached_and_no_other(self):
        named, came = self.listener("named")
        other, others = self.listener("other")
        wire = self.wire(self.wrap(self.clauses(f'egress: {{unix: ["{named}"]}}'), [self.static]))
        welcome = wire.begin()
        self.assertIn("result", welcome, self.stage.daemon.said()[-2000:])
        self.assert_takes_effect(wire, "unix-stream", named, "to-the-named")
        until(lambda: b"to-the-named" in came, 5, "what was sent to the named socket")
        self.assertNotEqual(self.act(wire, "unix-stream", other, "to-the-other")["errno"], 0)
        self.assertEqual(others, [])
        self.assertEqual(self.free("unix-stream", other, "control")["errno"], 0, "positive control")
        until(lambda: others, 5, "the control")
        self.assertEqual(others, [b"control"])
        self.assertNotEqual(self.act(wire, "list", self.area)["errno"], 0)

    def test_without_a_daemon(self):
        named, came = self.listener("named")
        other, others = self.listener("other")
        wire = self.wire(self.wrap(self.clauses(f'egress: {{unix: ["{named}"]}}'), [self.static]), **self.without_daemon())
        welcome = wire.begin()
        self.assertIn("result", welcome, wire.said())
        self.assert_takes_effect(wire, "unix-stream", named, "to-the-named")
        until(lambda: b"to-the-named" in came, 5, "what was sent to the named socket")
        self.assertNotEqual(self.act(wire, "unix-stream", other, "to-the-other")["errno"], 0)
        self.assertEqual(others, [])
