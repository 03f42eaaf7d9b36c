"""A server without an SDK whose tools act on the host: `write` a file, `connect` to a port of loopback, `delete_all`, which does nothing."""

import socket

from speaking import serve


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


serve("acting", ["write", "connect", "delete_all"], act)
