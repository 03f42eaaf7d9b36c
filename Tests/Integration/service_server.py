"""A server without an SDK that tells as whom it runs and with what, and takes memory.  Standard library only."""

import json
import os
import sys


def who(_: dict) -> str:
    return f"{os.getuid()}"


def secret(_: dict) -> str:
    return os.environ.get("API_KEY", "none")


def variables(_: dict) -> str:
    return " ".join(sorted(os.environ))


def take(arguments: dict) -> str:
    held = bytearray(arguments["mebibytes"] << 20)
    for at in range(0, len(held), 4096):
        held[at] = 1
    return f"{arguments['mebibytes']}"


def speak(arguments: dict) -> str:
    print(arguments["text"], file=sys.stderr, flush=True)
    return "said"


def leave(arguments: dict) -> str:
    os._exit(arguments["status"])


def die(arguments: dict) -> str:
    os.kill(os.getpid(), arguments["signal"])
    return "alive"


def imitate(arguments: dict) -> str:
    """What `serve` would say of a good end, wherever a server can say anything; and it ends otherwise."""
    told = b'{"status":0,"text":""}'
    for number in range(256):
        for text in (b"\0" + told + b"\n", told + b"\n"):
            try:
                os.write(number, text)
            except OSError:
                pass
    os._exit(9)


TOOLS = {function.__name__: function for function in (who, secret, variables, take, speak, leave, die, imitate)}


def result(message: dict) -> dict:
    if message["method"] == "initialize":
        return {"protocolVersion": message["params"]["protocolVersion"], "capabilities": {"tools": {}}, "serverInfo": {"name": "service", "version": "1"}}
    if message["method"] == "tools/list":
        return {"tools": [{"name": name, "inputSchema": {"type": "object"}} for name in TOOLS]}
    said = TOOLS[message["params"]["name"]](message["params"].get("arguments", {}))
    return {"content": [{"type": "text", "text": said}], "isError": False}


print("the server begins", file=sys.stderr, flush=True)
for line in sys.stdin:
    request = json.loads(line)
    if "id" in request:
        print(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result(request)}), flush=True)
