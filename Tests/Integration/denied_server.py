"""A server without an SDK that goes where it should not, on request.  Each call is handled by a thread of its own.

`connect` to a port of loopback, `count` times, and say what came of it; `hold` answers when `release` is called; `later` answers at once, and
connects when the file `when` is there.
"""

import json
import os
import socket
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


def act(tool: str, arguments: dict) -> dict:
    if tool == "connect":
        said = connect(**arguments)
        return {"content": [{"type": "text", "text": said}], "structuredContent": {"said": said}}
    if tool == "spread":
        return {"content": [{"type": "text", "text": spread(**arguments)}]}
    if tool == "hold":
        RELEASED.wait(30)
    elif tool == "release":
        RELEASED.set()
    elif tool == "later":
        threading.Thread(target=later, kwargs=arguments, daemon=True).start()
    return {"content": [{"type": "text", "text": "done"}]}


TOOLS = [{"name": name, "inputSchema": {"type": "object"}} for name in ("spread", "hold", "release", "later")] + [
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
