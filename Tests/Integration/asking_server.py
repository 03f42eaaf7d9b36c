"""A server without an SDK that offers resources, prompts, completion and logging, and asks the client for samples, answers and roots, in both
eras.  Standard library only.

Whatever it receives it writes to the file that is its first argument, one line each: the truth about what reached it.
"""

import json
import sys

LOG = open(sys.argv[1], "a", buffering=1)
WHO = {
    "capabilities": {"tools": {"listChanged": True}, "resources": {"subscribe": True, "listChanged": True}, "prompts": {"listChanged": True},
                     "completions": {}, "logging": {}},
    "serverInfo": {"name": "asking", "version": "1"},
}
QUESTIONS = {
    "sampling": ("sampling/createMessage",
                 {"messages": [{"role": "user", "content": {"type": "text", "text": "a sample, please"}}], "maxTokens": 5}),
    "elicitation": ("elicitation/create",
                    {"message": "your name?", "requestedSchema": {"type": "object", "properties": {"name": {"type": "string"}}}}),
    "roots": ("roots/list", None),
}
RESOURCES = ["file:///srv/notes/a", "file:///srv/notes/secret", "file:///etc/passwd"]
TEMPLATES = ["file:///srv/notes/{name}", "file:///etc/{name}"]
PROMPTS = ["summarise", "delete"]
CACHED = {"ttlMs": 0, "cacheScope": "public"}

waiting: dict = {}  # the server's own requests: id -> the call's id


def write(message: dict):
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def notify(method: str, params: dict):
    write({"method": method, "params": params})


def answer(id, result: dict, modern: bool, cached=False):
    write({"id": id, "result": ({"resultType": "complete"} if modern else {}) | (CACHED if modern and cached else {}) | result})


def say(id, text: str, modern: bool):
    answer(id, {"content": [{"type": "text", "text": text}]}, modern)


def question(name: str) -> dict:
    method, params = QUESTIONS[name]
    return {"method": method} | ({"params": params} if params else {})


def ask(id, params: dict, modern: bool):
    """The tool `ask`: its result is what the client answered."""
    name = params["arguments"]["for"]
    if not modern:
        waiting[f"q-{id}"] = id
        return write({"id": f"q-{id}", **question(name)})
    if "inputResponses" in params:
        return say(id, json.dumps(params["inputResponses"][name]), modern)
    write({"id": id, "result": {"resultType": "input_required", "inputRequests": {name: question(name)}, "requestState": f"state of {name}"}})


def call(id, params: dict, modern: bool):
    tool = params["name"]
    if tool == "ask":
        return ask(id, params, modern)
    if tool == "log":
        notify("notifications/message", {"level": "info", "data": "a line of the log"})
    if tool == "change":
        changed(waiting.get("listen"), modern)
    say(id, "done", modern)


def changed(stream, modern: bool):
    meta = {"_meta": {"io.modelcontextprotocol/subscriptionId": stream}} if stream is not None else {}
    for uri in RESOURCES:
        notify("notifications/resources/updated", meta | {"uri": uri})
    notify("notifications/prompts/list_changed", meta)


def complete(id, params: dict, modern: bool):
    answer(id, {"completion": {"values": [params["argument"]["value"] + "-completed"]}}, modern)


def listen(id, params: dict):
    waiting["listen"] = id
    meta = {"_meta": {"io.modelcontextprotocol/subscriptionId": id}}
    notify("notifications/subscriptions/acknowledged", meta | {"notifications": params["notifications"]})
    changed(id, True)


def request(id, method: str, params: dict):
    modern = "io.modelcontextprotocol/protocolVersion" in params.get("_meta", {})
    if method == "initialize":
        answer(id, {"protocolVersion": params["protocolVersion"], **WHO}, False)
    elif method == "server/discover":
        answer(id, {"supportedVersions": ["2026-07-28"], **WHO}, True, cached=True)
    elif method == "tools/list":
        names = ["ask", "log", "change"]
        answer(id, {"tools": [{"name": name, "inputSchema": {"type": "object"}} for name in names]}, modern, cached=True)
    elif method == "tools/call":
        call(id, params, modern)
    elif method == "resources/list":
        answer(id, {"resources": [{"uri": uri, "name": uri} for uri in RESOURCES]}, modern, cached=True)
    elif method == "resources/templates/list":
        answer(id, {"resourceTemplates": [{"uriTemplate": uri, "name": uri} for uri in TEMPLATES]}, modern, cached=True)
    elif method == "resources/read":
        answer(id, {"contents": [{"uri": params["uri"], "text": "contents of " + params["uri"]}]}, modern, cached=True)
    elif method in ("resources/subscribe", "resources/unsubscribe", "logging/setLevel"):
        answer(id, {}, modern)
    elif method == "prompts/list":
        answer(id, {"prompts": [{"name": name} for name in PROMPTS]}, modern, cached=True)
    elif method == "prompts/get":
        content = {"type": "text", "text": "prompt " + params["name"]}
        answer(id, {"messages": [{"role": "user", "content": content}]}, modern)
    elif method == "completion/complete":
        complete(id, params, modern)
    elif method == "subscriptions/listen":
        listen(id, params)
    else:
        write({"id": id, "error": {"code": -32601, "message": f"no {method}"}})


for received in sys.stdin:
    LOG.write(received)
    message = json.loads(received)
    if "method" in message and "id" in message:
        request(message["id"], message["method"], message.get("params") or {})
    elif message.get("id") in waiting:
        say(waiting.pop(message["id"]), json.dumps(message.get("result") or message.get("error")), False)
