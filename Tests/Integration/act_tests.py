"""What tests of single clauses have in common: the acts of sandbox-prober, unconfined and under a policy of the test's own."""

import json
import os
from contextlib import contextmanager
from pathlib import Path

from cases import StagedTests
from receivers import network_namespace
from wire import Wire


class ActTests(StagedTests):
    """In an empty network namespace, with one directory, `area`, that the user owns."""

    @classmethod
    def setUpClass(cls):
        space = network_namespace()
        space.__enter__()
        cls.addClassCleanup(space.__exit__, None, None, None)
        super().setUpClass()
        cls.program = cls.stage.prober()
        cls.area = cls.stage.root / "area"
        cls.own(cls.area)

    @classmethod
    def own(cls, directory: Path) -> Path:
        directory.mkdir()
        os.chown(directory, cls.user.uid, cls.user.gid)
        return directory

    def put(self, path: Path, text: str = "", mode: int = 0o644) -> Path:
        """A file of the user's, which is gone after the test."""
        path.write_text(text)
        os.chown(path, self.user.uid, self.user.gid)
        path.chmod(mode)
        self.addCleanup(path.unlink, missing_ok=True)
        return path

    def clauses(self, text: str) -> Path:
        """A policy that lets every act be called, with these clauses."""
        return self.written_policy(f"sandboxd: 1\nname: written\ntools: {{default: allow}}\n{text}\n")

    def held(self, text: str, **options) -> Wire:
        """A session under these clauses that has begun."""
        wire = self.wire(self.wrap(self.clauses(text), [self.program]), **options)
        welcome = wire.begin()
        if "result" not in welcome:
            self.fail(f"the session did not start: {welcome}\n{self.stage.daemon.said()[-2000:]}")
        return wire

    def refused(self, text: str, command=None, **options) -> str:
        """What `wrap` says of these clauses, which it must refuse."""
        wire = self.wire(self.wrap(self.clauses(text), command or [self.program]), **options)
        answer = wire.begin()
        self.assertEqual(wire.close(), 125, answer)
        return answer["error"]["message"]

    def without_daemon(self) -> dict:
        return {"environment": self.user.environment(SANDBOXD_SOCKET="none")}

    @staticmethod
    def act(wire: Wire, *words) -> dict:
        answer = wire.call("act", words=" ".join(str(word) for word in words))
        return json.loads(answer["result"]["content"][0]["text"])  # behind it the gate may say what the kernel denied

    @contextmanager
    def unconfined(self):
        """The program as it is, for positive controls."""
        with Wire([self.program], start=self.user.start, environment=self.stage.environment(self.user)) as wire:
            wire.begin()
            yield wire

    def free(self, *words) -> dict:
        """The same act, unconfined: the positive control."""
        with self.unconfined() as wire:
            return self.act(wire, *words)

    def assert_takes_effect(self, wire: Wire, *words) -> dict:
        done = self.act(wire, *words)
        self.assertEqual(done["errno"], 0, f"{words}: {done}")
        return done

    def assert_only_free(self, wire: Wire, *words):
        """It works unconfined, and not in the session."""
        self.assertEqual(self.free(*words)["errno"], 0, f"positive control: {words}")
        self.assertNotEqual(self.act(wire, *words)["errno"], 0, words)
