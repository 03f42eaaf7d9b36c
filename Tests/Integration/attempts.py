"""The engine of the escape suite: what an attempt is, how it is tried, and the table of what came of all of them.

An attempt is one act of sandbox-prober that a policy forbids. It is tried unconfined, where it must take effect (the positive
control), and then in a session of each custody, where it must not. Whether it took effect is asked of the other side: a receiver,
a file, another process; of the act's own answer only where nobody else could know.
"""

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

# How a session's uid comes about, and the policy under which its attempts are made.
CUSTODIES = {"caller": "escape", "session": "escape-session", "private": "escape-private"}
# Further sessions, which only attempts are made in that ask for them.
POLICIES = CUSTODIES | {"limited": "escape-limited"}


@dataclass(frozen=True)
class Attempt:
    """`words` go to the act, with what stands in braces filled in from the ground (`{nonce}`, `{area}`, `{target}`)."""

    words: str
    effect: Callable  # (ground, answer) -> bool: it took effect, as the other side saw it
    topic: str = ""
    prepare: Callable | None = None  # (ground): before each try
    absent: str = ""  # why the positive control may fail on some hosts; without it, it must work
    control: str = "caller"  # root, where only root could do it unconfined
    target: str = "outsider"  # whose process `{target}` is when the attempt is made from inside
    may_kill: bool = False  # the kernel may answer with a signal
    connects: bool = False  # to what is permitted, as a part of it
    custodies: tuple = tuple(CUSTODIES)
    name: str = ""  # where the words are not enough to tell it from another

    @property
    def id(self) -> str:
        """Stable from run to run: the nonce of the moment is left out."""
        words = re.sub(r"\s*\{nonce\}", "", self.words)
        at = "" if self.target == "outsider" else f" of the {self.target}"
        return self.name or f"{words}{at}"


def topic(name: str, *attempts: Attempt, **common) -> list[Attempt]:
    """The rows of one topic, with what they have in common."""
    return [replace(one, topic=name, **common) for one in attempts]


@dataclass
class Outcome:
    """What came of one attempt in one custody."""

    id: str
    topic: str
    custody: str
    control: str  # works, or why it does not
    result: str  # stopped, through, failed
    errno: int | None = None
    said: str = ""


@dataclass
class Record:
    """All outcomes of a run, and the table that it ends with."""

    outcomes: list[Outcome] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)  # custodies that this host cannot keep, and why
    least = 150

    def add(self, outcome: Outcome):
        self.outcomes.append(outcome)
        if path := os.environ.get("SANDBOXD_ATTEMPTS"):
            with Path(path).open("a") as file:
                file.write(json.dumps(outcome.__dict__) + "\n")

    def distinct(self) -> set[str]:
        """Attempts that were shown to work unconfined."""
        return {outcome.id for outcome in self.outcomes if outcome.control == "works"}

    def through(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.result != "stopped"]

    def table(self) -> str:
        """Topic by topic; a host where something does not exist is told so by name."""
        lines = [f"{'attempts':<28}{'distinct':>9}{'tried':>7}{'stopped':>9}{'no control':>12}{'through':>9}"]
        for name in dict.fromkeys(outcome.topic for outcome in self.outcomes):
            lines.append(self.line(name, [outcome for outcome in self.outcomes if outcome.topic == name]))
        lines.append(self.line("all", self.outcomes))
        lines += [f"  no positive control here: {id}: {why}" for id, why in self.uncontrolled().items()]
        lines += [f"  refused on this host, so that nothing could be tried in it: {custody}: {why}" for custody, why in self.refusals.items()]
        lines += [f"  GOT THROUGH ({outcome.custody}): {outcome.id}" for outcome in self.through()]
        return "\n".join(lines)

    @staticmethod
    def line(name: str, outcomes: list[Outcome]) -> str:
        shown = [outcome for outcome in outcomes if outcome.control == "works"]
        stopped = sum(outcome.result == "stopped" for outcome in shown)
        through = sum(outcome.result != "stopped" for outcome in outcomes)
        distinct = len({outcome.id for outcome in shown})
        return f"{name:<28}{distinct:>9}{len(shown):>7}{stopped:>9}{len(outcomes) - len(shown):>12}{through:>9}"

    def uncontrolled(self) -> dict[str, str]:
        return {outcome.id: outcome.control for outcome in self.outcomes if outcome.control != "works"}

    def verdict(self) -> list[str]:
        """What is wrong with a whole run of the suite."""
        problems = [f"{len(self.through())} attempts got through"] if self.through() else []
        if self.refusals and os.environ.get("SANDBOXD_REQUIRE"):
            problems.append(f"refused on this host, and --require was given: {', '.join(self.refusals)}")
        if len(self.distinct()) < self.least:
            problems.append(f"only {len(self.distinct())} distinct attempts were shown to work unconfined, not {self.least}")
        return problems


RECORD = Record()
