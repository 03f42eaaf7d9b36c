"""Secrets that are searched for in everything that was written, in every form in which they could have got there."""

import base64
import io
import json
import os
import secrets
import sqlite3
import urllib.parse
from contextlib import closing
from pathlib import Path


class Canary:
    """A text that nothing but its channel knows, and the forms that are looked for."""

    def __init__(self, channel: str):
        self.channel, self.text = channel, f"cnry{channel}{secrets.token_hex(12)}"

    def forms(self) -> dict[str, bytes]:
        """By name. Those that may be written in either case are given in lower case, and looked for so."""
        raw = self.text.encode()
        found = {"raw": raw, "utf-16-le": self.text.encode("utf-16-le"), "utf-16-be": self.text.encode("utf-16-be")}
        for alignment in range(3):
            encoded = base64.b64encode(bytes(alignment) + raw)
            # What stands before, and what may follow, decides the characters at both ends.
            start, end = -(-8 * alignment // 6), 8 * (alignment + len(raw)) // 6
            found[f"base64 at {alignment}"] = encoded[start:end]
            found[f"base64url at {alignment}"] = base64.urlsafe_b64encode(bytes(alignment) + raw)[start:end]
        return found

    def caseless_forms(self) -> dict[str, bytes]:
        raw = self.text.encode()
        return {"hex": raw.hex().encode(), "percent": "".join(f"%{byte:02x}" for byte in raw).encode(),
                "json": "".join(f"\\u{byte:04x}" for byte in raw).encode(), "escaped": "".join(f"\\u{{{byte:x}}}" for byte in raw).encode(),
                "C": "".join(f"\\x{byte:02x}" for byte in raw).encode()}

    def found_in(self, data: bytes, lower: bytes) -> list[str]:
        return [name for name, form in self.forms().items() if form in data] + \
               [name for name, form in self.caseless_forms().items() if form in lower]


class Search:
    """What was found where: `hits` has (place, channel, form)."""

    largest = 64 << 20

    def __init__(self, canaries: list[Canary]):
        self.canaries, self.hits, self.looked_at = canaries, [], 0

    def bytes(self, place: str, data: bytes):
        self.looked_at += 1
        lower = data.lower()
        for canary in self.canaries:
            self.hits += [(place, canary.channel, form) for form in canary.found_in(data, lower)]

    def file(self, path: Path):
        if path.stat().st_size > self.largest:
            raise RuntimeError(f"{path} is too large to be searched")
        data = path.read_bytes()
        self.bytes(str(path), data)
        self.bytes(f"the name of {path}", str(path).encode())
        if data.startswith(b"SQLite format 3\0"):
            self.database(path)
        if data.startswith(b"{") and b"payloadType" in data:
            self.bytes(f"what {path} signs", base64.b64decode(json.loads(data)["payload"]))

    def database(self, path: Path):
        """As it is read with what is in its journal; pages may part a text."""
        with closing(sqlite3.connect(f"file:{urllib.parse.quote(str(path))}?mode=ro", uri=True)) as connection:
            written = io.StringIO()
            for (table,) in connection.execute("select name from sqlite_master where type = 'table'").fetchall():
                for row in connection.execute(f'select * from "{table}"'):
                    written.write("".join(f"{bytes(value).hex() if isinstance(value, bytes) else value}\n" for value in row))
            self.bytes(f"rows of {path}", written.getvalue().encode(errors="surrogateescape"))

    def tree(self, root: Path, without: tuple[Path, ...] = ()):
        for directory, _, names in os.walk(root):
            for name in names:
                path = Path(directory, name)
                if path.is_file() and not path.is_symlink() and not any(path.is_relative_to(other) for other in without):
                    try:
                        self.file(path)
                    except FileNotFoundError:
                        continue  # it was removed meanwhile

    def channels(self) -> set[str]:
        return {channel for _, channel, _ in self.hits}
