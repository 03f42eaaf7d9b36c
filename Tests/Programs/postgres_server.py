"""A PostgreSQL of a test's own: the distribution's, in a directory of its own, as a user that is not root, over a unix socket alone.

As a program: `postgres_server.py` says `ready DIRECTORY`, then does what each line of its input says (`stop`, `continue`, `kill`, `start`,
`sql TEXT`), says `ok` or the rows, and takes everything away when its input ends, as it does when whoever started it dies."""

import glob
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time


def programs() -> pathlib.Path:
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: float(path.split("/")[4]))
    if not found:
        raise RuntimeError("postgresql is not installed; scripts/test installs it")
    return pathlib.Path(found[-1])


class PostgresServer:
    user = "postgres"

    def __init__(self, directory=None, **settings):
        """`directory`: one that is there and empty, and stays; else it makes its own."""
        self.programs = programs()
        self.settings = settings
        self.port = str(settings.get("port", 5432))
        self.process = None
        self.is_own = directory is None
        self.directory = pathlib.Path(directory or tempfile.mkdtemp(prefix="sandboxd-postgres-", dir="/tmp"))
        try:
            os.chmod(self.directory, 0o755)
            if os.geteuid() == 0:
                account = pwd.getpwnam(self.user)
                os.chown(self.directory, account.pw_uid, account.pw_gid)
            self.run("initdb", "--pgdata", self.data, "--username", self.user, "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync")
            self.start()
        except BaseException:
            self.close()
            raise

    @property
    def data(self) -> str:
        return str(self.directory / "data")

    def words(self, program: str, *arguments) -> list:
        changed = ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups"] if os.geteuid() == 0 else []
        return [*changed, str(self.programs / program), *map(str, arguments)]

    def run(self, program: str, *arguments):
        done = subprocess.run(self.words(program, *arguments), capture_output=True, text=True, timeout=60, cwd="/")
        if done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stderr}")
        return done.stdout

    def start(self):
        settings = {"unix_socket_directories": self.directory, "listen_addresses": "", "max_connections": 40, **self.settings}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        log = open(self.directory / "log", "ab")
        until = time.monotonic() + 60
        while True:
            self.process = subprocess.Popen(
                self.words("postgres", "-D", self.data, *words), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True
            )
            # One that was killed may have left children, which hold its memory for a moment.
            while self.process.poll() is None and time.monotonic() < until:
                if subprocess.run(self.words("pg_isready", "-q", "-h", self.directory, "-p", self.port), cwd="/", timeout=60).returncode == 0:
                    return
                time.sleep(0.02)
            if time.monotonic() >= until:
                raise RuntimeError("postgres does not start: " + (self.directory / "log").read_text()[-2000:])
            time.sleep(0.1)

    def processes(self) -> list:
        """The server's own, its children last."""
        if self.process is None:
            return []
        found = []
        for name in os.listdir("/proc"):
            try:
                stat = pathlib.Path(f"/proc/{name}/stat").read_text() if name.isdigit() else ""
            except OSError:
                continue
            if stat and int(stat.rsplit(")", 1)[1].split()[1]) == self.process.pid:
                found.append(int(name))
        return [self.process.pid, *found]

    def signal(self, number: int):
        for process in self.processes():
            try:
                os.kill(process, number)
            except ProcessLookupError:
                pass

    def stop(self):
        self.signal(signal.SIGSTOP)

    def go_on(self):
        self.signal(signal.SIGCONT)

    def kill(self):
        if self.process is not None:
            self.signal(signal.SIGKILL)
            self.process.wait(60)
            self.process = None

    def sql(self, text: str, database: str = "postgres") -> str:
        return self.run("psql", "-h", self.directory, "-p", self.port, "-U", self.user, "-d", database, "-v", "ON_ERROR_STOP=1", "-AtXqc", text)

    def create(self, database: str):
        self.sql(f"CREATE DATABASE {database} ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0")

    def settings_for(self, database: str) -> str:
        """libpq's connection string."""
        peer = "" if os.geteuid() == 0 else f" requirepeer={pwd.getpwuid(os.geteuid()).pw_name}"
        return f"host={self.directory} user={self.user} dbname={database}{peer}"

    def close(self):
        self.kill()
        if self.is_own:
            shutil.rmtree(self.directory, ignore_errors=True)


def main():
    server = PostgresServer()
    try:
        print("ready", server.directory, flush=True)
        acts = {"stop": server.stop, "continue": server.go_on, "kill": server.kill, "start": server.start}
        for line in sys.stdin:
            word, _, rest = line.strip().partition(" ")
            if word == "sql":
                database, _, text = rest.partition(" ")
                print(server.sql(text, database).strip().replace("\n", " "), flush=True)
            else:
                acts[word]()
                print("ok", flush=True)
    finally:
        server.close()


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(1))
    main()
