"""A server without an SDK whose one tool, `ask`, asks a sandboxd of its session's user something, and says what came back.  Standard library only."""

import json
import socket
import sys

QUESTIONS = {"sessions": "io.sandboxd.ListSessions", "approvals": "io.sandboxd.ListApprovals", "budgets": "io.sandboxd.ListBudgets"}


def ask(path: str, question: str) -> str:
    """The answer over the control API, or the error that kept it away."""
    try:
        with socket.socket(socket.AF_UNIX) as asking:
            asking.settimeout(5)
            asking.connect(path)
            asking.sendall(json.dumps({"method": QUESTIONS[question], "parameters": {}}).encode() + b"\0")
            reply = b""
            while not reply.endswith(b"\0"):
                part = asking.recv(1 << 16)
                if not part:
                    return "hung up"
                reply += part
            return reply[:-1].decode()
    except OSError as error:
        return f"error {error.errno}"


def answer(request: dict) -> dict:
    params = request.get("params") or {}
    if request["method"] == "initialize":
        who = {"capabilities": {"tools": {}}, "serverInfo": {"name": "asking", "version": "1"}}
        return {"protocolVersion": params["protocolVersion"]} | who
    if request["method"] == "tools/list":
        return {"tools": [{"name": "ask", "description": "asks", "inputSchema": {"type": "object"}}]}
    return {"content": [{"type": "text", "text": ask(**params["arguments"])}]}


def main():
    if len(sys.argv) > 1:
        return print(ask(*sys.argv[1:]))
    for line in sys.stdin:
        request = json.loads(line)
        if "id" in request:
            print(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": answer(request)}), flush=True)


main()
