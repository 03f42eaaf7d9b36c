import Decision
import Policy
import StrictJSON
import Testing

@Suite struct MessageRulesTests {
    private static let place = SourceLocation(file: "p", line: 1, column: 1, length: 1)

    private static func patterns(_ texts: String...) -> Located<PatternGrant> {
        Located(.patterns(texts.compactMap { ToolPattern($0) }), at: place)
    }

    @Test("a policy that is silent denies, a layer that is silent says nothing")
    func absent() {
        let all: [MessageRules.Subject] = [.resource(Array("file:///a".utf8)), .prompt(Array("p".utf8)), .sampling, .elicitation, .roots]
        for subject in all {
            #expect(MessageRules(policy: MessagesClause()).judge(subject) == .init(.deny))
        }
        let open = MessagesClause(
            resources: Self.patterns("*"), prompts: Self.patterns("*"), sampling: Located(.allow, at: Self.place),
            elicitation: Located(.allow, at: Self.place), roots: Located(.allow, at: Self.place))
        for subject in all {
            #expect(MessageRules(policy: open, layers: [.init(name: "l", messages: MessagesClause())]).judge(subject) == .init(.allow))
            #expect(MessageRules(policy: MessagesClause(), layers: [.init(name: "l", messages: open)]).judge(subject) == .init(.deny))
        }
    }

    @Test("the most restrictive document decides and is named, whatever the order of layers")
    func layers() {
        let policy = MessagesClause(prompts: Self.patterns("a*"), sampling: Located(.allow, at: Self.place))
        let asks = MessageRules.Layer(name: "asks", messages: MessagesClause(sampling: Located(.ask, at: Self.place)))
        let none = MessageRules.Layer(
            name: "none", messages: MessagesClause(prompts: Located(.none, at: Self.place), sampling: Located(.deny, at: Self.place)))
        #expect(MessageRules(policy: policy, layers: [asks]).judge(.sampling) == .init(.ask, layer: "asks"))
        for layers in [[asks, none], [none, asks]] {
            #expect(MessageRules(policy: policy, layers: layers).judge(.sampling) == .init(.deny, layer: "none"))
            #expect(MessageRules(policy: policy, layers: layers).judge(.prompt(Array("ab".utf8))) == .init(.deny, layer: "none"))
        }
        #expect(MessageRules(policy: policy, layers: [asks]).judge(.prompt(Array("ab".utf8))) == .init(.allow))
        #expect(MessageRules(policy: policy, layers: [asks]).judge(.prompt(Array("b".utf8))) == .init(.deny))
    }

    @Test(
        "a resource is what its URI means to every program",
        arguments: [
            ("file:///srv/notes/a", true), ("FILE:///srv/notes/a", true), ("file:///srv/notes/a/../b", true),
            ("file:///srv//notes/./a", true),
            ("file:///srv/notes/%61%20b", true), ("file:///srv/notes/../other", false),
            ("file:///srv/notes/%2e%2e/%2e%2e/etc/passwd", false),
            ("file:///srv/notes/a%2fb", false), ("file:///srv/notes/%252e%252e/x", false), ("file:///srv/notes/a%00b", false),
            ("file:///srv/notes/a%", false), ("file:///srv/notes/a%zz", false), ("file:///../srv/notes/a", false),
            ("file://host/srv/notes/a", false),
            ("file://localhost/srv/notes/a", false), ("file:/srv/notes/a", false), ("file:srv", false), ("file:///srv/notes/a?x", false),
            ("file:///srv/notes/a#x", false), ("file:///srv/notes/a\\b", false), ("file:///srv/notes/a b", false),
            ("file:///srv/notes", false),
            ("https://example.org/a", true), ("HTTPS://Example.ORG/a", true), ("https://example.org/A", false),
            ("https://example.org/pub/x?y#z", true),
            ("https://example.org/pub/../a", false), ("https://example.org/pub/%2E%2e/a", false), ("https://example.org/pub/..%2fa", false),
            ("https://u@example.org/a", false), ("https://example%2eorg/a", false), ("https://ex\u{E4}mple.org/a", false),
            ("note:pub/x", true),
            ("note:pub/../x", false), ("note:other", false), ("/srv/notes/a", false), ("", false), (":", false),
            ("https://example.org/pub/\n", false),
        ])
    func resources(_ uri: String, _ allowed: Bool) {
        let grant = Self.patterns("file:///srv/notes/*", "https://example.org/a", "https://example.org/pub/*", "note:pub/*")
        let rules = MessageRules(policy: MessagesClause(resources: grant))
        #expect(rules.judge(.resource(Array(uri.utf8))).effect == (allowed ? .allow : .deny))
    }

