"""A server without an SDK that misbehaves on the wire as its one tool, `misbehave`, is told to.  Standard library only."""

import json
import os
import signal
import sys

PENDING = {}


def line(message) -> bytes:
    return json.dumps(message).encode() + b"\n"


def write(data: bytes):
    while data:
        data = data[os.write(1, data) :]


def result(id, members: dict, modern: bool) -> dict:
    return {"jsonrpc": "2.0", "id": id, "result": ({"resultType": "complete"} if modern else {}) | members}


def text(id, said: str, modern: bool) -> dict:
    return result(id, {"content": [{"type": "text", "text": said}], "isError": False}, modern)


def misbehave(how: str, id, modern: bool):
    good = line(text(id, how, modern))
    ways = {
        "none": good,
        "unparsable": b"this is not JSON\n" + good,
        "truncated": b'{"jsonrpc":"2.0","id":\n' + good,
        "long": b'{"jsonrpc":"2.0","method":"notifications/message","params":{"data":"' + b"x" * (8 << 20) + b'"}}\n' + good,
        "twice": good + good,
        "forged": line(text(987654, "forged", modern)) + line(text("1", "forged", modern)) + good,
        "both-result-and-error": line({**text(id, "hybrid", modern), "error": {"code": 1, "message": "hybrid"}}) + good,
        "duplicate-members": good.replace(b'"result"', b'"result":{},"result"', 1) + good,
        "not-utf-8": good.replace(how.encode(), b"\xff\xfe", 1) + good,
        "carriage-return": good[:-1] + b"\r" + good,
        "batch": b"[" + good[:-1] + b"]\n" + good,
        "request": line({"jsonrpc": "2.0", "id": 1, "method": "sampling/createMessage", "params": {"messages": [], "maxTokens": 1}}) + good,
        "deep": b'{"jsonrpc":"2.0","id":%s,"result":' % json.dumps(id).encode() + b'{"a":' * 5000 + b"{}" + b"}" * 5001 + b"\n" + good,
        "two-in-one-line": good[:-1] + b" " + good + good,
    }
    if how in ways:
        write(ways[how])
    elif how == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    elif how == "exit":
        print("going away on purpose", file=sys.stderr, flush=True)
        os._exit(7)
    elif how == "die-in-a-line":
        write(good[: len(good) // 2])
        os.kill(os.getpid(), signal.SIGKILL)
    elif how == "silence":
        PENDING[id] = modern
    elif how == "close-stdout":
        os.close(1)
    else:
        write(line(text(id, f"unknown way: {how}", modern)))


def handle(request: dict):
    id, method, params = request.get("id"), request.get("method"), request.get("params") or {}
    modern = "io.modelcontextprotocol/protocolVersion" in params.get("_meta", {})
    who = {"capabilities": {"tools": {}}, "serverInfo": {"name": "raw", "version": "1"}}
    if method == "initialize":
        write(line(result(id, {"protocolVersion": params["protocolVersion"], **who}, False)))
    elif method == "server/discover":
        write(line(result(id, {"supportedVersions": ["2026-07-28"], "ttlMs": 0, "cacheScope": "private", **who}, True)))
    elif method == "tools/list":
        tool = {"name": "misbehave", "description": "misbehave", "inputSchema": {"type": "object"}}
        write(line(result(id, {"tools": [tool], **({"ttlMs": 0, "cacheScope": "private"} if modern else {})}, modern)))
    elif method == "tools/call":
        misbehave(params["arguments"]["how"], id, modern)
    elif id is not None:
        write(line({"jsonrpc": "2.0", "id": id, "error": {"code": -32601, "message": f"no {method}"}}))


if len(sys.argv) > 1 and sys.argv[1] == "--die-at-once":
    print("cannot find my configuration", file=sys.stderr, flush=True)
    sys.exit(3)
for received in sys.stdin.buffer:
    handle(json.loads(received))
