"""A place of a run's own: programs, policies, users and one daemon.  Leaves nothing behind.  Needs root.

Everything lies in one directory that only root may write: sandboxd refuses programs that others could replace, and
the unprivileged users of a test must be able to reach them wherever the clone is.
"""

import ctypes
import os
import platform
import pwd
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
PROGRAMS = ("sandboxd", "sandbox-keeper", "sandbox-gate", "sandbox-finder", "sandbox-proxy", "sandboxctl", "sandbox-prober")
PATH = "/usr/local/bin:/usr/bin:/bin"


def required(variable: str) -> Path:
    value = os.environ.get(variable)
    if not value:
        raise RuntimeError(f"{variable} is not set; scripts/test sets it")
    return Path(value).resolve()


def until(condition, seconds: float, what: str):
    """Waits, bounded, until `condition()` is true; what it returned is returned."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds} s for {what}")
        time.sleep(0.02)


_call = ctypes.CDLL(None, use_errno=True).syscall
_NUMBERS = {"x86_64": {"setgroups": 116, "setresuid": 117, "setresgid": 119}, "aarch64": {"setgroups": 159, "setresuid": 147, "setresgid": 149}}


def of_thread(name: str, *arguments):
    """A system call for the calling thread alone; the C library's does it to all of them."""
    if _call(_NUMBERS[platform.machine()][name], *arguments) != 0:
        raise OSError(ctypes.get_errno(), name)


