"""A server without an SDK that keeps flows open: `open` one (`kind`: tcp, udp, tcp6, mapped), `send` on it, say whether it is `alive`; `connect` to a
port of loopback once; and tools that do nothing. Standard library only."""

import select
import socket

from speaking import serve

FLOWS: list[socket.socket] = []
TARGETS = {"tcp": (socket.AF_INET, socket.SOCK_STREAM, "127.0.0.1"), "udp": (socket.AF_INET, socket.SOCK_DGRAM, "127.0.0.1"),
           "tcp6": (socket.AF_INET6, socket.SOCK_STREAM, "::1"), "mapped": (socket.AF_INET6, socket.SOCK_STREAM, "::ffff:127.0.0.1")}


def opened(kind: str, port: int) -> str:
    family, type, address = TARGETS[kind]
    flow = socket.socket(family, type)
    flow.settimeout(5)
    flow.connect((address, port))
    FLOWS.append(flow)
    return str(len(FLOWS) - 1)


def alive(flow: socket.socket) -> str:
    """Whether neither an error nor an end has come."""
    if not select.select([flow], [], [], 0)[0]:
        return "alive"
    flow.setblocking(False)
    return "alive" if flow.recv(1, socket.MSG_PEEK) else "ended"


def act(tool: str, arguments: dict) -> str:
    try:
        if tool == "open":
            return opened(arguments["kind"], arguments["port"])
        if tool == "send":
            FLOWS[arguments["flow"]].send(arguments["text"].encode())
        if tool == "alive":
            return alive(FLOWS[arguments["flow"]])
        if tool == "connect":
            socket.create_connection(("127.0.0.1", arguments["port"]), 5).close()
        return "done"
    except OSError as error:
        return f"failed: {type(error).__name__}"


serve("flows", [], act)
