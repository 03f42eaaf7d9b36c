"""The steps of scripts/demo, which has built everything.  Runs as root; whatever speaks MCP runs as an unprivileged user."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "Tests/Integration"))
from stage import Stage, required  # noqa: E402
from web_server import WebServer  # noqa: E402

MODES = {"auto": "2026-07-28", "legacy": "2025-11-25"}
ALL_AS_STATED, ONE_FAILED, KERNEL_CANNOT = 0, 1, 4
HOST_REASONS = "R2"  # the codes of what a host cannot do


class Report:
    """One line per step, and what the whole came to."""

    def __init__(self):
        self.failed = self.refused = 0

    def line(self, status: str, era: str, what: str, fact: str):
        print(f"{status:<8} {era:<11} {what:<45} {one_line(fact)}".rstrip(), flush=True)

    def step(self, came_out: bool, era: str, what: str, fact: str):
        self.failed += not came_out
        self.line("ok" if came_out else "FAILED", era, what, fact)

    def refusal(self, era: str, what: str, text: str):
        self.refused += 1
        self.line("refused", era, what, "this kernel cannot enforce the policy")
        quote(text)

    def status(self) -> int:
        return ONE_FAILED if self.failed else KERNEL_CANNOT if self.refused else ALL_AS_STATED


def one_line(text: str, limit: int = 200) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def quote(text: str):
    for line in text.rstrip().splitlines():
        print(f"         | {line}", flush=True)


class Tour:
    def __init__(self, stage: Stage, report: Report):
        self.stage, self.report = stage, report
        self.environment = required("SANDBOXD_SDK2")
        self.user = stage.user("demo")
        self.own = stage.root / "demo"
        stage.publish(HERE, self.own, "*.py")
        stage.publish(HERE, stage.policies, "*.yaml")
        self.notes = self.put("notes/monday.txt", "buy milk\n").parent
        self.secret = self.put("private/key.txt", "the key to everything\n")
        self.allowed = WebServer("127.0.0.1", 0, "the allowed page\n")
        self.forbidden = WebServer("127.0.0.2", self.allowed.port, "the forbidden page\n")

    def put(self, name: str, text: str) -> Path:
        """A file that every user may read: what stops a server below is the policy, not the mode."""
        path = self.stage.root / name
        path.parent.mkdir(mode=0o755)
        path.write_text(text)
        path.chmod(0o644)
        return path

    def close(self):
        self.allowed.close()
        self.forbidden.close()

    # Running things as the user

    def sandboxctl(self, *arguments):
        return self.user.run([self.stage.sandboxctl, *arguments], environment=self.stage.environment(self.user))

    def wrap(self, policy: str, inputs: dict, command: list) -> list:
        settings = [word for name, value in inputs.items() for word in ("--set", f"{name}={value}")]
        return [self.stage.sandboxctl, "wrap", "--policy", self.stage.policies / f"{policy}.yaml", *settings, "--", *command]

    def session(self, mode: str, policy: str, inputs: dict, command: list, *steps):
        """One session of the official client with a wrapped server: its events, and what the programs said on stderr."""
        words = [word for step in steps for word in step]
        done = self.user.run([self.environment / "bin/python", self.stage.servers / "client.py", "--mode", mode,
                              "--env", f"SANDBOXD_SOCKET={self.stage.daemon.socket}", *words, "--", *self.wrap(policy, inputs, command)])
        events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        answers = {event["step"]: event for event in events if event["event"] == "answer"}
        if len(answers) < len(steps):
            quote(done.stdout + done.stderr)
            missing = {"outcome": "none", "text": "no answer"}
            answers = {number: answers.get(number, missing) for number in range(len(steps))}
        return answers

    # The steps

    def run(self):
        self.host()
        for mode, era in MODES.items():
            self.tools(mode, era)
            self.network(mode, era)
            self.files(mode, era)
        self.inexpressible()
        self.evidence()

    def host(self):
        doctor = self.sandboxctl("doctor", "--json")
        if doctor.returncode != 0:
            return self.report.step(False, "", "host and mode", doctor.stdout + doctor.stderr)
        host = json.loads(doctor.stdout)
        missing = [name for name, seen in host["observed"].items() if seen != "works"]
        mode = "with a daemon" if host["custody"] == "daemon" else "without a daemon"
        self.report.step(host["custody"] == "daemon", "", "host and mode",
                         f"Linux {host['kernel']}, {host['architecture']}, {mode}; "
                         + (f"not here: {', '.join(missing)}" if missing else "every mechanism works"))

    def tools(self, mode: str, era: str):
        answers = self.guarded(era, "tool calls", mode, "time", {"environment": self.environment}, [self.environment / "bin/mcp-server-time"],
                               call("get_current_time", timezone="Etc/UTC"),
                               call("convert_time", source_timezone="Etc/UTC", time="12:00", target_timezone="Asia/Tokyo"))
        if answers:
            now, converted = answers[0], answers[1]
            moment = json.loads(now["text"]).get("datetime", "") if now["outcome"] == "result" else now["text"]
            self.report.step(now["outcome"] == "result", era, "a call was forwarded", f"get_current_time -> {moment}")
            blocked = converted["outcome"] == "tool-error" and "ask for the current time in each zone instead" in converted["text"]
            self.report.step(blocked, era, "a call was blocked, and the model reads why", f"convert_time -> {converted['text']}")

    def network(self, mode: str, era: str):
        reachable = self.forbidden.visit()
        before = len(self.allowed.visits), len(self.forbidden.visits)
        inputs = {"environment": self.environment, "origin": self.allowed.endpoint}
        command = [self.environment / "bin/mcp-server-fetch", "--allow-private-ips", "--ignore-robots-txt"]
        answers = self.guarded(era, "TCP connections", mode, "fetch", inputs, command, call("fetch", url=self.allowed.url("first")),
                               call("fetch", url=self.forbidden.url("")), call("fetch", url=self.allowed.url("last")))
        if answers:
            came, intruded = self.allowed.visits[before[0]:], self.forbidden.visits[before[1]:]
            self.report.step(came == ["/first", "/last"] and "the allowed page" in answers[0]["text"], era, "an allowed TCP connect works",
                             f"{self.allowed.endpoint} saw {len(came)} requests")
            self.report.step(reachable and not intruded and answers[1]["outcome"] == "tool-error", era, "a forbidden one is stopped by the kernel",
                             f"{self.forbidden.endpoint} saw {len(intruded)} requests, and serves others; the model reads: {answers[1]['text']}")

    def files(self, mode: str, era: str):
        inputs = {"environment": self.environment, "programs": self.own, "notes": self.notes}
        command = [self.environment / "bin/python", self.own / "files_server.py"]
        answers = self.guarded(era, "files", mode, "files", inputs, command, call("read_file", path=str(self.notes / "monday.txt")),
                               call("read_file", path=str(self.secret)))
        if answers:
            self.report.step("buy milk" in answers[0]["text"], era, "an allowed file is read", answers[0]["text"])
            plain = self.user.run(["cat", self.secret]).stdout
            self.report.step("key to everything" in plain and answers[1]["text"].startswith("cannot read"), era,
                             "a file outside the policy is not", f"{self.secret.name}: {answers[1]['text']}")

    def guarded(self, era: str, what: str, mode: str, policy: str, inputs: dict, command: list, *steps):
        """A session, unless the policy is refused on this host: then the refusal is what is shown."""
        settings = [word for name, value in inputs.items() for word in ("--set", f"{name}={value}")]
        words = ["check", *settings, self.stage.policies / f"{policy}.yaml"]
        checked = self.sandboxctl(*words[:1], "--format", "json", *words[1:])
        verdict = json.loads(checked.stdout)["policies"][0] if checked.returncode in (0, 3) else {"outcome": checked.stderr}
        if verdict["outcome"] == "refused" and all(reason["code"].startswith(HOST_REASONS) for reason in verdict["reasons"]):
            self.report.refusal(era, what, self.sandboxctl(*words).stdout)
            return None
        return self.session(mode, policy, inputs, command, *steps)

    def inexpressible(self):
        mark = self.user.home / "started"
        done = self.user.run(self.wrap("names", {}, ["/usr/bin/touch", mark]), input="", environment=self.stage.environment(self.user))
        refused = done.returncode == 125 and "^" in done.stderr and "names.yaml:" in done.stderr
        self.report.step(refused and not mark.exists(), "", "a policy is refused, and nothing starts", f"exit status {done.returncode}")
        quote(done.stderr)

    def evidence(self):
        kept = self.stage.root / "state/evidence"
        verified = self.verify(kept)
        self.report.step(verified.returncode == 0, "", "the receipts of all this verify", verified.stdout or verified.stderr)
        copy = self.stage.root / "state/changed"
        shutil.copytree(kept, copy)
        log = max((path for path in copy.rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)
        content = bytearray(log.read_bytes())
        content[len(content) // 2] ^= 1
        log.write_bytes(content)
        found = self.verify(copy)
        self.report.step(found.returncode == 1, "", "one byte changed is found",
                         f"byte {len(content) // 2} of {log.relative_to(copy)}: {found.stdout or found.stderr}")

    def verify(self, path: Path):
        words = [self.stage.sandboxctl, "receipts", "verify", path]
        return subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)


def call(name: str, **arguments) -> list[str]:
    return ["--call", name, json.dumps(arguments)]


def main() -> int:
    for signum in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, lambda number, _: sys.exit(128 + number))
    report = Report()
    with Stage(required("SANDBOXD_BIN")) as stage:
        stage.daemon.start()
        tour = Tour(stage, report)
        try:
            tour.run()
        finally:
            tour.close()
    words = {ALL_AS_STATED: "every step came out as stated", ONE_FAILED: f"{report.failed} of the steps did not come out as stated",
             KERNEL_CANNOT: "this kernel cannot enforce all of it; what it cannot was refused"}
    print(words[report.status()])
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
