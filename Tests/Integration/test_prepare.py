"""Packages that are installed once by `sandboxctl prepare`, and started from there: from PyPI for real, and from registries of the test's own."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import unittest
from pathlib import Path

from cases import LIST, StagedTests, call, is_long
from stage import PROJECT, until

sys.path.append(str(PROJECT / "Tests/Programs"))
from package_index import Registry, package, source, wheel  # noqa: E402

# A server in a few lines, which says what it is asked.
SERVER = '''
import json, sys
def main():
    for line in sys.stdin:
        asked = json.loads(line)
        if asked.get("method") == "initialize":
            answer = {"protocolVersion": asked["params"]["protocolVersion"], "capabilities": {"tools": {}}, "serverInfo": {"name": "n", "version": "VERSION"}}
        elif asked.get("method") == "tools/list":
            answer = {"tools": [{"name": "hello", "inputSchema": {"type": "object"}}]}
        elif asked.get("method") == "tools/call":
            answer = {"content": [{"type": "text", "text": "version VERSION"}]}
        else:
            continue
        print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": answer}), flush=True)
'''

POLICY = """sandboxd: 1
name: hello
include: [runtime-python]
tools: {pins: first-seen, rules: [{id: hello, tools: [hello], effect: allow}]}
"""


class PreparingTests(StagedTests):
    """With a state of the user's own that each test begins anew."""

    policy_text = POLICY
    registry_name = "pypi"

    def setUp(self):
        super().setUp()
        self.state = self.user.home / "s"
        self.addCleanup(shutil.rmtree, self.state, ignore_errors=True)
        self.registry = Registry()
        self.addCleanup(self.registry.close)

    def environment_of_user(self, **more) -> dict:
        return self.stage.environment(self.user) | {"XDG_STATE_HOME": str(self.state)} | more

    def control(self, *words, status=0, timeout=240, **more) -> str:
        done = self.user.run([self.stage.sandboxctl, *words], environment=self.environment_of_user(**more), timeout=timeout)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def prepare(self, *words, status=0, index=True, **more) -> str:
        options = ["--index", self.registry.url + "/simple/"] if index else []
        return self.control("prepare", *options, "--", *words, status=status, **more)

    def prepared(self) -> list[Path]:
        """Directories of all that is prepared."""
        place = self.state / "sandboxd/prepared"
        return sorted(path.with_suffix("") if path.suffix == ".json" else path for path in place.glob("*/*.json"))

    def left(self) -> list[str]:
        """What lies there and is not prepared."""
        place = self.state / f"sandboxd/prepared/{self.registry_name}"
        names = [path.name[:-5] for path in place.glob("*.json")] if place.exists() else []
        return [path.name for path in place.iterdir() if path.name.removesuffix(".json").removesuffix(".files") not in names] if place.exists() else []

    def log(self, kind: str) -> list[dict]:
        done = subprocess.run([self.stage.sandboxctl, "receipts", "show", "--json", "--kind", kind, self.stage.root / "state/evidence"],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line)["body"] for line in done.stdout.splitlines()]

    def offer(self, version="1.0", name="hello-server", **more):
        self.registry.offer(name, wheel(name, version, {"hello_server.py": SERVER.replace("VERSION", version)}, {"hello-server": "hello_server:main"}, **more))

    def says(self, *command) -> str:
        """What the server that a command line starts says of itself, through the gate."""
        policy = self.written_policy(self.policy_text)
        client = [self.environment / "bin/python", self.stage.servers / "client.py", "--mode", "legacy", "--env", f"SANDBOXD_SOCKET={self.stage.daemon.socket}",
                  "--env", f"XDG_STATE_HOME={self.state}", *LIST, *call("hello")]
        done = self.user.run([*client, "--", self.stage.sandboxctl, "wrap", "--policy", policy, "--name", "n" + str(time.monotonic_ns()), "--", *command])
        self.client_said = done.stderr
        return self.answers([json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")])[1].get("text", done.stdout + done.stderr)


class PyPITests(PreparingTests):
    """The real registry, by whatever address this host's pip is configured with."""

    def pip(self) -> dict:
        """This host's own configuration, for the user of the test."""
        listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True).stdout
        found = dict(re.findall(r"^(?:global|install|:env:)\.(index-url|cert)='(.*)'$", listed, re.M))
        names = {"index-url": "PIP_INDEX_URL", "cert": "PIP_CERT"}
        return {names[key]: value for key, value in found.items()} | {key: value for key, value in os.environ.items() if key in names.values()}

    def test_time_server(self):
        """`uvx mcp-server-time`: refused, prepared, wrapped, changed, refused, removed."""
        refused = self.control("wrap", "--policy", "time", "--", "uvx", "mcp-server-time", status=125)
        self.assertIn("fetches a package when it starts", refused)
        command = re.search(r"`sandboxctl (prepare .*)`", refused)[1].split()
        self.assertEqual(command, ["prepare", "--", "uvx", "mcp-server-time"])
        said = self.control(*command, **self.pip())
        found, = self.prepared_json()
        self.assertIn(f"prepared mcp-server-time {found['version']}", said)
        receipt, = self.log("preparation")
        self.assertEqual((receipt["event"], receipt["package"], receipt["version"], receipt["tree"], receipt["claim"], receipt["by"]),
                         ("prepared", "mcp-server-time", found["version"], found["tree"], "reported", self.user.uid))
        self.assertEqual({part["name"] for part in receipt["parts"]} >= {"mcp-server-time", "mcp", "pydantic"}, True)
        self.assertTrue(all(re.fullmatch("sha256:[0-9a-f]{64}", part["hash"]) for part in receipt["parts"]))
        self.assertEqual(len(receipt["sessions"]), 2)
        if "PIP_INDEX_URL" not in self.pip():
            # Names alone: what the sessions connected to is in the log, and is the registry's.
            connected = {body.get("name") for body in self.log("connection")} - {None}
            ask = "from pip._internal.models.index import PyPI as it; print(it.netloc, it.file_storage_domain)"
            usual = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True).stdout.split()
            self.assertEqual({name.split(":")[0] for name in connected}, set(usual))
        self.evidence_verifies()
        direct = re.search(r"^start it by: sandboxctl (.*)$", said, re.M)[1].split()
        tree = Path(direct[-1]).parent.parent
        self.assertEqual(direct, ["wrap", "--policy", "time", "--", str(tree / "bin/mcp-server-time")])
        for command in (["uvx", "mcp-server-time"], ["uvx", f"mcp-server-time@{found['version']}"], [tree / "bin/mcp-server-time"]):
            self.tells_time(command)
        self.assertIn("is prepared already", self.control("prepare", "--", "uvx", f"mcp-server-time=={found['version']}"))
        self.assertIn("fetches", self.control("wrap", "--policy", "time", "--", "uvx", "mcp-server-time@1.0", status=125))
        self.client_config(tree)

        code = next(tree.glob("lib/python*/site-packages/mcp_server_time/server.py"))
        code.chmod(0o644)
        changed = self.control("wrap", "--policy", "time", "--", "uvx", "mcp-server-time", status=125)
        self.assertIn(str(code.relative_to(tree)) + "` was changed", changed)
        self.assertIn(changed.split("is not what was prepared")[1], self.control("wrap", "--policy", "time", "--", tree / "bin/mcp-server-time", status=125))
        self.assertEqual([body["event"] for body in self.log("preparation")], ["prepared", "changed", "changed"])
        self.assertIn("changed: ", self.control("prepare", "--list", status=1))
        remove = re.search(r"`sandboxctl (prepare --remove \S+)`", changed)[1].split()
        self.assertIn("removed", self.control(*remove))
        self.assertEqual((self.prepared(), self.left()), ([], []))
        self.assertIn("nothing is prepared", self.control("prepare", "--list"))
        self.evidence_verifies()

    def test_without_a_daemon(self):
        """By names, in a network of the session's own; as the user whose all of it is."""
        said = self.control("prepare", "--", "uvx", "mcp-server-time", SANDBOXD_SOCKET="none", **self.pip())
        self.assertIn("prepared mcp-server-time", said)
        self.tells_time(["uvx", "mcp-server-time"])

    def prepared_json(self) -> list[dict]:
        return [json.loads(path.read_text()) for path in sorted((self.state / "sandboxd/prepared").glob("*/*.json"))]

    def tells_time(self, command):
        client = [self.environment / "bin/python", self.stage.servers / "client.py", "--mode", "auto", "--env", f"SANDBOXD_SOCKET={self.stage.daemon.socket}",
                  "--env", f"XDG_STATE_HOME={self.state}", *call("get_current_time", timezone="Asia/Tokyo")]
        done = self.user.run([*client, "--", self.stage.sandboxctl, "wrap", "--policy", "time", "--name", "time", "--", *command])
        self.assertIn("Asia/Tokyo", done.stdout, done.stdout + done.stderr)

    def client_config(self, tree: Path):
        """A client's entry of `uvx` is wrapped as it is, and given back to the byte."""
        config = self.user.home / ".cursor/mcp.json"
        text = '{"mcpServers": {"time": {"command": "uvx", "args": ["mcp-server-time"]}}}\n'
        self.user.run(["/bin/sh", "-c", 'umask 077; mkdir -p "$(dirname "$1")" && cat >"$1"', "sh", config], input=text)
        self.addCleanup(shutil.rmtree, config.parent)
        self.assertIn(str(tree / "bin/mcp-server-time"), self.control("clients", "wrap", "time"))
        entry = json.loads(config.read_text())["mcpServers"]["time"]
        self.assertEqual(entry["args"][-3:], ["--", "uvx", "mcp-server-time"])
        self.control("clients", "unwrap", "time")
        self.assertEqual(config.read_text(), text)


