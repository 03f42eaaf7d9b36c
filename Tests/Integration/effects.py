"""What it means that an attempt took effect. Each is asked of the ground (`EscapeTests`) and of what the act answered."""

import errno
import os
import socket

# Why a positive control may fail.
CLOSED_HERE, NO_ENTRY = "this host closes it to everybody", "this processor or kernel has no such entry"
# What a file of the area holds, by its name there.
TEXT = "the {} of the test"


def arrived(ground, _: dict) -> bool:
    """A receiver has the nonce."""
    return ground.receivers.saw(ground.sent)


def succeeded(_, answer: dict) -> bool:
    """Only the act itself can know."""
    return answer["errno"] == 0


def says(text: str):
    return lambda _, answer: text in answer["said"]


def told(ground, answer: dict) -> bool:
    """It read what only the victim knows."""
    return bool(ground.victim) and ground.victim.secret[:16] in answer["said"]


def harmed(ground, answer: dict) -> bool:
    """The victim is no more."""
    return not ground.victim.is_unharmed() if ground.victim else answer["errno"] == 0


def changed(name: str):
    """A file of the area is not as it was prepared."""
    return lambda ground, _: not (ground.area / name).exists() or (ground.area / name).read_text() != TEXT.format(name)


def made(name: str):
    return lambda ground, _: os.path.lexists(ground.area / name)


def gone(name: str):
    return lambda ground, _: not os.path.lexists(ground.area / name)


def marked(ground, _: dict) -> bool:
    """A program or process that must not be wrote the nonce."""
    path = ground.area / "written/mark"
    return path.exists() and path.read_text() == ground.sent


def reached(port: int, address: str = "127.0.0.1"):
    """Somebody outside can connect to it."""

    def is_reached(_, __: dict) -> bool:
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
            probe.settimeout(2)
            return probe.connect_ex((address, port)) == 0

    return is_reached


def reached_said(_, answer: dict) -> bool:
    """The port that it says can be connected to."""
    return answer["errno"] == 0 and reached(int(answer["said"]))(_, answer)


def taken(port: int, kind: int, address: str = "127.0.0.1"):
    """Nobody outside can be bound there any more."""

    def is_taken(_, __: dict) -> bool:
        with socket.socket(socket.AF_INET, kind) as other:
            try:
                other.bind((address, port))
            except OSError as problem:
                return problem.errno == errno.EADDRINUSE
            return False

    return is_taken


def fresh_files(ground):
    ground.prepare_files()
