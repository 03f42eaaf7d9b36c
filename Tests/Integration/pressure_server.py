"""A server without an SDK that answers in order, as large, as late and as loud as it is told to.  Standard library only."""

import json
import sys
import time

received: list[int] = []


def write(message: dict):
    sys.stdout.write(json.dumps(message, separators=(",", ":")) + "\n")


def call(name: str, arguments: dict) -> str:
    if name == "received":
        return json.dumps(received)
    received.append(arguments["n"])
    time.sleep(arguments.get("pause", 0))
    for number in range(arguments.get("flood", 0)):
        write({"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": [number, "f" * 1_000]}})
    return "x" * arguments.get("size", 1)


def answer(request: dict) -> dict:
    params = request.get("params") or {}
    if request["method"] == "initialize":
        who = {"capabilities": {"tools": {}, "logging": {}}, "serverInfo": {"name": "pressure", "version": "1"}}
        return {"protocolVersion": params["protocolVersion"]} | who
    return {"content": [{"type": "text", "text": call(params["name"], params["arguments"])}]}


for line in sys.stdin:
    request = json.loads(line)
    if "id" in request:
        write({"jsonrpc": "2.0", "id": request["id"], "result": answer(request)})
        sys.stdout.flush()
