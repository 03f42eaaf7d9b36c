"""A small MCP server on the official SDK (2.x) with tools for what rules ask of arguments: each says what it was given."""

import json

from mcp.server.mcpserver import MCPServer

server = MCPServer("shop")


@server.tool()
def refund(amount: float, card: dict) -> str:
    """Gives money back."""
    return json.dumps({"amount": amount, "card": card})


@server.tool()
def read_note(path: str, tags: list[str] | None = None) -> str:
    """Reads a note."""
    return json.dumps({"path": path, "tags": tags})


@server.tool()
def look(what: str = "") -> str:
    """Looks around."""
    return what


@server.tool()
def delete_note(path: str) -> str:
    """Must never be called."""
    return "deleted"


server.run("stdio")
