"""A server without an SDK that answers nothing but its own test, keeps what else it gets, and writes what it is told to.

Requests whose id is text that begins with `control-` are the test's; their one tool, `control`, takes `emit`, a line of the wire suite that is
written as it is, `settle`, which answers all that was asked and not answered, or nothing; its answer is what was received meanwhile. What was
received until the end is said on stderr. Standard library only.
"""

import json
import os
import sys

from wire_text import line_bytes

RECEIVED: list[bytes] = []
UNANSWERED: list = []


def write(data: bytes):
    while data:
        data = data[os.write(1, data) :]


def answer(id, result: dict):
    write(json.dumps({"jsonrpc": "2.0", "id": id, "result": result}).encode() + b"\n")


def readable(line: bytes) -> str:
    """A long line would not come back in one message."""
    return line.decode("utf-8", "replace") if len(line) < 10_000 else f"{len(line)} bytes"


def control(id, arguments: dict, modern: bool):
    if "emit" in arguments:
        write(line_bytes(arguments["emit"], arguments["version"]) + b"\n")
    if arguments.get("settle"):
        for unanswered in UNANSWERED:
            write(json.dumps({"jsonrpc": "2.0", "id": unanswered, "error": {"code": -1, "message": "settled"}}).encode() + b"\n")
        UNANSWERED.clear()
    text = json.dumps([readable(line) for line in RECEIVED])
    RECEIVED.clear()
    answer(id, ({"resultType": "complete"} if modern else {}) | {"content": [{"type": "text", "text": text}]})


def serve(request: dict):
    id, method, params = request["id"], request["method"], request.get("params", {})
    modern = "io.modelcontextprotocol/protocolVersion" in params.get("_meta", {})
    if method == "initialize":
        answer(id, {"protocolVersion": params["protocolVersion"], "capabilities": {"tools": {}}, "serverInfo": {"name": "recording", "version": "1"}})
    elif method == "tools/call":
        control(id, params["arguments"], modern)


def receive(line: bytes):
    message = json.loads(line)
    id = message.get("id")
    if isinstance(id, str) and id.startswith("control-"):
        return serve(message)
    if "control" in message.get("params", {}).get("_meta", {}):
        return None
    RECEIVED.append(line)
    if "method" in message and "id" in message:
        UNANSWERED.append(id)


for received in sys.stdin.buffer:
    if not received.endswith(b"\n"):
        RECEIVED.append(received)
        break
    # A gate that forwards what is no message has failed, and the test sees that it was received.
    try:
        message = received[:-1]
        document = json.loads(message)
        if isinstance(document, list):
            RECEIVED.append(message)
        else:
            receive(message)
    except ValueError:
        RECEIVED.append(message)
print("received until the end: " + json.dumps([readable(line) for line in RECEIVED]), file=sys.stderr, flush=True)
