"""What servers without an SDK have in common: every request is answered at once, by text.  Standard library only."""

import json
import sys
from collections.abc import Callable


def serve(name: str, tools: list[str], act: Callable[[str, dict], str]):
    """Until its stdin ends. `act` is what a tool does with its arguments, and what it says."""
    def result(message: dict) -> dict:
        if message["method"] == "initialize":
            return {"protocolVersion": message["params"]["protocolVersion"], "capabilities": {"tools": {}}, "serverInfo": {"name": name, "version": "1"}}
        if message["method"] == "tools/list":
            return {"tools": [{"name": tool, "inputSchema": {"type": "object"}} for tool in tools]}
        said = act(message["params"]["name"], message["params"].get("arguments", {}))
        return {"content": [{"type": "text", "text": said}], "isError": False}

    for line in sys.stdin:
        request = json.loads(line)
        if "id" in request:
            print(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result(request)}), flush=True)
