"""Whatever the gate sends a client is valid by the official schema of the version that the two agreed on."""

import json

import jsonschema

from cases import StagedTests
from stage import HERE
from wire import MODERN, Closed, Wire

VERSIONS = ["2025-03-26", "2025-06-18", "2025-11-25", MODERN]
RESULTS = {"initialize": "InitializeResult", "server/discover": "DiscoverResult", "tools/list": "ListToolsResult", "tools/call": "CallToolResult",
           "ping": "EmptyResult"}
# JSON-RPC asks for `id: null` where no id could be read; the schemas of these versions have no such answer.
NULL_ID_EXPECTED = {"2025-03-26", "2025-06-18"}


class Schema:
    """The official schema of one version."""

    def __init__(self, version: str):
        self.version = version
        self.document = json.loads((HERE / "schema" / f"{version}.json").read_text())
        self.key = "$defs" if "$defs" in self.document else "definitions"
        self.validator = jsonschema.validators.validator_for(self.document)

    def faults(self, name: str, instance) -> list[str]:
        schema = {"$ref": f"#/{self.key}/{name}", self.key: self.document[self.key]}
        return [f"{name}: {error.message[:200]} at {error.json_path}" for error in self.validator(schema).iter_errors(instance)]


class SchemaTests(StagedTests):
    def session(self, version: str) -> Wire:
        command = ["/usr/bin/python3", self.stage.servers / "raw_server.py"]
        return self.wire(self.wrap("raw", command, {"programs": self.stage.servers}), version)

    def assert_valid(self, schema: Schema, message: dict, method: str | None = None):
        if message.get("id", "") is None and schema.version in NULL_ID_EXPECTED:
            message = {**message, "id": 0}
        faults = schema.faults("JSONRPCMessage", message)
        if "result" in message and method:
            faults += schema.faults(RESULTS[method], message["result"])
        self.assertEqual(faults, [], message)

    def test_answers_are_valid(self):
        for version in VERSIONS:
            with self.subTest(version=version):
                schema, wire = Schema(version), self.session(version)
                self.assert_valid(schema, wire.begin(), "server/discover" if version == MODERN else "initialize")
                self.assert_valid(schema, wire.request("tools/list"), "tools/list")
                for tool in ("misbehave", "forbidden"):
                    answer = wire.call(tool, how="none")
                    self.assert_valid(schema, answer, "tools/call")
                if version != MODERN:
                    self.assert_valid(schema, wire.request("ping"), "ping")
                self.assert_valid(schema, wire.request("resources/list"))
                self.assert_valid(schema, wire.request("no/such/method"))
                for other in wire.others:
                    self.assert_valid(schema, other)

    def test_answers_to_what_cannot_be_read_are_valid(self):
        lines = [b"no JSON\n", b"[]\n", b"{}\n", b'{"jsonrpc":"2.0","id":1.5,"method":"tools/list"}\n', b'{"jsonrpc":"2.0","id":7,"method":7}\n',
                 b'{"jsonrpc":"2.0","id":8,"method":"tools/call","params":[]}\n', b'{"jsonrpc":"2.0","id":{},"method":"ping"}\n']
        for version in VERSIONS:
            schema, wire = Schema(version), self.session(version)
            wire.begin()
            for line in lines:
                with self.subTest(version=version, line=line):
                    wire.send(line)
                    self.assert_valid(schema, wire.receive())

    def test_the_answer_to_a_refused_session_is_valid(self):
        for version in VERSIONS:
            with self.subTest(version=version):
                wire = self.wire(self.wrap(self.stage.policies / "none.yaml", ["/bin/true"]), version)
                self.assert_valid(Schema(version), wire.begin())

    def test_the_answer_of_a_server_that_died_is_valid(self):
        for version in VERSIONS:
            with self.subTest(version=version):
                wire = self.session(version)
                wire.begin()
                try:
                    self.assert_valid(Schema(version), wire.call("misbehave", how="die"), "tools/call")
                except Closed as closed:
                    self.fail(f"no answer: {closed}")
