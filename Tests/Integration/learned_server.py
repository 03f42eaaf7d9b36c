"""A server without an SDK that does what it is asked, so that it can be seen doing it.  Standard library only.

`learned_server.py --needs FILE` reads a file before it answers anything, and dies where it cannot.
"""

import json
import os
import socket
import subprocess
import sys
import threading


def read(path: str) -> str:
    with open(path) as file:
        return file.read()


def write(path: str) -> str:
    with open(path, "w") as file:
        file.write("written")
    return "written"


def make(directory: str, count: int) -> str:
    for number in range(count):
        with open(f"{directory}/{number:06}", "w"):
            pass
    return str(count)


def run(program: str) -> str:
    return str(subprocess.run([program]).returncode)


def connect(port: int) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as stream:
        return stream.recv(16).decode()


def threads(count: int) -> str:
    """Threads that open at the same time."""
    all = [threading.Thread(target=lambda: [os.close(os.open("/etc/passwd", os.O_RDONLY)) for _ in range(50)]) for _ in range(count)]
    for one in all:
        one.start()
    for one in all:
        one.join()
    return str(count)


def ask(name: str, connected: bool) -> str:
    """Asks port 53 of this host for a name; nobody need answer."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    question = b"\0\1\1\0\0\1\0\0\0\0\0\0" + labels + b"\0\0\1\0\1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        if connected:
            client.connect(("127.0.0.1", 53))
            client.send(question)
        else:
            client.sendto(question, ("127.0.0.1", 53))
    return name


def filters() -> str:
    with open("/dev/null"):
        pass
    return "none"


TOOLS = {tool.__name__: tool for tool in (read, write, make, run, connect, threads, ask, filters)}


def answer(message: dict):
    id, method, params = message.get("id"), message.get("method"), message.get("params", {})
    if id is None or method is None:
        return
    if method == "initialize":
        result = {"protocolVersion": params["protocolVersion"], "capabilities": {"tools": {}}, "serverInfo": {"name": "learned", "version": "1"}}
    elif method == "tools/list":
        result = {"tools": [{"name": name, "inputSchema": {"type": "object"}} for name in TOOLS]}
    elif method == "tools/call":
        try:
            said, failed = TOOLS[params["name"]](**params.get("arguments", {})), False
        except Exception as error:
            said, failed = f"{type(error).__name__}: {error}", True
        result = {"content": [{"type": "text", "text": said}], "isError": failed}
    else:
        result = {}
    print(json.dumps({"jsonrpc": "2.0", "id": id, "result": result}), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--needs"]:
        read(sys.argv[2])
    for line in sys.stdin:
        answer(json.loads(line))
