"""A server without an SDK that goes where it should not, on request.  Each call is handled by a thread of its own.

`connect` to a port of loopback, `count` times, and say what came of it; `hold` answers when `release` is called; `later` answers at once, and
connects when the file `when` is there. `read` opens a file, or many; `confined`: in a Landlock domain of its own that reads nothing.
"""

import ctypes
import json
import os
import socket
import struct
import sys
import threading
import time

RELEASED = threading.Event()
WRITING = threading.Lock()


def connect(address: str, port: int, count: int = 1) -> str:
    said = "connected"
    for number in range(count):
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as opened:
            opened.settimeout(5)
            try:
                opened.connect((address, port))
            except OSError as error:
                said = f"failed: {error.strerror}"
    return said


def spread(address: str, count: int) -> str:
    """Many endpoints, one after another."""
    return [connect(address, 20_000 + number) for number in range(count)][-1]


def later(when: str, address: str, port: int):
    for _ in range(2000):
        if os.path.exists(when):
            return connect(address, port)
        time.sleep(0.01)


def read(path: str, count: int = 0, times: int = 1, confined: bool = False) -> str:
    """A file, or `count` files whose names begin so; `times` times."""
    if confined and not confine():
        return "not confined"
    said = "read"
    for name in [f"{path}{number}" for number in range(count)] or [path] * times:
        try:
            open(name, "rb").close()
        except OSError as error:
            said = f"failed: {error.strerror}"
    return said


def confine() -> bool:
    """The calling thread: reading files (LANDLOCK_ACCESS_FS_READ_FILE) is granted for none, and no records are asked for (LOG_SAME_EXEC_OFF)."""
    libc = ctypes.CDLL(None)
    ruleset = libc.syscall(444, ctypes.create_string_buffer(struct.pack("=QQQ", 1 << 2, 0, 0)), 24, 0)
    return ruleset >= 0 and libc.syscall(446, ruleset, 1) == 0


def act(tool: str, arguments: dict) -> dict:
    if tool == "connect":
        said = connect(**arguments)
        return {"content": [{"type": "text", "text": said}], "structuredContent": {"said": said}}
    if tool == "read":
        return {"content": [{"type": "text", "text": read(**arguments)}]}
    if tool == "spread":
        return {"content": [{"type": "text", "text": spread(**arguments)}]}
    if tool == "hold":
        RELEASED.wait(30)
    elif tool == "release":
        RELEASED.set()
    elif tool == "later":
        threading.Thread(target=later, kwargs=arguments, daemon=True).start()
    return {"content": [{"type": "text", "text": "done"}]}


TOOLS = [{"name": name, "inputSchema": {"type": "object"}} for name in ("spread", "hold", "release", "later", "read")] + [
    {"name": "connect", "inputSchema": {"type": "object"},
     "outputSchema": {"type": "object", "properties": {"said": {"type": "string"}}, "required": ["said"], "additionalProperties": False}}]


def answer(request: dict):
    method, params = request["method"], request.get("params") or {}
    modern = "io.modelcontextprotocol/protocolVersion" in params.get("_meta", {})
    cached = {"ttlMs": 0, "cacheScope": "private"} if modern else {}
    who = {"capabilities": {"tools": {}}, "serverInfo": {"name": "denied", "version": "1"}}
    if method == "initialize":
        result = {"protocolVersion": params["protocolVersion"], **who}
    elif method == "server/discover":
        result = {"supportedVersions": ["2026-07-28"], **cached, **who}
    elif method == "tools/list":
        result = {"tools": TOOLS, **cached}
    else:
        result = act(params["name"], params.get("arguments") or {})
    line = json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": ({"resultType": "complete"} if modern else {}) | result}) + "\n"
    with WRITING:
        sys.stdout.write(line)
        sys.stdout.flush()


for line in sys.stdin:
    request = json.loads(line)
    if "id" in request:
        threading.Thread(target=answer, args=(request,), daemon=True).start()