class User:
    """An unprivileged user who exists as long as the stage does."""

    def __init__(self, name: str, home: Path):
        subprocess.run(["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", home, "--shell", "/bin/sh", name], check=True)
        entry = pwd.getpwnam(name)
        self.name, self.home, self.uid, self.gid = name, home, entry.pw_uid, entry.pw_gid
        home.mkdir(mode=0o700)
        os.chown(home, self.uid, self.gid)

    def environment(self, **more) -> dict:
        return {"HOME": str(self.home), "USER": self.name, "LOGNAME": self.name, "SHELL": "/bin/sh", "PATH": PATH, "TERM": "dumb"} | more

    def start(self, command, environment=None, **options) -> subprocess.Popen:
        """Starts a command with this user's ids, in its home unless `cwd` says otherwise, and no capability."""
        options.setdefault("cwd", self.home)
        with self.acting():
            return subprocess.Popen([str(part) for part in command], env=environment or self.environment(), start_new_session=True, **options)

    @contextmanager
    def acting(self):
        """What this thread executes meanwhile is this user's for good. With `Popen(user=…)` a process would be copied whole first, by fork(2)."""
        groups = os.getgroups()
        of_thread("setgroups", 0, None)
        of_thread("setresgid", self.gid, self.gid, 0)
        of_thread("setresuid", self.uid, self.uid, 0)
        try:
            yield
        finally:
            of_thread("setresuid", 0, 0, 0)
            of_thread("setresgid", 0, 0, 0)
            of_thread("setgroups", len(groups), (ctypes.c_uint32 * len(groups))(*groups))

    def run(self, command, input=None, timeout=60, environment=None, **options) -> subprocess.CompletedProcess:
        """Runs a command to its end and captures what it says, as text."""
        options = {"stdin": subprocess.PIPE if input is not None else subprocess.DEVNULL, "stdout": subprocess.PIPE,
                   "stderr": subprocess.PIPE, "text": True} | options
        process = self.start(command, environment, **options)
        try:
            out, error = process.communicate(input, timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, error = process.communicate()
            raise TimeoutError(f"{command[0]} ran longer than {timeout} s\nstdout: {out}\nstderr: {error}") from None
        return subprocess.CompletedProcess(command, process.returncode, out, error)

    def remove(self):
        try:
            for process in self.processes():
                process.kill()
            until(lambda: not self.processes(), 10, f"the last process of {self.name}")
        finally:
            until(lambda: subprocess.run(["userdel", self.name]).returncode == 0, 10, f"userdel {self.name}")  # one at a time may edit the users

    def processes(self) -> list["Process"]:
        return [process for process in processes() if process.uid == self.uid]


class Process:
    """A line of the process table. Neither the kernel's own threads nor zombies have a program: these are gone when whoever should have waited is."""

    def __init__(self, pid: int):
        self.pid, self.executable = pid, os.readlink(f"/proc/{pid}/exe")
        status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
        self.uid, self.name = int(status["Uid"].split()[0]), status["Name"].strip()
        self.parent = int(status["PPid"])
        self.cgroups = [line.split(":", 2)[2] for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines()]
        self.arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[:-1]

    def kill(self):
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def __repr__(self):
        return f"{self.pid} ({self.name}, uid {self.uid}, {b' '.join(self.arguments)[:80].decode(errors='replace')})"


def processes() -> list[Process]:
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                found.append(Process(int(entry)))
            except (OSError, KeyError, ValueError):  # it has no program, or ended meanwhile
                continue
    return found


def cgroup2_mount() -> Path:
    return own_cgroups()[0]


def own_cgroups() -> list[Path]:
    """Where a cgroup of one's own is made: the root of cgroup2, then this process's own place in each old hierarchy that holds a limit."""
    paths = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        paths |= {controller: path for controller in controllers.split(",")}
    unified, legacy = [], []
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        fields, _, tail = line.partition(" - ")
        root, mount = fields.split()[3:5]
        kind, _, options = tail.split()[:3]
        if kind == "cgroup2" and root == "/":
            unified.append(Path(mount))
        if kind == "cgroup" and root == "/":
            legacy += [Path(mount + paths[name].rstrip("/")) for name in options.split(",") if name in ("pids", "memory", "cpu") and name in paths]
    if not unified:
        raise RuntimeError("no cgroup2 file system is mounted")
    return [unified[0], *dict.fromkeys(legacy)]


class Cgroup:
    """A cgroup of a stage's own in each hierarchy; the daemon makes its sessions' below it."""

    def __init__(self, name: str):
        parents = own_cgroups()
        self.directories = [parent / name for parent in parents]
        self.directory = self.directories[0]
        self.given = parents[0] / "cgroup.subtree_control", self.missing(parents[0])
        self.give("+")
        for directory in self.directories:
            directory.mkdir()

    def missing(self, root: Path) -> list[str]:
        """Controllers that cgroup2 has and does not give to its children, as a manager of services would have it do."""
        available, given = ((root / f"cgroup.{name}").read_text().split() for name in ("controllers", "subtree_control"))
        return [name for name in ("pids", "memory", "cpu") if name in available and name not in given]

    def give(self, sign: str):
        file, names = self.given
        for name in names:
            file.write_text(f"{sign}{name}")

    def enter(self):
        """Moves the calling process. Where a daemon gave controllers away, it lives in a leaf, and so does the next."""
        for directory in self.directories:
            leaf = directory / "sandboxd-daemon"
            ((leaf if leaf.exists() else directory) / "cgroup.procs").write_text("0")

    def below(self) -> set[str]:
        return {directory for own in self.directories for directory, _, _ in os.walk(own)} - {str(own) for own in self.directories}

    def populated(self) -> bool:
        return "populated 1" in (self.directory / "cgroup.events").read_text()

    def remove(self):
        (self.directory / "cgroup.kill").write_text("1")
        until(lambda: not self.populated(), 10, f"the last process in {self.directory}")
        for own in self.directories:
            for directory, _, _ in os.walk(own, topdown=False):
                os.rmdir(directory)
        self.give("-")


def mounts_below(directory: Path) -> list[str]:
    found = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    return [mount for mount in found if mount == str(directory) or mount.startswith(f"{directory}/")]


class Daemon:
    """`sandboxd` in the foreground, with a state directory and a socket of its own."""

    def __init__(self, program: Path, state: Path, control: Path, log: Path, cgroup: Cgroup):
        self.program, self.state, self.socket, self.log, self.cgroup = program, state, control, log, cgroup
        self.options: list = []
        self.through: list = []  # what starts it instead, with its command line behind
        self.passes: tuple = ()  # descriptors that it inherits
        self.environment = {"PATH": PATH, "HOME": "/nonexistent"}
        self.process: subprocess.Popen | None = None

    def start(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([*self.through, self.program, "--state", self.state, "--socket", self.socket, *self.options],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment, start_new_session=True, cwd="/",
                                            preexec_fn=self.cgroup.enter, pass_fds=self.passes)
        until(self.answers, 20, f"{self.socket} to accept; sandboxd says:\n{self.said()}")
        return self

    def answers(self) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError(f"sandboxd ended with status {self.process.returncode}:\n{self.said()}")
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(self.socket)) != 0:
                return False
            if self.passes:  # whoever listens on it, it is the daemon who answers
                probe.settimeout(20)
                probe.sendall(b'{"method":"org.varlink.service.GetInfo"}\0')
                return probe.recv(1) != b""
            # A child of a daemon that was killed may hold that one's socket a little longer.
            return struct.unpack("3i", probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0] == self.process.pid

    def said(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def descriptors(self) -> int:
        """Without the two of a finder that waits for the next launch, which comes some moments after the one before."""
        for _ in range(100):
            before = {finder.pid for finder in self.waiting_finders()}
            count = len(os.listdir(f"/proc/{self.process.pid}/fd"))
            if before == {finder.pid for finder in self.waiting_finders()}:
                return count - 2 * len(before)
        raise TimeoutError("finders of sandboxd come and go without end")

    def waiting_finders(self) -> list["Process"]:
        """Those that were not asked yet."""
        return [process for process in processes() if process.uid == 0 and self.process is not None
                and process.parent == self.process.pid and process.executable == str(self.program.parent / "sandbox-finder")]

    def stop(self) -> int:
        """SIGTERM, and the exit status; it must end by itself."""
        process, self.process = self.process, None
        if process is None:
            return 0
        process.terminate()
        try:
            return process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise TimeoutError(f"sandboxd did not end on SIGTERM:\n{self.said()}") from None


class Stage:
    """The directory and all that lives in it."""

    def __init__(self, programs: Path):
        self.root = Path(tempfile.mkdtemp(prefix=f"sandboxd-stage.{os.getpid()}.", dir="/var/lib"))
        self.root.chmod(0o755)
        self.users: list[User] = []
        self.besides: list[Daemon] = []  # more of them, with states of their own
        self.programs, self.policies, self.servers = (self.root / name for name in ("bin", "policies", "servers"))
        self.cgroup = Cgroup(self.root.name)
        try:
            self.fill(programs)
        except BaseException:
            self.cgroup.remove()
            shutil.rmtree(self.root)
            raise

    def fill(self, programs: Path):
        os.umask(0o022)
        self.programs.mkdir()
        for name in PROGRAMS:
            if not (programs / name).is_file():
                raise RuntimeError(f"{programs / name} is missing; build first, or set SANDBOXD_BIN to where the programs are")
            self.install(programs / name, name)
        for source in (PROJECT / "policies", HERE / "policies"):
            self.publish(source, self.policies, "*.yaml")
        self.publish(HERE, self.servers, "*.py")
        (self.root / "control").mkdir()
        (self.root / "state").mkdir(mode=0o700)
        self.daemon = Daemon(self.programs / "sandboxd", self.root / "state", self.root / "control/sandboxd.sock", self.root / "daemon.log",
                             self.cgroup)

    def install(self, source: Path, name: str):
        """The same file where it is one that only root can change: an emulated processor translates the code of each copy anew. Never written to."""
        installed = self.programs / name
        installed.unlink(missing_ok=True)
        facts = source.stat()
        if facts.st_uid == 0 and facts.st_gid == 0 and facts.st_mode & 0o7777 == 0o755 and facts.st_dev == self.programs.stat().st_dev:
            os.link(source, installed)
        else:
            shutil.copy(source, installed)
            installed.chmod(0o755)

    def publish(self, source: Path, target: Path, pattern: str):
        """Copies files so that every user can read them, whatever umask the clone was made with."""
        target.mkdir(exist_ok=True)
        for file in source.glob(pattern):
            shutil.copy(file, target / file.name)
            (target / file.name).chmod(0o644)

    def prober(self) -> Path:
        """What tries acts, in a directory of its own, which policies may grant."""
        directory = self.root / "programs"
        directory.mkdir(exist_ok=True)
        return Path(shutil.copy2(self.programs / "sandbox-prober", directory))

    @property
    def sandboxctl(self) -> Path:
        return self.programs / "sandboxctl"

    def user(self, label: str) -> User:
        name = f"sbx-{label}-{os.getpid()}"
        self.users.append(User(name, self.root / name))
        return self.users[-1]

    def environment(self, user: User, **more) -> dict:
        return user.environment(SANDBOXD_SOCKET=str(self.daemon.socket), **more)

    # What a session may leave behind

    def own_processes(self) -> list[Process]:
        """Processes that run a program of this stage, or belong to one of its users; without the daemons, and what each keeps for the next launch."""
        uids = {user.uid for user in self.users}
        kept = {process.pid for daemon in (self.daemon, *self.besides) for process in daemon.waiting_finders()[:1]}
        kept |= {daemon.process.pid for daemon in (self.daemon, *self.besides) if daemon.process}
        return [process for process in processes()
                if (process.executable.startswith(f"{self.root}/") or process.uid in uids) and process.pid not in kept]

    def pins(self) -> list[str]:
        """Files of a bpffs that the daemon mounted below the stage."""
        found = []
        for line in Path("/proc/self/mountinfo").read_text().splitlines():
            fields, _, tail = line.partition(" - ")
            mount = fields.split()[4]
            if tail.split()[0] == "bpf" and mount.startswith(f"{self.root}/"):
                found += [os.path.join(directory, name) for directory, below, files in os.walk(mount) for name in below + files]
        return found

    def close(self):
        """Takes everything away again, whatever state it is in, and lets no second Ctrl-C stop it half-way."""
        handlers = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        problems = []
        for step in (self.daemon.stop, self.end_processes, self.cgroup.remove, self.unmount, self.remove_users, lambda: shutil.rmtree(self.root)):
            try:
                step()
            except Exception as problem:
                problems.append(f"{type(problem).__name__}: {problem}")
        for number, handler in handlers.items():
            signal.signal(number, handler)
        if problems:
            raise RuntimeError("cleaning up: " + "; ".join(problems))

    def end_processes(self):
        for process in self.own_processes():
            process.kill()
        until(lambda: not self.own_processes(), 10, "the last process of the stage")

    def unmount(self):
        for mount in sorted(mounts_below(self.root), key=len, reverse=True):
            subprocess.run(["umount", mount], check=True)

    def remove_users(self):
        while self.users:
            self.users.pop().remove()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