class IndexTests(PreparingTests):
    """An index of the test's own: packages that lie, and installers that are interrupted."""

    def test_upgrade_and_removal(self):
        self.offer("1.0")
        self.assertIn("prepared hello-server 1.0", self.prepare("uvx", "hello-server"))
        self.assertEqual(self.says("uvx", "hello-server"), "version 1.0")
        asked = len(self.registry.asked)
        self.assertIn("is prepared already", self.prepare("uvx", "hello-server@1.0"))
        self.assertEqual(len(self.registry.asked), asked, "what is prepared is not asked for again")
        self.assertIn("is prepared already", self.prepare("uvx", "hello-server"))
        self.offer("2.0")
        self.assertIn("prepared hello-server 2.0", self.prepare("uvx", "hello-server"))
        self.assertEqual(self.says("uvx", "hello-server"), "version 2.0")
        self.assertEqual(self.says("uvx", "hello-server@1.0"), "version 1.0")
        self.assertEqual(self.control("prepare", "--list").count("as it was prepared"), 2)
        newest = re.search(r"hello-server-2\.0-\S+", self.control("prepare", "--list"))[0]
        self.control("prepare", "--remove", newest)
        self.assertEqual(self.says("uvx", "hello-server"), "version 1.0")
        self.assertIn("nothing is prepared under", self.control("prepare", "--remove", newest, status=1))
        self.assertIn("nothing is prepared under", self.control("prepare", "--remove", "../../..", status=1))

    def test_server_may_not_write_there(self):
        self.offer()
        self.prepare("uvx", "hello-server")
        place = self.state / "sandboxd/prepared"
        for written in (place, place / "pypi", self.state, *place.glob("pypi/*/lib")):
            policy = self.written_policy(POLICY + f"files: {{write: ['{written}']}}\n")
            self.assertIn("R305", self.control("wrap", "--policy", policy, "--", "uvx", "hello-server", status=125))

    def test_what_is_not_the_locked_file(self):
        """The index gives another file to whoever comes back: nothing of it is kept."""
        name, honest = wheel("hello-server", "1.0", {"hello_server.py": SERVER}, {"hello-server": "hello_server:main"})
        _, other = wheel("hello-server", "1.0", {"hello_server.py": SERVER + "# changed\n"}, {"hello-server": "hello_server:main"})
        self.registry.offer("hello-server", (name, honest))
        given = iter([honest])
        self.registry.pages[f"/files/{name}"] = lambda: next(given, other)
        page = self.registry.pages["/simple/hello-server/"]
        self.registry.pages["/simple/hello-server/"] = lambda: page if self.registry.asked.count(f"/files/{name}") == 0 else re.sub(b"#sha256=[0-9a-f]+", b"", page)
        self.assertIn("installer did not do its work", self.prepare("uvx", "hello-server", status=1))
        self.assertEqual((self.prepared(), self.left()), ([], []))

    def test_only_wheels_unless_asked(self):
        """What would run code of its own is not built; where it is asked for, the code is held to the same policy."""
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            outside = self.user.home / "outside"
            self.addCleanup(outside.unlink, missing_ok=True)
            acts = (f"import socket, sys\nfor act in (lambda: socket.create_connection(('127.0.0.1', {port}), 2), lambda: open({str(outside)!r}, 'w')):\n"
                    "    try:\n        act(); print('act done', file=sys.stderr)\n    except OSError as error:\n        print('act denied', error, file=sys.stderr)\n")
            built = wheel("hello-server", "1.0", {"hello_server.py": SERVER.replace("VERSION", "1.0")}, {"hello-server": "hello_server:main"})
            self.registry.offer("hello-server", source("hello-server", "1.0", acts, built))
            self.assertIn("No matching distribution", self.prepare("uvx", "hello-server", status=1))
            self.assertEqual(self.prepared(), [])
            # Control: the same acts, not held.
            control = self.user.run(["/usr/bin/python3", "-c", acts])
            self.assertEqual(control.stderr.count("act done"), 2, control.stderr)
            other.settimeout(5)
            other.accept()[0].close()
            outside.unlink()
            self.control("prepare", "--scripts", "--index", self.registry.url + "/simple/", "--", "uvx", "hello-server")
            self.assertEqual(self.says("uvx", "hello-server"), "version 1.0")
            self.assertTrue([body["scripts"] for body in self.log("preparation")][-1])
            # The code ran: what it tried is in the log of what the kernel denied, and nothing arrived before our own sentinel.
            self.assertTrue(any(str(port) in json.dumps(body) for body in self.log("kernel-denial")), self.log("kernel-denial"))
            self.assertFalse(outside.exists())
            with socket.create_connection(("127.0.0.1", port)) as sentinel:
                accepted, peer = other.accept()
                accepted.close()
                self.assertEqual(peer, sentinel.getsockname())

    def test_bad_wheels(self):
        for number, (files, scripts) in enumerate([({"../../outside.py": "x"}, {}), ({"/tmp/outside.py": "x"}, {}), ({"hello_server.py": SERVER}, {"../outside": "hello_server:main"}),
                                                   ({"hello_server.py": SERVER}, {"other": "hello_server:main"})]):
            with self.subTest(number):
                self.registry.offer("hello-server", wheel("hello-server", "1.0", files, scripts))
                said = self.prepare("uvx", "hello-server", status=1)
                self.assertEqual(self.prepared(), [], said)
                self.assertFalse(list(self.user.home.rglob("outside*")), said)

    def test_odd_names(self):
        for words in (["uvx", "--", "--help"], ["uvx", "-r", "x"], ["uvx", "a b"], ["uvx", "../x"], ["uvx", "git+https://example.org/x"], ["npx", "-y", "-c", "id"],
                      ["docker", "run", "x"], ["uvx", "hello-server;x"], ["uvx", "hello-server@$(id)"]):
            with self.subTest(words):
                self.prepare(*words, status=1)
        self.assertEqual(self.registry.asked, [])
        self.assertIn("asks another daemon to start a container", self.control("wrap", "--policy", "time", "--", "docker", "run", "-i", "mcp/time", status=125))

    def test_killed_at_any_moment(self):
        """Afterwards there is what was there before, or all of it; and whoever comes next finds no hindrance."""
        self.offer("1.0")
        self.prepare("uvx", "hello-server")
        self.offer("2.0")
        began = time.monotonic()
        whole = self.user.start([self.stage.sandboxctl, "prepare", "--index", self.registry.url + "/simple/", "--", "uvx", "hello-server"],
                                self.environment_of_user(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.assertEqual(whole.wait(120), 0)
        took = time.monotonic() - began
        self.control("prepare", "--remove", re.search(r"hello-server-2\.0-\S+", self.control("prepare", "--list"))[0])
        outcomes = set()
        moments = 12 if is_long() else 3
        for step in range(moments):
            process = self.user.start([self.stage.sandboxctl, "prepare", "--index", self.registry.url + "/simple/", "--", "uvx", "hello-server"],
                                      self.environment_of_user(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                process.wait(took * (step + 0.5) / moments)
            except subprocess.TimeoutExpired:
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
            until(lambda: not self.stage.own_processes(), 20, "the end of the installer's session")
            listed = self.control("prepare", "--list")
            outcomes.add(listed.count("as it was prepared"))
            self.assertIn("hello-server-1.0-", listed)
            self.assertEqual(self.says("uvx", "hello-server@1.0"), "version 1.0")
            if "hello-server-2.0-" in listed:
                self.control("prepare", "--remove", re.search(r"hello-server-2\.0-\S+", listed)[0])
        self.assertIn(1, outcomes)
        self.assertIn("prepared hello-server 2.0", self.prepare("uvx", "hello-server"))
        self.assertEqual(self.left(), [])

    def test_two_at_once(self):
        self.offer()
        both = [self.user.start([self.stage.sandboxctl, "prepare", "--index", self.registry.url + "/simple/", "--", "uvx", "hello-server"],
                                self.environment_of_user(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
        said = [process.communicate(timeout=180) for process in both]
        self.assertEqual([process.returncode for process in both], [0, 0], said)
        self.assertEqual(sorted(out.startswith("prepared") for out, _ in said), [False, True], said)
        self.assertEqual(len(self.prepared()), 1)

    def test_as_root_for_everybody(self):
        """What root prepares belongs to root, was made by a session's own user, and is started by others."""
        self.offer()
        state = self.stage.root / "roots"
        self.addCleanup(shutil.rmtree, state, ignore_errors=True)
        environment = {"PATH": os.environ["PATH"], "XDG_STATE_HOME": str(state), "SANDBOXD_SOCKET": str(self.stage.daemon.socket)}
        done = subprocess.run([self.stage.sandboxctl, "prepare", "--index", self.registry.url + "/simple/", "--", "uvx", "hello-server"],
                              env=environment, capture_output=True, text=True, timeout=120, cwd="/")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        tree = next(state.glob("sandboxd/prepared/pypi/*/bin")).parent
        for path in [tree, *tree.rglob("*")]:
            facts = path.lstat()
            self.assertEqual((facts.st_uid, facts.st_gid), (0, 0), path)
            self.assertTrue(path.is_symlink() or facts.st_mode & 0o7022 == 0, path)
        launches = self.log("launch")[-2:]
        self.assertTrue(all(body["user"]["uid"] not in (0, self.user.uid) for body in launches), launches)

    def test_offline(self):
        """From wheels in a directory, without a network; also without a daemon."""
        wheels = self.user.home / "wheels"
        wheels.mkdir()
        self.addCleanup(shutil.rmtree, wheels)
        name, content = wheel("hello-server", "1.0", {"hello_server.py": SERVER.replace("VERSION", "1.0")}, {"hello-server": "hello_server:main"})
        (wheels / name).write_bytes(content)
        said = self.control("prepare", "--from-directory", wheels, "--", "uvx", "hello-server")
        self.assertIn("prepared hello-server 1.0", said)
        self.assertEqual(self.registry.asked, [])
        self.assertEqual(self.says("uvx", "hello-server"), "version 1.0")
        shutil.rmtree(self.state)
        said = self.control("prepare", "--from-directory", wheels, "--", "uvx", "hello-server", SANDBOXD_SOCKET="none")
        self.assertIn("prepared hello-server 1.0", said)
        # Addresses are held by the daemon alone.
        refused = self.prepare("uvx", "hello-server", status=3, SANDBOXD_SOCKET="none")
        self.assertIn("--from-directory DIRECTORY", refused)
        self.assertEqual(self.registry.asked, [])


SCRIPT = """#!/usr/bin/env node
require('readline').createInterface({input: process.stdin}).on('line', line => {
  const asked = JSON.parse(line);
  const answer = asked.method === 'initialize' ? {protocolVersion: asked.params.protocolVersion, capabilities: {tools: {}}, serverInfo: {name: 'n', version: 'VERSION'}}
    : asked.method === 'tools/list' ? {tools: [{name: 'hello', inputSchema: {type: 'object'}}]}
    : asked.method === 'tools/call' ? {content: [{type: 'text', text: 'version VERSION'}]} : null;
  if (answer) console.log(JSON.stringify({jsonrpc: '2.0', id: asked.id, result: answer}));
});
"""

NODE_POLICY = """sandboxd: 1
name: hello
include: [runtime-node, runtime-npm]
tools: {pins: first-seen, rules: [{id: hello, tools: [hello], effect: allow}]}
"""


@unittest.skipUnless(os.path.exists("/usr/bin/node") and os.path.exists("/usr/bin/npm"), "there is no node with npm in /usr/bin")
class NpmTests(PreparingTests):
    """A registry of the test's own."""

    policy_text = NODE_POLICY
    registry_name = "npm"

    def prepare(self, *words, status=0, **more) -> str:
        return self.control("prepare", "--index", self.registry.url + "/", "--", *words, status=status, **more)

    def publish(self, name="@test/hello", version="1.0.0", files=None, integrity=None, links=None, **manifest):
        manifest = {"bin": {"hello": "index.js"}} | manifest
        about = json.dumps({"name": name, "version": version, **manifest}).encode()
        files = {"package/package.json": about, "package/index.js": SCRIPT.replace("VERSION", version).encode()} | (files or {})
        self.registry.publish(name, version, package(files, links), integrity, **manifest)

    def test_prepared_and_started(self):
        self.registry.publish("dependency", "2.0.0", package({"package/package.json": b'{"name": "dependency", "version": "2.0.0"}', "package/index.js": b""}))
        self.publish(dependencies={"dependency": "^2.0.0"})
        self.assertIn("`sandboxctl prepare -- npx -y @test/hello`", self.control("wrap", "--policy", "everything", "--", "npx", "-y", "@test/hello", "x", status=125))
        said = self.prepare("npx", "-y", "@test/hello")
        self.assertIn("prepared @test/hello 1.0.0: 2 packages", said)
        self.assertEqual(self.says("npx", "-y", "@test/hello"), "version 1.0.0")
        receipt = self.log("preparation")[-1]
        self.assertEqual({(part["name"], part["version"]) for part in receipt["parts"]}, {("@test/hello", "1.0.0"), ("dependency", "2.0.0")})
        self.assertTrue(all(part["hash"].startswith("sha512:") for part in receipt["parts"]))
        program = next((self.state / "sandboxd/prepared/npm").glob("*/node_modules/@test/hello/index.js"))
        program.chmod(0o755)
        self.assertIn("index.js` was changed", self.control("wrap", "--policy", self.written_policy(NODE_POLICY), "--", "npx", "@test/hello", status=125))

    def test_scripts_do_not_run(self):
        """The same package, installed by npm itself, does run its script."""
        outside = self.user.home / "outside"
        self.publish(scripts={"postinstall": f"touch {outside}", "preinstall": f"touch {outside}"}, hasInstallScript=True)
        self.prepare("npx", "-y", "@test/hello")
        self.assertEqual(self.says("npx", "-y", "@test/hello"), "version 1.0.0")
        self.assertFalse(outside.exists())
        control = self.user.home / "control"
        control.mkdir()
        os.chown(control, self.user.uid, self.user.gid)
        self.addCleanup(shutil.rmtree, control)
        self.addCleanup(shutil.rmtree, self.user.home / ".npm", ignore_errors=True)
        done = self.user.run(["npm", "install", "--registry", self.registry.url, "--no-audit", "@test/hello"], cwd=control, timeout=120)
        self.assertTrue(outside.exists(), done.stdout + done.stderr)
        outside.unlink()

    def test_what_lies_is_refused(self):
        outside = self.user.home / "outside"
        other = Registry()
        self.addCleanup(other.close)
        wrong = "sha512-" + "A" * 86 + "=="
        cases = {
            "a hash that is not the archive's": lambda: self.publish(integrity=wrong),
            "no hash that is one": lambda: self.publish(integrity="md5-AAAAAAAAAAAAAAAAAAAAAA=="),
            "a name that is no package's": lambda: self.publish(dependencies={"--eval": "1.0.0"}),
            "a dependency by address": lambda: self.publish(dependencies={"x": other.url + "/x.tgz"}),
            "a dependency from git": lambda: self.publish(dependencies={"x": "git+https://127.0.0.1/x.git"}),
            "a dependency that is not there": lambda: self.publish(dependencies={"missing": "1.0.0"}),
            "another program": lambda: self.publish(bin={"a": "a.js", "b": "b.js"}),
        }
        for name, publish in cases.items():
            with self.subTest(name):
                self.registry.pages.clear()
                publish()
                said = self.prepare("npx", "-y", "@test/hello", status=1)
                self.assertEqual(self.prepared(), [], said)
        self.assertEqual(other.asked, [])
        for files, links in (({"package/../../../../outside": b"x"}, None), ({"../outside": b"x"}, None), ({str(outside): b"x"}, None),
                             ({"package/link/outside": b"x"}, {"package/link": str(self.user.home)})):
            with self.subTest(files):
                self.registry.pages.clear()
                shutil.rmtree(self.state, ignore_errors=True)
                self.publish(files=files, links=links)
                done = self.user.run([self.stage.sandboxctl, "prepare", "--index", self.registry.url + "/", "--", "npx", "@test/hello"],
                                     environment=self.environment_of_user(), timeout=120)
                self.assertFalse(outside.exists(), done.stdout + done.stderr)
                self.assertFalse([path for path in self.user.home.rglob("outside") if "prepared/npm" not in str(path)], done.stderr)
