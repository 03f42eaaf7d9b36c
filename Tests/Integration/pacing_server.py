"""A small MCP server on the official SDK (2.x) whose tools take their time: they tell their progress, give structured output, and notice that
they were cancelled."""

import anyio
from mcp.server.mcpserver import Context, MCPServer
from pydantic import BaseModel

server = MCPServer("pacing")
stopped: list[str] = []


class Counted(BaseModel):
    to: int
    parity: str


@server.tool()
async def count(to: int, context: Context) -> Counted:
    """Counts, and tells how far it is."""
    for number in range(1, to + 1):
        await context.report_progress(number, to)
        await anyio.sleep(0.01)
    return Counted(to=to, parity="even" if to % 2 == 0 else "odd")


@server.tool()
async def sleep(name: str) -> str:
    """Sleeps longer than anybody waits."""
    try:
        await anyio.sleep(60)
    except anyio.get_cancelled_exc_class():
        stopped.append(name)
        raise
    return "slept"


@server.tool()
async def who_was_stopped() -> str:
    """The names of the sleepers that were cancelled."""
    with anyio.move_on_after(10):
        while not stopped:
            await anyio.sleep(0.01)
    return " ".join(stopped)


server.run("stdio")
