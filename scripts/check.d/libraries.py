"""Checks which shared libraries each program is linked with: what a program cannot load, it cannot be made to misuse."""

import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
FORBIDDEN = {
    "sandbox-gate": ("bpf", "elf", "yaml", "sqlite3", "seccomp", "cap"),
    "sandboxctl": ("bpf", "elf", "seccomp", "sqlite3", "cap"),
    "sandboxd": (),
}
# Static, or next to it.
ONLY = {"sandbox-keeper": set(), "sandbox-gate": set(), "sandbox-finder": set(), "sandbox-proxy": set()}
# In release, where Swift's own runtime is in the programs: what starts with each session has all but glibc in it.
GLIBC = {"libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2"}
STARTS_OFTEN = ("sandboxctl",)
# Its name changes with each release of the distribution: a package with it would fit one alone.
RENAMED = ("re2",)
NEVER = ("Foundation", "FoundationEssentials")


def builds() -> list[Path]:
    found = [PROJECT / ".build" / kind for kind in ("debug", "release")]
    return [directory for directory in found if (directory / "sandboxd").exists()]


def needed(program: Path) -> set[str]:
    text = subprocess.run(["readelf", "-d", program], check=True, capture_output=True, text=True).stdout
    return set(re.findall(r"\(NEEDED\).*\[(.+?)\]", text))


def is_library(name: str, stem: str) -> bool:
    return re.fullmatch(rf"lib_?{re.escape(stem)}\.so(\.\d+)*", name) is not None


def faults(directory: Path):
    for program, stems in FORBIDDEN.items():
        for name in needed(directory / program):
            if any(is_library(name, stem) for stem in stems + NEVER):
                yield f"{directory.name}/{program} is linked with {name}"
    for program in STARTS_OFTEN if directory.name == "release" else ():
        found = needed(directory / program)
        if not any(name.startswith("libswift") for name in found):
            for name in found - GLIBC:
                yield f"{directory.name}/{program} is linked with {name}, and starts slower for it (scripts/link)"
    for name in needed(directory / "sandboxd") if directory.name == "release" else ():
        if any(is_library(name, stem) for stem in RENAMED):
            yield f"{directory.name}/sandboxd is linked with {name}, which is called otherwise in the next release (scripts/link)"
    for program, allowed in ONLY.items():
        for name in needed(directory / program) - allowed:
            yield f"{directory.name}/{program} is linked with {name}, and may only be with {', '.join(sorted(allowed)) or 'nothing'}"


def main() -> int:
    found = [fault for directory in builds() for fault in faults(directory)]
    for fault in found:
        print(fault)
    if not builds():
        print("nothing is built")
    return 1 if found or not builds() else 0


if __name__ == "__main__":
    sys.exit(main())
