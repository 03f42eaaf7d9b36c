"""A client on the official MCP SDK, second generation or 1.30, for tests and the demo.

As a program:  client.py [--mode MODE] [--timeout SECONDS] [--parallel] [STEP]... -- COMMAND [ARGUMENT]...

STEP is `--list`, `--call NAME JSON`, or `--do VERB JSON` for what is no tool call: the verbs are methods of `Client`.  With `--able`
the client declares that it can be asked, and answers: each question is an event.  COMMAND is started as a stdio server with the environment that the SDK gives
to servers.  Each event is one JSON object on a line of stdout; the exit status is 0 when a connection came about,
whatever the answers to the steps were, and 4 when none did.
"""

import argparse
import asyncio
import contextlib
import json
import sys
from dataclasses import asdict, dataclass, field
from datetime import timedelta

import mcp
from mcp import types
from mcp.client.stdio import StdioServerParameters, stdio_client

IS_SECOND_GENERATION = hasattr(mcp, "Client")
IDENTITY = types.Implementation(name="sandboxd-tests", version="1")


@dataclass
class Answer:
    """What came back for one request: a result, or the error that the SDK raised."""

    outcome: str  # result | tool-error | protocol-error | failure
    text: str
    code: int | None = None
    data: dict = field(default_factory=dict)


def plain(model):
    return model.model_dump(mode="json", by_alias=True, exclude_none=True)


def innermost(error):
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


def answer_from(result) -> Answer:
    data = plain(result)
    texts = [part.get("text", "") for part in data.get("content", []) if part.get("type") == "text"]
    return Answer("tool-error" if data.get("isError") else "result", "\n".join(texts), data=data)


def answer_from_error(error) -> Answer:
    error = innermost(error)
    detail = getattr(error, "error", None)
    if detail is not None and hasattr(detail, "code"):
        return Answer("protocol-error", detail.message, code=detail.code)
    return Answer("failure", f"{type(error).__name__}: {error}")


class Client:
    """The same few verbs over both generations of the SDK."""

    def __init__(self, session, protocol: str, server: dict):
        self.session, self.protocol, self.server = session, protocol, server

    async def tools(self) -> list[dict]:
        found, cursor = [], None
        while True:
            page = await (self.session.list_tools(cursor=cursor) if IS_SECOND_GENERATION else self.session.list_tools(cursor))
            found += [plain(tool) for tool in page.tools]
            cursor = getattr(page, "next_cursor", None) or getattr(page, "nextCursor", None)
            if not cursor:
                return found

    async def call(self, name: str, arguments: dict) -> Answer:
        try:
            return answer_from(await self.session.call_tool(name, arguments))
        except Exception as error:
            return answer_from_error(error)

    async def do(self, verb: str, arguments: dict) -> Answer:
        try:
            return Answer("result", "", data=plain(await getattr(self, verb)(**arguments)))
        except Exception as error:
            return answer_from_error(error)

    async def follow(self, name: str, arguments: dict):
        """Calls a tool, and shows how far it says to be."""
        async def progressed(progress, total, message):
            emit("progress", progress=progress, total=total)
        return await self.session.call_tool(name, arguments, progress_callback=progressed)

    async def give_up(self, name: str, arguments: dict):
        """Calls a tool, and cancels the call while it runs."""
        following = None if IS_SECOND_GENERATION else self.session._request_id
        call = asyncio.create_task(self.session.call_tool(name, arguments))
        await asyncio.sleep(0.5)
        if following is not None:
            # This generation leaves it to its user to say so.
            wish = types.CancelledNotification(method="notifications/cancelled", params={"requestId": following, "reason": "it takes too long"})
            await self.session.send_notification(types.ClientNotification(wish))
        call.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await call
            raise RuntimeError("it was answered")
        return types.EmptyResult()

    async def resources(self):
        return await self.session.list_resources()

    async def templates(self):
        return await self.session.list_resource_templates()

    async def read(self, uri: str):
        return await self.session.read_resource(uri)

    async def subscribe(self, uri: str):
        return await self.session.subscribe_resource(uri)

    async def prompts(self):
        return await self.session.list_prompts()

    async def prompt(self, name: str, arguments: dict):
        return await self.session.get_prompt(name, arguments)

    async def complete_prompt(self, name: str, argument: dict):
        return await self.session.complete(types.PromptReference(type="ref/prompt", name=name), argument)

    async def complete_resource(self, uri: str, argument: dict):
        return await self.session.complete(types.ResourceTemplateReference(type="ref/resource", uri=uri), argument)

    async def task(self, name: str, arguments: dict | None = None):
        """Calls a tool as a task; the verbs after it are about the last one. Of the first generation, as all of them."""
        made = await self.session.experimental.call_tool_as_task(name, arguments or {})
        self.last_task = made.task.taskId
        return made

    async def task_state(self):
        return await self.session.experimental.get_task(self.last_task)

    async def task_end(self):
        """What the task's state is at last."""
        async with asyncio.timeout(20):
            async for state in self.session.experimental.poll_task(self.last_task):
                last = state
            return last

    async def task_result(self):
        return await self.session.experimental.get_task_result(self.last_task, types.CallToolResult)

    async def task_cancel(self):
        return await self.session.experimental.cancel_task(self.last_task)

    async def tasks(self):
        return await self.session.experimental.list_tasks()

    async def foreign_state(self, id: str):
        return await self.session.experimental.get_task(id)

    async def foreign_result(self, id: str):
        return await self.session.experimental.get_task_result(id, types.CallToolResult)

    async def foreign_cancel(self, id: str):
        return await self.session.experimental.cancel_task(id)

    async def log_level(self, level: str):
        return await self.session.set_logging_level(level)

    async def listen(self, **wishes):
        """What is told after the stream came about: one event. Of the second generation and the modern era."""
        async with asyncio.timeout(20), self.session.listen(**wishes) as stream:
            async for event in stream:
                return types.EmptyResult(_meta={"told": type(event).__name__})


