import MCP
import StrictJSON
import Testing

private func read(_ text: String) throws -> Message {
    var tape = JSONTape(whitespace: .spacesOnly)
    try tape.parse(Array(text.utf8))
    return try Message(tape)
}

@Suite struct MessageTests {
    @Test(
        "a message is known by its members",
        arguments: [
            (#"{"jsonrpc":"2.0","id":1,"method":"m"}"#, "request"), (#"{"id":"x","method":"m","params":{},"jsonrpc":"2.0"}"#, "request"),
            (#"{"jsonrpc":"2.0","method":"m"}"#, "notification"), (#"{"jsonrpc":"2.0","id":1,"result":{}}"#, "result"),
            (#"{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"x","data":[]}}"#, "error"),
            (#"{"jsonrpc":"2.0","error":{"code":-1,"message":"x"}}"#, "error"),
            (#"{"jsonrpc":"2.0","id":null,"error":{"code":-1,"message":"x"}}"#, "error"),
        ])
    func reads(_ text: String, _ kind: String) throws {
        let name =
            switch try read(text) {
            case .request: "request"
            case .notification: "notification"
            case .result: "result"
            case .error: "error"
            }
        #expect(name == kind)
    }

    @Test(
        "what is no message is refused with whom to tell",
        arguments: [
            ("[]", MessageProblem(kind: .batch, id: nil, isRequestLike: true)),
            ("1", MessageProblem(kind: .notObject, id: nil, isRequestLike: true)),
            (#"{"id":1,"method":"m"}"#, MessageProblem(kind: .badVersion, id: .number(1), isRequestLike: true)),
            (#"{"jsonrpc":"2.0","id":1,"result":[]}"#, MessageProblem(kind: .badResult, id: .number(1), isRequestLike: false)),
            (#"{"jsonrpc":"2.0","result":{}}"#, MessageProblem(kind: .badID, id: nil, isRequestLike: false)),
            (
                #"{"jsonrpc":"2.0","id":1,"error":{"code":"1","message":"x"}}"#,
                MessageProblem(kind: .badError, id: .number(1), isRequestLike: false)
            ),
            (#"{"jsonrpc":"2.0","id":1,"result":{},"params":{}}"#, MessageProblem(kind: .hybrid, id: .number(1), isRequestLike: false)),
            (#"{"jsonrpc":"2.0","id":1,"result":{},"method":"m"}"#, MessageProblem(kind: .hybrid, id: .number(1), isRequestLike: true)),
            (#"{"jsonrpc":"2.0","id":1,"method":2}"#, MessageProblem(kind: .badMethod, id: .number(1), isRequestLike: true)),
            (#"{"jsonrpc":"2.0","id":{},"method":"m"}"#, MessageProblem(kind: .badID, id: nil, isRequestLike: true)),
            (#"{"jsonrpc":"2.0","id":1,"method":"m","Id":2}"#, MessageProblem(kind: .unknownMember, id: .number(1), isRequestLike: true)),
        ])
    func refuses(_ text: String, _ problem: MessageProblem) {
        #expect(throws: problem) { try read(text) }
    }

    @Test(
        "ids keep their type and their bytes",
        arguments: [
            ("1", RequestID.number(1)), ("-9007199254740992", .number(-9_007_199_254_740_992)), ("9007199254740993", nil), ("1.0", nil),
            ("1e0", nil),
            ("null", nil), ("true", nil), ("\"1\"", .string(Array("1".utf8))), (#""\u0041\n""#, .string(Array("A\n".utf8))),
            ("\"\"", .string([])),
        ] as [(String, RequestID?)])
    func ids(_ text: String, _ expected: RequestID?) throws {
        var tape = JSONTape()
        try tape.parse(Array(text.utf8))
        let id = RequestID(.root, in: tape)
        #expect(id == expected)
        guard let id else { return }
        var written: [UInt8] = []
        id.append(to: &written)
        try tape.parse(written)
        let again = RequestID(.root, in: tape)
        #expect(again == id)
    }

    @Test("each method is known by exactly its name", arguments: Method.allCases)
    func methods(_ method: Method) throws {
        var tape = JSONTape()
        try tape.parse(JSON.string(method.rawValue).encoded())
        let known = Method(.root, in: tape)
        #expect(known == method)
        try tape.parse(JSON.string(method.rawValue.uppercased()).encoded())
        let other = Method(.root, in: tape)
        #expect(other == nil)
    }

    @Test("a request is modern when it says its version, and then says what the client can do")
    func eras() throws {
        func era(_ meta: String) throws -> Era {
            var tape = JSONTape()
            try tape.parse(Array(#"{"_meta":\#(meta)}"#.utf8))
            return try RequestMeta(.root, in: tape).era
        }
        #expect(try era("{}") == .legacy)
        #expect(try era(#"{"progressToken":1}"#) == .legacy)
        #expect(
            try era(#"{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}"#) == .modern
        )
        #expect(throws: RequestMeta.Problem.missingCapabilities) { try era(#"{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}"#) }
        #expect(throws: RequestMeta.Problem.badMeta) { try era(#"{"io.modelcontextprotocol/protocolVersion":1}"#) }
        for other in ["2025-11-25", "2099-01-01", "2026-07-28 ", ""] {
            #expect(throws: RequestMeta.Problem.unknownVersion(Array(other.utf8))) {
                try era(#"{"io.modelcontextprotocol/protocolVersion":"\#(other)","io.modelcontextprotocol/clientCapabilities":{}}"#)
            }
        }
        #expect(throws: RequestMeta.Problem.badMeta) { try era(#"{"progressToken":1.5}"#) }
        #expect(throws: RequestMeta.Problem.badMeta) { try era("[]") }
    }
}
