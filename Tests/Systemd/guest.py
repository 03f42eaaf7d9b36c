"""The guest that scripts/systemd boots: its systemd, and what a test asks of it."""

import subprocess
from pathlib import Path

from stage import until

UNITS = Path("/run/systemd/system")


def require_guest():
    """Elsewhere the tests would change a host that somebody needs."""
    if not Path("/run/guest/main").exists() or Path("/proc/1/comm").read_text().strip() != "systemd":
        raise SystemExit("these tests run in a guest; scripts/systemd boots one")


def systemctl(*words, check: bool = True, timeout: float = 60) -> subprocess.CompletedProcess:
    done = subprocess.run(["systemctl", "--no-ask-password", *map(str, words)], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=timeout)
    if check and done.returncode != 0:
        unit = next((str(word) for word in words[1:] if not str(word).startswith("-")), "")
        raise AssertionError(f"systemctl {' '.join(map(str, words))}: {done.returncode}\n{done.stdout}{done.stderr}\n{journal(unit)[-4000:] if unit else ''}")
    return done


def show(unit: str, *names: str) -> dict[str, str]:
    """Properties of a unit."""
    said = systemctl("show", unit, *(f"--property={name}" for name in names)).stdout
    return dict(line.split("=", 1) for line in said.splitlines() if "=" in line)


def is_active(unit: str) -> bool:
    return systemctl("is-active", "--quiet", unit, check=False).returncode == 0


def journal(unit: str) -> str:
    """What a unit, and systemd about it, said since boot."""
    return subprocess.run(["journalctl", "--quiet", "--no-pager", "--output=short-monotonic", f"--unit={unit}"], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=60).stdout


class Unit:
    """A unit of a test's own, as long as the `with` lasts."""

    def __init__(self, name: str, text: str):
        self.name, self.file = name, UNITS / name
        self.file.write_text(text)
        systemctl("daemon-reload")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        systemctl("stop", self.name, check=False)
        systemctl("reset-failed", self.name, check=False)
        self.file.unlink()
        systemctl("daemon-reload")

    def start(self):
        systemctl("start", self.name)

    def main_process(self) -> int:
        return int(show(self.name, "MainPID")["MainPID"])

    def cgroup(self) -> Path:
        return Path("/sys/fs/cgroup" + show(self.name, "ControlGroup")["ControlGroup"])

    def says(self, text: str, seconds: float = 20):
        """Waits until its journal has that."""
        until(lambda: text in journal(self.name), seconds, f"{self.name} to say `{text}`")
