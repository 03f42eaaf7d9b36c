"""The policies that are shipped, where servers for them are, and what their inputs may name."""

import os
import re
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

from stage import PROJECT, required

_loader = SourceFileLoader("policies_script", str(PROJECT / "scripts/policies"))
pages = module_from_spec(spec_from_loader(_loader.name, _loader))
_loader.exec_module(pages)

# Programs of servers that are run by tests, and the environment each lies in. No other policy is for a server from PyPI.
SERVERS = {"mcp-server-time": "SANDBOXD_SDK2", "mcp-server-git": "SANDBOXD_SDK2", "mcp-server-fetch": "SANDBOXD_SDK2",
           "mcp-server-sqlite": "SANDBOXD_SERVERS", "awslabs.aws-documentation-mcp-server": "SANDBOXD_SERVERS",
           "duckduckgo-mcp-server": "SANDBOXD_SERVERS"}


def program(name: str):
    return required(SERVERS[name]) / "bin" / name


# Debian's; Playwright's own are fetched from elsewhere.
BROWSER = Path("/usr/lib/chromium/chromium-headless-shell")


def playwright(profile: Path) -> list:
    """Playwright's server; its Node.js lies beside it."""
    driver = next(required("SANDBOXD_SERVERS").glob("lib/python3*/site-packages/playwright/driver"))
    flags = ["--headless", "--isolated", "--no-sandbox", "--no-webmcp", "--executable-path", BROWSER, "--output-dir", profile]
    return [driver / "node", driver / "package/lib/entry/mcp.js", *flags]


class Places:
    """What the inputs of shipped policies may name."""

    def place(self, name: str):
        """A directory of the user's."""
        path = self.user.home / name
        if not path.exists():
            path.mkdir(mode=0o755)
            os.chown(path, self.user.uid, self.user.gid)
        return path

    def git(self, repository, *words) -> str:
        done = self.user.run(["git", *(["-C", repository] if repository else []), *words])
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def repository(self, name: str = "repository"):
        """Of the user's, with one commit."""
        repository = self.user.home / name
        if not repository.exists():
            self.git(None, "init", "--quiet", "--initial-branch=main", repository)
            self.git(repository, "config", "user.name", "A")
            self.git(repository, "config", "user.email", "a@example.com")
            self.git(repository, "commit", "--quiet", "--allow-empty", "-m", "a first commit")
        return repository

    def inputs(self, text: str) -> dict:
        """For those that a policy declares."""
        known = {"repository": self.repository, "directory": lambda: self.place("databases"), "project": lambda: self.place("project"),
                 "profile": lambda: self.place("profile"), "owner": lambda: "octo", "origin": lambda: "192.0.2.10:3128",
                 "endpoint": lambda: "127.0.0.1:5432"}
        declared = re.search(r"^inputs: \{(.*)\}", text, re.MULTILINE)
        names = re.findall(r"(\w+): ", declared.group(1)) if declared else []
        return {name: known[name]() for name in names}
