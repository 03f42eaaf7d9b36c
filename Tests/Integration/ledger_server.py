"""A server without an SDK that writes down the id of each call before it answers: what it saw is in the file, whoever dies. Standard library only.

Usage: ledger_server.py FILE
"""

import json
import os
import sys

LEDGER = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def result(request: dict) -> dict | None:
    match request["method"]:
        case "initialize":
            return {"protocolVersion": request["params"]["protocolVersion"], "capabilities": {"tools": {}},
                    "serverInfo": {"name": "ledger", "version": "1"}}
        case "tools/list":
            return {"tools": []}
        case "tools/call":
            os.write(LEDGER, request["id"].encode() + b"\n")
            return {"content": []}
    return None


for line in sys.stdin.buffer:
    request = json.loads(line)
    answer = result(request)
    if answer is not None:
        # With its line's end in one write: who is killed in between has answered, or not.
        os.write(1, json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": answer}).encode() + b"\n")