class Person:
    """Answers what servers ask, and says so."""

    async def sample(self, context, params):
        emit("asked", what="sampling", text=params.messages[0].content.text)
        return types.CreateMessageResult(role="assistant", content=types.TextContent(type="text", text="a sample"), model="none")

    async def elicit(self, context, params):
        emit("asked", what="elicitation", text=params.message)
        return types.ElicitResult(action="accept", content={"name": "ann"} if getattr(params, "mode", "form") == "form" else None)

    async def roots(self, context):
        emit("asked", what="roots")
        return types.ListRootsResult(roots=[types.Root(uri="file:///a/root")])

    async def logged(self, params):
        emit("told", what="log", text=str(params.data))

    def callbacks(self) -> dict:
        return {"sampling_callback": self.sample, "elicitation_callback": self.elicit, "list_roots_callback": self.roots}


@contextlib.asynccontextmanager
async def connect(command: list[str], mode: str = "auto", timeout: float = 30, environment: dict | None = None, log=None, elicit: str | None = None,
                  able=False):
    """A connected `Client`.  `mode` (auto, legacy, or a version) means something to the second generation only.  `elicit`: what its user
    answers to every form; without it the client takes none.  `able`: it answers whatever servers ask."""
    person = Person()
    callbacks = {"logging_callback": person.logged} | (person.callbacks() if able else {})
    if elicit:
        callbacks["elicitation_callback"] = answering(elicit)
    parameters = StdioServerParameters(command=command[0], args=command[1:], env=environment)
    streams = stdio_client(parameters, errlog=log or sys.stderr)
    if IS_SECOND_GENERATION:
        session = mcp.Client(streams, mode=mode, read_timeout_seconds=timeout, cache=None, client_info=IDENTITY, **callbacks)
        async with session as client:
            yield Client(client, client.protocol_version, plain(client.server_info) if client.server_info else {})
    else:
        async with streams as (reading, writing):
            async with mcp.ClientSession(reading, writing, timedelta(seconds=timeout), client_info=IDENTITY, **callbacks) as session:
                welcome = await session.initialize()
                yield Client(session, welcome.protocolVersion, plain(welcome.serverInfo))


def answering(action: str):
    """A user who answers every form like this, and is shown to whoever reads the events."""
    async def answer(context, params):
        emit("asked", message=params.message)
        content = {"approve": True} if action == "accept" else None
        return types.ElicitResult(action=action, content=content)
    return answer


# As a program


class Step(argparse.Action):
    def __call__(self, parser, namespace, values, option_string=None):
        namespace.steps = (namespace.steps or []) + [(option_string.lstrip("-"), values)]


def emit(event: str, **facts):
    print(json.dumps({"event": event, **facts}), flush=True)


async def perform(client: Client, number: int, kind: str, values: list[str]):
    if kind == "list":
        try:
            emit("tools", step=number, tools=await client.tools())
        except Exception as error:
            emit("answer", step=number, **asdict(answer_from_error(error)))
    elif kind == "do":
        emit("answer", step=number, **asdict(await client.do(values[0], json.loads(values[1]))))
    else:
        emit("answer", step=number, **asdict(await client.call(values[0], json.loads(values[1]))))


async def run(options) -> int:
    try:
        async with connect(options.command, options.mode, options.timeout, dict(pair.split("=", 1) for pair in options.env),
                           elicit=options.elicit, able=options.able) as client:
            emit("connected", protocol=client.protocol, server=client.server)
            work = [perform(client, number, kind, values) for number, (kind, values) in enumerate(options.steps or [])]
            if options.parallel:
                await asyncio.gather(*work)
            else:
                for one in work:
                    await one
        emit("closed")
        return 0
    except Exception as error:
        emit("disconnected", **asdict(answer_from_error(error)))
        return 4


def parse(arguments: list[str]):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mode", default="auto")
    parser.add_argument("--timeout", type=float, default=30)
    parser.add_argument("--elicit", choices=["accept", "decline", "cancel"], help="what the user answers to a form")
    parser.add_argument("--parallel", action="store_true", help="send all steps before the first answer")
    parser.add_argument("--able", action="store_true", help="declare sampling, elicitation and roots, and answer")
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE", help="added to the environment of COMMAND")
    parser.add_argument("--list", nargs=0, action=Step, dest="steps")
    parser.add_argument("--call", nargs=2, action=Step, dest="steps", metavar=("NAME", "JSON"))
    parser.add_argument("--do", nargs=2, action=Step, dest="steps", metavar=("VERB", "JSON"))
    options, command = arguments, []
    if "--" in arguments:
        at = arguments.index("--")
        options, command = arguments[:at], arguments[at + 1 :]
    parsed = parser.parse_args(options)
    if not command:
        parser.error("no COMMAND after --")
    parsed.command = command
    return parsed


if __name__ == "__main__":
    sys.exit(asyncio.run(run(parse(sys.argv[1:]))))
