"""A small MCP server on the official SDK (2.x) whose tools ask the client for something first, in the way of either era."""

import json
import sys
from typing import Annotated

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.resolve import Elicit, ListRoots, Resolve, Sample
from mcp_types import CreateMessageResult, ListRootsResult, SamplingMessage, TextContent
from pydantic import BaseModel

server = MCPServer("needy")
told: list = []


class Person(BaseModel):
    name: str


def sampled(text: str) -> Sample:
    return Sample([SamplingMessage(role="user", content=TextContent(type="text", text=text))], max_tokens=5)


def asked(text: str) -> Elicit[Person]:
    return Elicit(text, Person)


def listed() -> ListRoots:
    return ListRoots()


@server.tool()
def sample(text: str, made: Annotated[CreateMessageResult, Resolve(sampled)]) -> str:
    """What the client's model says to a text."""
    told.append(made.content.text)
    return "sampled " + made.content.text


@server.tool()
def ask(text: str, person: Annotated[Person, Resolve(asked)]) -> str:
    """Whom the client's user names."""
    told.append(person.name)
    return "asked " + person.name


@server.tool()
def roots(found: Annotated[ListRootsResult, Resolve(listed)]) -> str:
    """Where the client works."""
    told.append(str(found.roots[0].uri))
    return "roots " + told[-1]


@server.tool()
def seen() -> str:
    """What was told so far."""
    return json.dumps(told)


print("needy", file=sys.stderr, flush=True)
server.run("stdio")
