"""A server without an SDK whose one tool, `run`, runs a command and says how it ended and what it said."""

import json
import os
import subprocess
import sys


def run(argv: list, environment: dict) -> str:
    try:
        done = subprocess.run(argv, env=os.environ | environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        return json.dumps({"status": done.returncode, "out": done.stdout[-4000:], "error": done.stderr[-4000:]})
    except (OSError, subprocess.TimeoutExpired) as error:
        return json.dumps({"status": -1, "out": "", "error": repr(error)})


def result(message: dict) -> dict:
    if message["method"] == "initialize":
        return {"protocolVersion": message["params"]["protocolVersion"], "capabilities": {"tools": {}},
                "serverInfo": {"name": "running", "version": "1"}}
    if message["method"] == "tools/list":
        return {"tools": [{"name": "run", "inputSchema": {"type": "object"}}]}
    arguments = message["params"].get("arguments", {})
    return {"content": [{"type": "text", "text": run(arguments["argv"], arguments.get("environment", {}))}], "isError": False}


for line in sys.stdin:
    request = json.loads(line)
    if "id" in request:
        print(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result(request)}), flush=True)
