"""Reads every `import` in Sources against floors.txt.  C targets reached through a dependency escape the compiler's own check."""

import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCES = HERE.parent.parent / "Sources"
OPEN_TO_ALL = {"Glibc", "Swift"}
IMPORT = re.compile(
    r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:public |package |internal |fileprivate |private )?import\s+"
    r"(?:struct |class |enum |protocol |func |var |let |typealias )?([A-Za-z_0-9]+)"
)
C_LIBRARY = re.compile(r"C[A-Z]")


def floors() -> dict[str, list[str]]:
    lines = [line for line in (HERE / "floors.txt").read_text().splitlines() if line.strip() and not line.startswith("#")]
    return {name.strip(): names.split() for name, names in (line.split(":", 1) for line in lines)}


def permitted(target: str, table: dict[str, list[str]]) -> set[str]:
    """What the target names, and what these may import in turn, C libraries excepted."""
    found = set(table[target])
    for name in table[target]:
        if not C_LIBRARY.match(name):
            found |= {more for more in permitted(name, table) if not C_LIBRARY.match(more)}
    return found


def imports(file: Path):
    for number, line in enumerate(file.read_text().splitlines(), 1):
        found = IMPORT.match(line)
        if found:
            yield number, found.group(1)


def faults(table: dict[str, list[str]]):
    for directory in sorted(path for path in SOURCES.iterdir() if path.is_dir()):
        if directory.name not in table and any(directory.rglob("*.swift")):
            yield f"{directory.name}: not in scripts/check.d/floors.txt"
            continue
        for file in sorted(directory.rglob("*.swift")):
            for number, name in imports(file):
                if name not in OPEN_TO_ALL and name not in permitted(directory.name, table):
                    yield f"{file.relative_to(SOURCES.parent)}:{number}: {directory.name} may not import {name}"


def main() -> int:
    found = list(faults(floors()))
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
