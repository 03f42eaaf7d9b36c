"""The guest that scripts/systemd boots: its systemd, and what a test asks of it."""

import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

from stage import PROGRAMS, PROJECT, required, until

UNITS = Path("/run/systemd/system")
LIBEXEC = Path("/usr/libexec/sandboxd")
SANDBOXD, SESSIONS = "sandboxd.service", "sandboxd-sessions.service"


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


def install(programs: Path = LIBEXEC):
    """sandboxd as a package would install it: programs, units, groups, directories. Once for all tests of a guest."""
    programs.mkdir(parents=True, exist_ok=True)
    for name in PROGRAMS:
        replace(required("SANDBOXD_BIN") / name, programs / name)
    link = Path("/usr/bin/sandboxctl")
    if not link.is_symlink():
        link.symlink_to(programs / "sandboxctl")
    units = PROJECT / "systemd"
    for file in [*units.glob("*.service"), *units.glob("*.socket")]:
        shutil.copy(file, Path("/usr/lib/systemd/system") / file.name)
    for kind in ("sysusers.d", "tmpfiles.d"):
        for file in (units / kind).glob("*.conf"):
            shutil.copy(file, Path("/usr/lib") / kind / file.name)
            subprocess.run([f"systemd-{kind.removesuffix('.d')}", *(["--create"] if kind == "tmpfiles.d" else []), file.name], check=True)
    systemctl("daemon-reload")


def replace(source: Path, target: Path):
    """As a package manager does: the old file is another's while it runs."""
    new = target.with_suffix(".new")
    shutil.copy(source, new)
    new.chmod(0o755)
    new.rename(target)


def encrypted(name: str, value: str) -> Path:
    """A credential as systemd-creds(1) keeps it, under the host's own key."""
    file = Path("/etc/credstore.encrypted") / name
    file.parent.mkdir(mode=0o700, exist_ok=True)
    done = subprocess.run(["systemd-creds", "encrypt", "--with-key=host", f"--name={name}", "-", file], input=value, capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return file


@contextmanager
def override(unit: str, text: str):
    """A drop-in of a unit's, as long as the `with` lasts."""
    file = UNITS / f"{unit}.d/trial.conf"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    systemctl("daemon-reload")
    try:
        yield
    finally:
        file.unlink()
        systemctl("daemon-reload")
