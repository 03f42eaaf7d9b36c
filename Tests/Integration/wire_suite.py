"""The wire suite of Tests/Fixtures/wire as values; what its members mean says the README there."""

import json
from dataclasses import dataclass

from stage import PROJECT
from wire_text import MODERN, line_text

VERSIONS = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", MODERN]
DIRECTORY = PROJECT / "Tests/Fixtures/wire"


@dataclass
class Case:
    topic: str
    what: str
    versions: list[str]
    alone: bool
    runs: list[str]
    steps: list[dict]


def cases(*topics: str) -> list[Case]:
    found = []
    for file in sorted(DIRECTORY.glob("*.json")):
        if topics and file.stem not in topics:
            continue
        for case in json.loads(file.read_text())["cases"]:
            found.append(Case(file.stem, case["what"], case.get("versions", VERSIONS), case.get("alone", False), case.get("runs", []),
                              case.get("steps", [case])))
    return found


def fault(expected, line: bytes, version: str) -> str | None:
    """What is wrong with a line; None where it is what was expected."""
    if isinstance(expected, str):
        return None if line == line_text(expected, version).encode() else f"not the line {expected}"
    try:
        message = json.loads(line)
    except ValueError:
        return "no JSON"
    return fault_in(expected, message, version)


def fault_in(expected, message, version: str) -> str | None:
    if isinstance(expected, list):
        if not isinstance(message, list) or len(message) != len(expected):
            return f"no array of {len(expected)}"
        return next((found for one, member in zip(expected, message) if (found := fault_in(one, member, version))), None)
    if isinstance(expected, str):
        return None if message == json.loads(line_text(expected, version)) else f"not the message {expected}"
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        return "no message"
    return wrong_id(expected, message, version) or wrong_body(expected, message, version)


def wrong_id(expected: dict, message: dict, version: str) -> str | None:
    id = expected["id"]
    if id == "@unknown" and version >= "2025-11-25":
        return "an id" if "id" in message else None
    found = message.get("id", "none at all")
    id = None if id == "@unknown" else id
    return None if found == id and type(found) is type(id) else f"the id {found!r} and not {id!r}"


def wrong_body(expected: dict, message: dict, version: str) -> str | None:
    if "denied" not in expected:
        error = message.get("error", {})
        found = error.get("code"), error.get("data", {}).get("code")
        return None if found == (expected["error"], expected["code"]) else f"{found} and not {expected['error'], expected['code']}"
    result = message.get("result", {})
    modern = version == MODERN or expected.get("modern", False)
    if result.get("isError") is not True or result.get("resultType") != ("complete" if modern else None):
        return "no denial of its era"
    code = result.get("_meta", {}).get("io.sandboxd/decision", {}).get("code")
    return None if code == expected["denied"] else f"{code} and not {expected['denied']}"