    @Test("a pattern is compared in the form of the URIs that it is about")
    func patterns() {
        let grant = Self.patterns("file:///my%20notes/50%2A%C3%A9/*", "FILE:///srv/a+b/*", "file:///bad%2/*", "file:///two%2fparts/*")
        let rules = MessageRules(policy: MessagesClause(resources: grant))
        let allowed = ["file:///my%20notes/50%2a%c3%a9/x", "file:///my%20notes/50*\u{E9}/x", "file:///srv/a+b/x", "file:///srv/a%2Bb/x"]
        for uri in allowed { #expect(rules.judge(.resource(Array(uri.utf8))).effect == .allow, "\(uri)") }
        let denied = ["file:///my%20notes/50xx/x", "file:///srv/ab/x", "file:///bad%20/x", "file:///bad%2/x", "file:///two/parts/x"]
        for uri in denied { #expect(rules.judge(.resource(Array(uri.utf8))).effect == .deny, "\(uri)") }
    }

    @Test(
        "a template is shown where its two ends leave a pattern possible",
        arguments: [
            ("file:///srv/notes/{name}", true), ("file:///srv/notes/{a}/b{?c}", true), ("file:///srv/{name}", true),
            ("file:///{+path}", true),
            ("FILE:///srv/notes/{name}", true), ("file:///srv/notes/a", true), ("file:///etc/passwd", false), ("file:///etc/{name}", false),
            ("file:///srv/notes/../{name}", false), ("file:///srv/notes/*{name}", false), ("{+uri}", false), ("{scheme}://x", false),
            ("file:///srv/notes/}{", false), ("https://example.org/{path}", true), ("https://example.org/{path}.gif", false),
            ("https://example.org/{path}.md", true), ("https://example.net/{path}", false), ("note:{x}", true), ("note:p{x}", true),
            ("note:pub/xy{z}", false), ("other:{x}", false),
        ])
    func templates(_ template: String, _ shown: Bool) {
        let grant = Self.patterns("file:///srv/notes/*", "https://example.org/*.md", "note:pub/x")
        let rules = MessageRules(policy: MessagesClause(resources: grant))
        #expect(rules.judge(.template(Array(template.utf8))).effect == (shown ? .allow : .deny))
    }

    @Test("of a kind nothing is permitted where one document permits nothing")
    func kinds() {
        let policy = MessagesClause(prompts: Self.patterns("a"), sampling: Located(.allow, at: Self.place))
        let layer = MessageRules.Layer(name: "l", messages: MessagesClause(prompts: Located(.none, at: Self.place)))
        #expect(MessageRules(policy: policy).judge(anyOf: .prompts) == .init(.allow))
        #expect(MessageRules(policy: policy).judge(anyOf: .resources) == .init(.deny))
        #expect(MessageRules(policy: policy, layers: [layer]).judge(anyOf: .prompts) == .init(.deny, layer: "l"))
        #expect(MessageRules(policy: policy, layers: [layer]).judge(anyOf: .sampling) == .init(.allow))
    }

    @Test("the gate is told a section as it is, absent clauses too, and takes no other")
    func json() throws {
        let clauses = [
            MessagesClause(), MessagesClause(resources: Located(.none, at: Self.place), sampling: Located(.ask, at: Self.place)),
            MessagesClause(
                resources: Self.patterns("a", "b*"), prompts: Self.patterns("*"), sampling: Located(.deny, at: Self.place),
                elicitation: Located(.allow, at: Self.place), roots: Located(.allow, at: Self.place)),
        ]
        for clause in clauses { #expect(try MessagesClause(json: JSON(parsing: clause.json.encoded())).json == clause.json) }
        let bad = [
            "{}", "[]", #"{"resources":"x","prompts":null,"sampling":null,"elicitation":null,"roots":null}"#,
            #"{"resources":[""],"prompts":null,"sampling":null,"elicitation":null,"roots":null}"#,
            #"{"resources":null,"prompts":null,"sampling":"maybe","elicitation":null,"roots":null}"#,
            #"{"resources":null,"prompts":null,"sampling":null,"elicitation":null,"Roots":null}"#,
        ]
        for text in bad { #expect(throws: MessagesClauseProblem.self) { try MessagesClause(json: JSON(parsing: Array(text.utf8))) } }
    }
}
