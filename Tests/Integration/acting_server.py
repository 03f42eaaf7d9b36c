"""A server without an SDK whose tools act on the host: `write` a file, `connect` to a port of loopback, `delete_all`, which does nothing."""

import json
import socket
import sys


def act(tool: str, arguments: dict) -> str:
    try:
        if tool == "write":
            with open(arguments["path"], "w", encoding="utf-8") as file:
                file.write("written")
        elif tool == "connect":
            socket.create_connection(("127.0.0.1", arguments["port"]), 5).close()
        return "done"
    except OSError as error:
        return f"failed: {error.strerror}"


def result(message: dict) -> dict:
    if message["method"] == "initialize":
        return {"protocolVersion": message["params"]["protocolVersion"], "capabilities": {"tools": {}},
                "serverInfo": {"name": "acting", "version": "1"}}
    if message["method"] == "tools/list":
        return {"tools": [{"name": name, "inputSchema": {"type": "object"}} for name in ("write", "connect", "delete_all")]}
    said = act(message["params"]["name"], message["params"].get("arguments", {}))
    return {"content": [{"type": "text", "text": said}], "isError": False}


for line in sys.stdin:
    request = json.loads(line)
    if "id" in request:
        print(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result(request)}), flush=True)
