"""Whether each living process of a session is where it belongs, and held: read from the outside, by what the kernel says of it."""

import os
import re
from pathlib import Path

from stage import Process, Stage, processes

LEAF = re.compile(r"/sandboxd\.([0-9a-f]{16})/(keeper|gate|proxy|server)(?:/|$)")
HELD = {"NoNewPrivs": "1", "Seccomp": "2", "CapEff": "0" * 16, "CapPrm": "0" * 16, "CapBnd": "0" * 16}


def leaf_of(process: Process) -> tuple[str, str] | None:
    """The session, and which of its cgroups, that a process lives in."""
    return next((found.groups() for path in process.cgroups if (found := LEAF.search(path))), None)


def of_session(session: str, leaf: str = "") -> list[Process]:
    """The processes of a session, or of one of its cgroups."""
    found = [(process, leaf_of(process)) for process in processes()]
    return [process for process, place in found if place and place[0] == session and leaf in ("", place[1])]


def unconfined(stage: Stage, private: bool = False) -> list[tuple[Process, str]]:
    """What is wrong with the processes of the stage's sessions, none of which is being launched just now. Whatever runs a gate, a keeper, a name proxy or a server of
    the stage is of a session, wherever it lives. `private`: sessions without a daemon, in a PID namespace instead of a cgroup; their bounding set is of
    no use to them."""
    judge = private_fault if private else fault
    return [(process, f"{process}: {wrong}") for process in processes() if (wrong := judge(stage, process))]


def fault(stage: Stage, process: Process) -> str:
    expected = role(stage, process)
    place = leaf_of(process)
    if expected is None and place is None:
        return ""
    if place is None or expected not in (None, place[1]):
        return f"lives in {process.cgroups}"
    return unlike(held(process), HELD)


def private_fault(stage: Stage, process: Process) -> str:
    if role(stage, process) is None:
        return ""
    return unlike(held(process), HELD | {"CapBnd": None}) + ("" if is_in_namespace(process) else "in no PID namespace")


def unlike(found: dict[str, str], wanted: dict[str, str | None]) -> str:
    return "".join(f"{name} {value} " for name, value in found.items() if wanted[name] not in (None, value))


def is_in_namespace(process: Process) -> bool:
    try:
        return os.readlink(f"/proc/{process.pid}/ns/pid") != os.readlink("/proc/self/ns/pid")
    except OSError:
        return True  # it has ended


def role(stage: Stage, process: Process) -> str | None:
    for name in ("gate", "keeper", "proxy"):
        if process.executable == str(stage.programs / f"sandbox-{name}"):
            return name
    runs = [argument for argument in process.arguments if argument.startswith(f"{stage.servers}/".encode()) and argument.endswith(b"_server.py")]
    return "server" if runs and not process.executable.startswith(f"{stage.programs}/") else None


def held(process: Process) -> dict[str, str]:
    """What holds it; as it should be where it has ended meanwhile."""
    try:
        lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    except OSError:
        return {}
    status = dict(line.split(":", 1) for line in lines if ":" in line)
    return {name: status[name].strip() for name in HELD} if status["State"].split()[0] not in "ZX" else {}
