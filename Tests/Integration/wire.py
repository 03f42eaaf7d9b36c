"""Speaks MCP without an SDK: what an SDK would never send, and what it would not show."""

import json
import os
import selectors
import signal
import subprocess
import tempfile
import time
from pathlib import Path

MODERN = "2026-07-28"
LEGACY = "2025-11-25"


class Closed(Exception):
    """The other side's stdout ended."""


class Wire:
    """A process that speaks MCP on its stdio, and the lines that come from it."""

    def __init__(self, command, start=subprocess.Popen, version: str = LEGACY, **options):
        self.errors = tempfile.TemporaryFile()
        self.process = start([str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, bufsize=0, **options)
        self.version, self.buffer, self.next_id, self.others = version, b"", 0, []
        self.capabilities: dict = {}  # what this client says that it can do
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stdout, selectors.EVENT_READ)

    # Lines

    def send(self, message):
        """A message, or bytes as they are."""
        line = message if isinstance(message, bytes) else json.dumps(message).encode() + b"\n"
        self.process.stdin.write(line)

    def receive(self, timeout: float = 20):
        """The next line's message."""
        return json.loads(self.receive_line(timeout))

    def receive_line(self, timeout: float = 20) -> bytes:
        """The next line without its end."""
        deadline = time.monotonic() + timeout
        while b"\n" not in self.buffer:
            if not self.selector.select(max(0, deadline - time.monotonic())):
                raise TimeoutError(f"no line within {timeout} s; stderr: {self.said()}")
            chunk = os.read(self.process.stdout.fileno(), 1 << 16)
            if not chunk:
                raise Closed(self.said())
            self.buffer += chunk
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line

    def said(self) -> str:
        """All of stderr so far."""
        return os.pread(self.errors.fileno(), 1 << 20, 0).decode(errors="replace")

    # Requests

    def message(self, method: str, params: dict | None = None, id=None) -> dict:
        params = dict(params or {})
        if self.version == MODERN:
            params["_meta"] = {"io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": self.capabilities}
        return {"jsonrpc": "2.0"} | ({"id": id} if id is not None else {}) | {"method": method, "params": params}

    def ask(self, method: str, params: dict | None = None) -> int:
        """Sends a request; its id."""
        self.next_id += 1
        self.send(self.message(method, params, self.next_id))
        return self.next_id

    def answer(self, id, timeout: float = 20) -> dict:
        """The answer with that id; what came before it goes to `others`."""
        for at, message in enumerate(self.others):
            if message.get("id") == id and "method" not in message:
                return self.others.pop(at)
        while True:
            message = self.receive(timeout)
            if message.get("id") == id and "method" not in message:
                return message
            self.others.append(message)

    def request(self, method: str, params: dict | None = None, timeout: float = 20) -> dict:
        return self.answer(self.ask(method, params), timeout)

    def begin(self, timeout: float = 20) -> dict:
        """The handshake of the era."""
        if self.version == MODERN:
            return self.request("server/discover", timeout=timeout)
        introduction = {"protocolVersion": self.version, "capabilities": self.capabilities, "clientInfo": {"name": "wire", "version": "1"}}
        welcome = self.request("initialize", introduction, timeout)
        if "result" in welcome:
            self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return welcome

    def call(self, tool: str, timeout: float = 20, **arguments) -> dict:
        return self.request("tools/call", {"name": tool, "arguments": arguments}, timeout)

    def text(self, tool: str, timeout: float = 20, **arguments) -> str:
        """The text of the tool's result."""
        result = self.call(tool, timeout, **arguments)["result"]
        return "\n".join(part["text"] for part in result["content"] if part["type"] == "text")

    # Ending

    def close(self, timeout: float = 20) -> int:
        """Closes stdin, as a client does that has finished; the exit status."""
        if not self.process.stdin.closed:
            self.process.stdin.close()
        try:
            status = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"still running {timeout} s after stdin was closed; stderr: {self.said()}") from None
        finally:
            self.end()
        return status

    def end(self):
        """Kills the process, if it still runs, and lets go of everything."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.selector.close()
        self.process.stdout.close()
        if not self.process.stdin.closed:
            try:
                self.process.stdin.close()
            except BrokenPipeError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()
        self.errors.close()
