import Decision
import Policy
import StrictJSON
import Testing

/// What a condition comes to, seen through rules: an allow rule applies only where it is true, a deny rule also where it is unknown.
func truth(_ condition: Condition, _ arguments: String?) throws -> Truth {
    let allows = try judge([Rule(id: "r", tools: anyTool, effect: .allow, when: condition)], "t", arguments).effect == .allow
    let denies = try judge([Rule(id: "r", tools: anyTool, effect: .deny, when: condition)], default: .allow, "t", arguments).effect == .deny
    #expect(!allows || denies, "what allows would also deny")
    return allows ? .true : denies ? .unknown : .false
}

let anyTool = [ToolPattern("*")].compactMap(\.self)

func text(_ json: String) -> JSONText { JSONText(json: Array(json.utf8)) }

func at(_ pointer: String, _ operators: Condition.Operator...) throws -> Condition {
    .argument(try #require(JSONPointer(pointer)), operators)
}

@Suite struct ConditionTests {
    private static let truths: [(Condition, Truth)] = [
        (.argument(JSONPointer("/t")!, [.exists(true)]), .true), (.argument(JSONPointer("/no")!, [.exists(true)]), .false),
        (.argument(JSONPointer("/no")!, [.equals(text("1"))]), .unknown),
    ]

    @Test("all, any and not follow the tables of three values")
    func tables() throws {
        for (left, a) in Self.truths {
            #expect(try truth(left, #"{"t":1}"#) == a)
            #expect(try truth(.not(left), #"{"t":1}"#) == (a == .true ? .false : a == .false ? .true : .unknown))
            for (right, b) in Self.truths {
                let all: Truth = a == .false || b == .false ? .false : a == .unknown || b == .unknown ? .unknown : .true
                let any: Truth = a == .true || b == .true ? .true : a == .unknown || b == .unknown ? .unknown : .false
                #expect(try truth(.all([left, right]), #"{"t":1}"#) == all)
                #expect(try truth(.any([left, right]), #"{"t":1}"#) == any)
            }
        }
    }

    @Test(
        "operators take values as they are, and know where they cannot tell",
        arguments: [
            (.equals(text("1")), "1.0", Truth.true), (.equals(text("1")), "\"1\"", .false), (.equals(text("1")), "true", .false),
            (.equals(text("[1,{\"a\":2,\"b\":3}]")), "[1e0,{\"b\":3.0,\"a\":2}]", .true), (.equals(text("null")), "null", .true),
            (.equals(text("\"\u{E9}\"")), "\"e\u{301}\"", .false), (.equals(text("{\"a\":1}")), "{\"A\":1}", .unknown),
            (.equals(text("1")), "9007199254740993", .unknown), (.equals(text("[1]")), "[0.1234567890123456789]", .unknown),
            (.isIn([text("1"), text("\"b\""), text("\"a\"")]), "\"a\"", .true), (.isIn([text("1"), text("\"a\"")]), "\"c\"", .false),
            (.isIn([text("1"), text("\"a\"")]), "1e0", .true), (.isIn([text("\"a\"")]), "{}", .false),
            (.below(text("0.3")), "0.30000000000000001", .unknown), (.below(text("0.3")), "0.29999999999999", .true),
            (.below(text("500")), "500", .false), (.below(text("500")), "\"1\"", .unknown), (.below(text("500")), "-1e9", .true),
            (.below(text("1")), "1e-400", .unknown), (.below(text("500")), "null", .unknown), (.below(text("500")), "true", .unknown),
            (.atMost(text("500")), "5e2", .true), (.atMost(text("500")), "500.5", .false),
            (.above(text("500")), "500", .false), (.above(text("500")), "500.00001", .true), (.above(text("500")), "[501]", .unknown),
            (.atLeast(text("500")), "500", .true), (.atLeast(text("-0")), "0", .true), (.above(text("0")), "1e999", .unknown),
            (.startsWith("ab"), "\"abc\"", .true), (.startsWith("ab"), "\"a\"", .false), (.startsWith("ab"), "\"\\u0061bc\"", .true),
            (.startsWith("1"), "1", .unknown), (.endsWith("bc"), "\"abc\"", .true), (.endsWith("bc"), "\"bcd\"", .false),
            (.endsWith("bc"), "[\"bc\"]", .unknown),
            (.contains(text("\"aab\"")), "\"aaab\"", .true), (.contains(text("\"aab\"")), "\"aaba\"", .true),
            (.contains(text("\"abab\"")), "\"abaabab\"", .true), (.contains(text("\"b\"")), "\"a\"", .false),
            (.contains(text("\"\"")), "\"a\"", .true), (.contains(text("\"a\"")), "[\"b\",\"a\"]", .true),
            (.contains(text("\"a\"")), "[\"ab\"]", .false), (.contains(text("1")), "[1.0]", .true),
            (.contains(text("1")), "\"1\"", .unknown),
            (.contains(text("1")), "{\"a\":1}", .unknown), (.contains(text("{\"a\":1}")), "[{\"A\":1}]", .unknown),
            (.matches("^a+$"), "\"aaa\"", .true), (.matches("b"), "\"abc\"", .true), (.matches("^b"), "\"abc\"", .false),
            (.matches("(?i)ABC"), "\"xabcx\"", .true), (.matches("1"), "1", .unknown), (.matches("a\\x00b"), "\"a\\u0000b\"", .true),
            (.exists(true), "null", .true), (.exists(false), "null", .false),
            (.each([.startsWith("a")]), "[]", .true), (.each([.startsWith("a")]), "[\"a\",\"ab\"]", .true),
            (.each([.startsWith("a")]), "[\"a\",\"b\"]", .false), (.each([.startsWith("a")]), "[\"a\",1]", .unknown),
            (.each([.startsWith("a")]), "[1,\"b\"]", .false), (.each([.startsWith("a")]), "\"a\"", .unknown),
            (.each([.startsWith("a")]), "{\"a\":\"a\"}", .unknown), (.each([.each([.above(text("1"))])]), "[[2],[3,4]]", .true),
        ] as [(Condition.Operator, String, Truth)])
    func operators(_ test: Condition.Operator, _ value: String, _ expected: Truth) throws {
        #expect(try truth(try at("/v", test), #"{"v":\#(value)}"#) == expected)
    }

    @Test("several operators of one argument must all hold")
    func conjunction() throws {
        #expect(try truth(try at("/n", .above(text("1")), .below(text("3"))), #"{"n":2}"#) == .true)
        #expect(try truth(try at("/n", .above(text("1")), .below(text("3"))), #"{"n":3}"#) == .false)
        #expect(try truth(try at("/n", .startsWith("a"), .below(text("3"))), #"{"n":3}"#) == .false)
        #expect(try truth(try at("/n", .startsWith("a"), .below(text("3"))), #"{"n":2}"#) == .unknown)
    }

    @Test(
        "a pointer finds what RFC 6901 says; what is missing makes all but exists unknown",
        arguments: [
            ("/a/b", #"{"a":{"b":1}}"#, Truth.true), ("/a/1", #"{"a":[0,1]}"#, .true), ("/a/01", #"{"a":[0,1]}"#, .false),
            ("/a/-", #"{"a":[0,1]}"#, .false), ("/a/2", #"{"a":[0,1]}"#, .false), ("/a/0", #"{"a":{"0":1}}"#, .true),
            ("/a~1b", #"{"a/b":1}"#, .true), ("/a~0b", #"{"a~b":1}"#, .true), ("/", #"{"":1}"#, .true),
            ("/a/b/c", #"{"a":{"b":1}}"#, .false),
            ("", "{}", .true), ("/a", #"{"A":1}"#, .unknown), ("/a", #"{"a":1,"A":2}"#, .unknown), ("/a", #"{"a\u0000":1}"#, .unknown),
            ("/a/b", #"{"a":"{\"b\":1}"}"#, .unknown), ("/a/0", #"{"a":" [1]"}"#, .unknown), ("/a/b", #"{"a":"b"}"#, .false),
            ("/a/b", #"{"a":{"b":1,"B":1}}"#, .unknown), ("/task", "{\"tas\u{212A}\":1}", .unknown), ("/a", #"{"b":1,"ab":2}"#, .false),
        ])
    func pointers(_ pointer: String, _ arguments: String, _ exists: Truth) throws {
        #expect(try truth(try at(pointer, .exists(true)), arguments) == exists)
        #expect(try truth(.not(try at(pointer, .exists(false))), arguments) == exists)
        if exists == .false { #expect(try truth(try at(pointer, .equals(text("1"))), arguments) == .unknown) }
    }

    @Test("a call without arguments has an empty object")
    func noArguments() throws {
        #expect(try truth(try at("", .equals(text("{}"))), nil) == .true)
        #expect(try truth(try at("/a", .exists(false)), nil) == .true)
        #expect(try truth(try at("/a", .equals(text("1"))), nil) == .unknown)
    }

    @Test(
        "a path lies inside by its letters; what programs take differently is unknown",
        arguments: [
            ("/srv/notes", Truth.true), ("/srv/notes/a", .true), ("/srv/notesx", .false), ("/srv", .false), ("/", .false), ("a", .true),
            (".", .true), ("..", .false), ("../notes/a", .true), ("a/../../other", .false), ("/srv/notes/../notes/./a//b/", .true),
            ("/srv/notes/../../etc/passwd", .false), ("//srv//notes/", .true), ("/../srv/notes", .true), ("/srv/notes/...", .true),
            ("/srv/notes/%2e%2e/x", .true), ("", .unknown), ("/srv/notes/a\\u0000b", .unknown), ("~/x", .unknown),
            ("/srv/notes/a\\\\b", .unknown),
            ("file:///etc/passwd", .unknown), ("http://x/", .unknown), ("c:/x", .unknown), ("a:b", .true), (" /etc", .unknown),
            ("a ", .unknown),
            ("a\\nb", .unknown), ("/tmp/x", .true), ("/tmpx", .false),
            ("$HOME/.ssh", .unknown), ("${HOME}", .unknown), ("a$b", .true), ("'/etc/passwd'", .unknown), ("\\\"/etc/passwd\\\"", .unknown),
            ("`/etc/passwd`", .unknown), ("a'b'", .true), ("\u{A0}/etc/passwd", .unknown), ("\u{FEFF}/etc/passwd", .unknown),
            ("/srv/notes\u{3000}", .unknown), ("\u{2028}/etc", .unknown), ("a\u{A0}b", .true), ("\u{E9}", .true),
            ("file:../../etc/passwd", .unknown), ("FILE:x", .unknown), ("files:x", .true),
        ])
    func inside(_ path: String, _ expected: Truth) throws {
        #expect(try truth(try at("/p", .inside(["/srv/notes/", "/tmp"])), #"{"p":"\#(path)"}"#) == expected)
    }

    @Test("everything lies inside the root, and relative paths lie nowhere where no directory is known")
    func insideEdges() throws {
        #expect(try truth(try at("/p", .inside(["/"])), #"{"p":"../../../x"}"#) == .true)
        let rule = Rule(id: "r", tools: anyTool, effect: .allow, when: try at("/p", .inside(["/srv"])))
        let set = try LayeredRules(policy: ToolsClause(rules: [rule]))
        var tape = JSONTape()
        try tape.parse(Array(#"{"p":"a"}"#.utf8))
        #expect(set.judge(Array("t".utf8), arguments: .root, in: tape).effect == .deny)
        try tape.parse(Array(#"{"p":"/srv/a"}"#.utf8))
        #expect(set.judge(Array("t".utf8), arguments: .root, in: tape).effect == .allow)
    }

    @Test(
        "a host is one that every parser reads alike",
        arguments: [
            ("https://example.org/x?y#z", Truth.true), ("https://EXAMPLE.org:8443", .true), ("example.org", .true),
            ("example.org:443", .true),
            ("a.example.net", .true), ("a.b.example.net", .true), ("example.net", .false), ("xexample.net", .false), ("evil.org", .false),
            ("https://10.1.2.3/", .true), ("10.1.2.3:80", .true), ("11.1.2.3", .false), ("[2001:db8::1]", .true),
            ("http://[2001:db8::1]:80/", .true),
            ("http://[2001:db9::1]/", .false), ("http://[::ffff:10.0.0.1]/", .true), ("http://[64:ff9b::a00:1]/", .unknown),
            ("http://[2002:a00:1::]/", .unknown), ("ftp://example.org", .true), ("foo+bar.1://example.org", .true),
            ("https://user@example.org", .unknown), ("https://example.org@evil.org/", .unknown),
            ("https://example.org\\\\@evil.org", .unknown),
            ("https:\\\\\\\\example.org", .unknown), ("https://example.org./", .unknown), ("https://example.org%2eevil.org/", .unknown),
            ("https://ex\u{E4}mple.org", .unknown), ("https://0x7f.1", .unknown), ("http://2130706433/", .unknown),
            ("http://010.0.0.1/", .unknown),
            ("http://10.1.2/", .unknown), ("http://1.2.3.0x4/", .unknown), ("//example.org/", .unknown), ("https:example.org", .unknown),
            ("https:/example.org", .unknown), ("https:///example.org", .unknown), ("http:8080", .unknown), ("example.org/x", .unknown),
            ("file://example.org/x", .unknown), ("https://example.org:", .unknown), ("https://example.org:99999/", .unknown),
            ("https://exa\\tmple.org/", .unknown), (" https://example.org/", .unknown), ("https://example.org/\\n", .unknown),
            ("https://example..org/", .unknown), ("", .unknown), ("https://", .unknown), ("http://[::1%25lo]/", .unknown),
            ("::1", .unknown),
            ("localhost", .unknown), ("https://a.localhost/", .unknown), ("https://example.org/\u{E9}?a=@b", .true),
            ("https://example.org?\\\\", .true),
            ("a b", .unknown), ("https://*.example.net/", .unknown), ("_dmarc.example.net", .true),
        ])
    func hosts(_ url: String, _ expected: Truth) throws {
        let list = Condition.Operator.hostIn(["example.org", "*.Example.net", "10.0.0.0/8", "2001:db8::/32"])
        #expect(try truth(try at("/u", list), #"{"u":"\#(url)"}"#) == expected)
    }

    @Test("a list of names leaves localhost and translated addresses what they are")
    func namesOnly() throws {
        #expect(try truth(try at("/u", .hostIn(["example.org"])), #"{"u":"localhost"}"#) == .false)
        #expect(try truth(try at("/u", .hostIn(["localhost"])), #"{"u":"http://LOCALHOST:1/"}"#) == .true)
        #expect(try truth(try at("/u", .hostIn(["example.org"])), #"{"u":"http://[64:ff9b::a00:1]/"}"#) == .false)
        #expect(try truth(try at("/u", .hostIn(["::/0"])), #"{"u":"http://[64:ff9b::a00:1]/"}"#) == .true)
        #expect(try truth(try at("/u", .hostIn(["0.0.0.0/0"])), #"{"u":"255.0.0.1"}"#) == .true)
        #expect(try truth(try at("/u", .hostIn(["::1"])), #"{"u":"[0:0::1]"}"#) == .true)
    }

    @Test(
        "what cannot be judged is refused when it is compiled",
        arguments: [
            (.all([]), .empty), (.any([]), .empty), (.argument(JSONPointer("/a")!, []), .empty),
            (.argument(JSONPointer("/a")!, [.isIn([])]), .empty), (.argument(JSONPointer("/a")!, [.each([])]), .empty),
            (.argument(JSONPointer("/a")!, [.matches("(")]), .badPattern("(", why: "missing ): (")),
            (.argument(JSONPointer("/a")!, [.matches("(a)\\1")]), .badPattern("(a)\\1", why: "invalid escape sequence: \\1")),
            (.argument(JSONPointer("/a")!, [.above(text("\"1\""))]), .notNumber("\"1\"")),
            (.argument(JSONPointer("/a")!, [.above(text("9007199254740993"))]), .inexactNumber("9007199254740993")),
            (.argument(JSONPointer("/a")!, [.equals(text("[0.1234567890123456789]"))]), .inexactNumber("0.1234567890123456789")),
            (.argument(JSONPointer("/a")!, [.inside(["file:///x"])]), .badPath("file:///x")),
            (.argument(JSONPointer("/a")!, [.hostIn(["a/b"])]), .badHost("a/b")),
            (.argument(JSONPointer("/a")!, [.hostIn(["10.0.0.1/8"])]), .badHost("10.0.0.1/8")),
            (.argument(JSONPointer("/a")!, [.hostIn(["*"])]), .badHost("*")),
            (.argument(JSONPointer("/a")!, [.hostIn(["0x7f.1"])]), .badHost("0x7f.1")),
        ] as [(Condition, ConditionProblem.Kind)])
    func refuses(_ condition: Condition, _ kind: ConditionProblem.Kind) {
        let rule = Rule(id: "bad", tools: anyTool, effect: .allow, when: .not(condition))
        let error = #expect(throws: RuleSetProblem.self) { try LayeredRules(policy: ToolsClause(rules: [rule])) }
        guard case .condition(let problem)? = error?.problem else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(problem.kind == kind)
    }

    @Test("a condition that would take too long to judge is unknown, soon")
    func bounded() throws {
        let values = (0..<2_000).map { text("[\($0)]") }
        let many = "[" + Array(repeating: "[1999]", count: 20_000).joined(separator: ",") + "]"
        #expect(try truth(try at("/v", .each([.isIn(values)])), #"{"v":\#(many)}"#) == .unknown)
    }

    @Test("a condition comes back from JSON as it was")
    func codes() throws {
        let condition = Condition.all([
            .any([try at("/a", .equals(text("1")), .isIn([text("null"), text("\"x\"")]))]),
            .not(try at("/b/0", .below(text("1")), .atMost(text("2e3")), .above(text("-1")), .atLeast(text("0.5")))),
            try at("/c", .startsWith("a"), .endsWith("b"), .contains(text("{\"a\":[]}")), .matches("x+"), .exists(false)),
            try at("", .inside(["/a", "/b"]), .hostIn(["a", "*.b"]), .each([.each([.exists(true)])])),
        ])
        let rule = Rule(
            id: "r", tools: anyTool, effect: .ask, when: condition, limit: CallLimit(calls: 3, per: .hour),
            budget: Budget(name: "n", of: try #require(JSONPointer("/a~1b")), limit: text("20.50"), per: .day),
            redact: [try #require(JSONPointer("/x"))], labels: [.init(name: "a", value: "b")], isHidden: true)
        let clause = ToolsClause(rules: [rule])
        #expect(try ToolsClause(json: JSON(parsing: clause.json.encoded())) == clause)
    }
}
