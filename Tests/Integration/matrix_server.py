"""The three tools of the wire suite on the official SDK, of either generation, and one that tells which of them ran."""

import sys

try:
    from mcp.server.mcpserver import MCPServer as Server
except ImportError:
    from mcp.server.fastmcp import FastMCP as Server

server = Server("matrix")
RAN: list[str] = []


def ran(name: str) -> str:
    RAN.append(name)
    print(f"ran {name}", file=sys.stderr, flush=True)
    return name


@server.tool()
def ok() -> str:
    """Allowed."""
    return ran("ok")


@server.tool()
def never() -> str:
    """Denied."""
    return ran("never")


@server.tool()
def echo(path: str = "") -> str:
    """Allowed for some paths."""
    return ran("echo")


@server.tool()
def control() -> str:
    """What ran since the last time."""
    told = " ".join(RAN)
    RAN.clear()
    return told or "nothing"


server.run()
