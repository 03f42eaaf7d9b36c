"""What shells offer for command lines of sandboxctl, asked of the shells themselves; and the pages of the manual."""

import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from stage import required

# What is typed, some of what is offered, and what is not.
LINES = [
    ("sandboxctl re", {"receipts"}, {"wrap"}),
    ("sandboxctl receipts ver", {"verify"}, {"receipts"}),
    ("sandboxctl receipts verify --che", {"--checkpoint"}, {"--policy"}),
    ("sandboxctl wrap --po", {"--policy"}, {"--checkpoint"}),
    ("sandboxctl wrap --policy ti", {"time"}, {"--help"}),
    ("sandboxctl wrap --policy own-no", {"own-notes"}, {"time"}),
    ("sandboxctl receipts export --format ", {"sarif", "in-toto", "acta", "journal"}, {"a-file"}),
    ("sandboxctl receipts verify a-fi", {"a-file"}, {"verify"}),
    ("sandboxctl completions ", {"bash", "zsh", "fish"}, {"a-file"}),
    ("sandboxctl wrap --policy time -- sandbox-te", {"sandbox-test-program"}, {"--policy"}),
]

BASH = """
. "$1"
read -ra COMP_WORDS <<<"$2"
[ "${2: -1}" != ' ' ] || COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_sandboxctl
printf '%s\\n' "${COMPREPLY[@]}"
"""
FISH = 'source $argv[1]; complete -C $argv[2]'
# A terminal of zsh's own: it completes nothing without one.
ZSH = """
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1=''; PATH=$PATH; fpath=(${1:h} \\$fpath); autoload -Uz compinit; compinit -u -D; LISTMAX=10000; stty columns 200; bindkey '^I' list-choices; print READY-$((1+1))"
zpty -r shell out '*READY-2*'
zpty -w -n shell "$2"$'\\t'
sleep $3
zpty -w -n shell $'\\x15'
zpty -w shell "print DONE-\\$((1+1))"
zpty -r shell out '*DONE-2*'
print -r -- "$out"
"""


class ShellTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.program = required("SANDBOXD_BIN") / "sandboxctl"
        cls.kept = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.kept.cleanup)
        cls.home = Path(cls.kept.name)
        (cls.home / ".sandboxd").mkdir()
        (cls.home / ".sandboxd/own-notes.yaml").write_text("sandboxd: 1\n")
        (cls.home / "a-file").write_text("")
        (cls.home / "bin").mkdir()
        tool = cls.home / "bin/sandbox-test-program"
        tool.write_text("#!/bin/sh\n")
        tool.chmod(0o755)

    def script(self, shell: str) -> Path:
        """As the package installs it."""
        path = self.home / {"bash": "sandboxctl", "zsh": "_sandboxctl", "fish": "sandboxctl.fish"}[shell]
        path.write_bytes(subprocess.run([self.program, "completions", shell], check=True, capture_output=True).stdout)
        return path

    def offered(self, shell: str, line: str, there: set[str]) -> set[str]:
        """zsh lists when it gets to it: it is waited for, the longer the more often nothing came."""
        for seconds in (0.5, 2, 8) if shell == "zsh" else (0,):
            offered = self.asked(shell, line, seconds)
            if there <= offered:
                break
        return offered

    def asked(self, shell: str, line: str, seconds: float) -> set[str]:
        program, text, option = {"bash": ("bash", BASH, ["--norc", "-c"]), "zsh": ("zsh", ZSH, ["-f", "-c"]), "fish": ("fish", FISH, ["-c"])}[shell]
        words = [text, *([] if shell == "fish" else [shell]), str(self.script(shell)), line, str(seconds)]
        environment = {"PATH": f"{self.home}/bin:/usr/bin:/bin", "HOME": str(self.home), "TERM": "dumb", "LC_ALL": "C.UTF-8"}
        ran = subprocess.run([program, *option, *words], cwd=self.home, env=environment, capture_output=True, text=True, timeout=60)
        self.assertEqual(ran.stderr, "")
        return set(ran.stdout.replace("\r", "").replace(line, " ").split())

    def test_each_shell_offers_what_the_table_has(self):
        for shell in "bash", "zsh", "fish":
            for line, there, absent in LINES:
                with self.subTest(shell=shell, line=line):
                    offered = self.offered(shell, line, there)
                    self.assertLessEqual(there, offered)
                    self.assertFalse(absent & offered, offered)

    def test_the_pages_are_well_formed_and_whole(self):
        pages = self.home / "pages"
        subprocess.run([self.program, "manual", pages], check=True)
        names = {page.name for page in pages.iterdir()}
        self.assertLessEqual({"sandboxctl.1", "sandboxctl-wrap.1", "sandboxctl-receipts-verify.1"}, names)
        linted = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", *sorted(pages.iterdir())], capture_output=True, text=True)
        self.assertEqual([line for line in linted.stdout.splitlines() if "missing date" not in line], [])
        shown = subprocess.run(["mandoc", "-T", "ascii", pages / "sandboxctl-receipts-verify.1"], check=True, capture_output=True, text=True).stdout
        self.assertIn("sandboxctl receipts verify [OPTION]... [PATH]", re.sub(".\x08", "", shown))

    def test_another_shell_is_an_error(self):
        ran = subprocess.run([self.program, "completions", "tcsh"], capture_output=True, text=True)
        self.assertEqual((ran.returncode, ran.stdout), (2, ""))
        self.assertIn("bash, zsh or fish", ran.stderr)


if __name__ == "__main__":
    unittest.main()
