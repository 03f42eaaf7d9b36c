"""A small MCP server whose one tool reads the file that it is told to read."""

from mcp.server.mcpserver import MCPServer

server = MCPServer("files")


@server.tool()
def read_file(path: str) -> str:
    """Read a file."""
    try:
        with open(path) as file:
            return file.read()
    except OSError as problem:
        return f"cannot read: {problem.strerror}"


server.run("stdio")
