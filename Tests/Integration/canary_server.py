"""A server without an SDK into which secrets are put everywhere, and which puts its own everywhere.  Standard library only.

canary_server.py RECORD SECRETS [ARGUMENT]...: what it receives, its environment, its arguments and its secrets go to the file RECORD, the truth
about what reached it; the file SECRETS is JSON: `result`, `error`, `noise`, `log`, `content` and `stderr` are said where their names say, `name` is part of a tool's name and
`definition` is what the server says of itself and its tools.
"""

import json
import os
import sys

RECORD = open(sys.argv[1], "a", buffering=1)
SAID = json.load(open(sys.argv[2]))
RECORD.write(json.dumps([dict(os.environ), sys.argv, SAID]) + "\n")
TOOLS = ["keep", "no", "refund", "card", "fail", "garbage", "question", "once", "loud", f"tool-{SAID['name']}"]
waiting: dict = {}
print(f"starting with {SAID['stderr']}", file=sys.stderr, flush=True)


def write(message: dict):
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def say(id, text: str):
    write({"id": id, "result": {"content": [{"type": "text", "text": text}], "structuredContent": {"said": text}}})


def call(id, name: str):
    if name == "fail":
        return write({"id": id, "error": {"code": -32001, "message": SAID["error"], "data": {"why": SAID["error"]}}})
    if name == "garbage":
        sys.stdout.write(f"this is not JSON {SAID['noise']}\n")
        write({"id": 987654, "result": {"content": SAID["noise"]}})
        write({"method": "notifications/other", "params": {"a": SAID["noise"]}})
    if name == "loud":
        write({"method": "notifications/message", "params": {"level": "info", "data": SAID["log"]}})
        write({"method": "notifications/progress", "params": {"progressToken": SAID["log"], "progress": 1, "message": SAID["log"]}})
    if name == "question":
        waiting[f"q-{id}"] = id
        schema = {"type": "object", "properties": {"name": {"type": "string"}}}
        return write({"id": f"q-{id}", "method": "elicitation/create", "params": {"message": SAID["result"], "requestedSchema": schema}})
    say(id, SAID["result"])


def request(id, method: str, params: dict):
    if method == "initialize":
        capabilities = {"tools": {}, "resources": {}, "prompts": {}, "logging": {}}
        write({"id": id, "result": {"protocolVersion": params["protocolVersion"], "capabilities": capabilities, "instructions": SAID["definition"],
                                    "serverInfo": {"name": "canary", "version": "1"}}})
    elif method == "tools/list":
        tools = [{"name": name, "description": SAID["definition"], "inputSchema": {"type": "object"}} for name in TOOLS]
        write({"id": id, "result": {"tools": tools}})
    elif method == "tools/call":
        call(id, params["name"])
    elif method == "resources/read":
        write({"id": id, "result": {"contents": [{"uri": params["uri"], "text": SAID["content"]}]}})
    elif method == "prompts/get":
        write({"id": id, "result": {"messages": [{"role": "user", "content": {"type": "text", "text": SAID["content"]}}]}})
    else:
        write({"id": id, "error": {"code": -32601, "message": "no such method"}})


for received in sys.stdin:
    RECORD.write(received)
    message = json.loads(received)
    if "method" in message and "id" in message:
        request(message["id"], message["method"], message.get("params") or {})
    elif message.get("id") in waiting:
        say(waiting.pop(message["id"]), "answered")
