"""A server on SDK 1.x whose tools run as tasks (MCP 2025-11-25), and which keeps one task that no call of the session made."""

import asyncio
import json
import warnings

import mcp.types as types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.shared.experimental.tasks.in_memory_task_store import InMemoryTaskStore

warnings.simplefilter("ignore", DeprecationWarning)
server = Server("tasks")
STORE = InMemoryTaskStore()
server.experimental.enable_tasks(store=STORE)
TOOLS = ["report", "forever", "named", "never"]


def text(said: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text=said)])


async def report(task, arguments: dict):
    await task.update_status("at it")
    await asyncio.sleep(0.2)
    return text(json.dumps(arguments))


async def forever(task, arguments: dict):
    await asyncio.sleep(600)


async def named(task, arguments: dict):
    schema = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    answer = await task.elicit("your name?", schema)
    return text(f"{answer.action} {(answer.content or {}).get('name')}")


async def never(task, arguments: dict):
    return text("it ran")


@server.list_tools()
async def tools():
    execution = types.ToolExecution(taskSupport="required")
    return [types.Tool(name=name, description=name, inputSchema={"type": "object"}, execution=execution) for name in TOOLS]


@server.call_tool(validate_input=False)
async def call(name: str, arguments: dict):
    context = server.request_context
    context.experimental.validate_task_mode("required")
    return await context.experimental.run_task(lambda task: globals()[name](task, arguments))


async def main():
    await STORE.create_task(types.TaskMetadata(ttl=None), "another's")
    await STORE.store_result("another's", text("the secret of another"))
    await STORE.update_task("another's", status="completed")
    async with stdio_server() as streams:
        await server.run(*streams, server.create_initialization_options())


asyncio.run(main())
