"""A small MCP server on the official SDK (2.x) that remembers what it was told to do, for tests of calls that wait for a person."""

import json
import sys

from mcp.server.mcpserver import MCPServer

server = MCPServer("till")
done: list = []


@server.tool()
def refund(amount: float, note: str = "") -> str:
    """Gives money back."""
    done.append(amount)
    print(f"refunded {amount:g}", file=sys.stderr, flush=True)
    return f"refunded {amount:g}"


@server.tool()
def seen() -> str:
    """What was done so far."""
    return json.dumps(done)


server.run("stdio")
