import Evidence
import StrictJSON

/// Which receipts are of interest. What is not given does not matter; all that is given must hold.
struct ReceiptCriteria: Sendable, Hashable {
    /// The whole identifier, or its beginning.
    var session: String?
    var client: String?
    var server: String?
    var tool: String?
    var decision: String?
    /// A rule's id, or a reason's code.
    var rule: String?
    var kind: ReceiptKind?
    var from: TimeBound?
    var to: TimeBound?

    static let decisions = ["forward", "hold", "block"]

    enum Options {
        static let session = Option("session", .value("ID"), "only receipts of this session: its whole ID, or the beginning")
        static let server = Option("server", .value("NAME"), "only receipts of sessions with this server")
        static let from = Option("from", .value("TIME"), "only receipts from this time on (UTC), e.g. 2026-01-31T08:05")
        static let to = Option("to", .value("TIME"), "only receipts up to this time, its whole day, minute or second included")

        /// Of a whole report: what narrows it further would hide what belongs to the same acts.
        static let ofPeriods = [session, server, from, to]

        static let all =
            ofPeriods + [
                Option("client", .value("WHO"), "only sessions that were asked for by this program, executable, uid or pid"),
                Option("tool", .value("NAME"), "only what was decided of this tool, and what came of it"),
                Option("decision", .choice(ReceiptCriteria.decisions), "only what was decided so, and what came of it"),
                Option("rule", .value("ID"), "only what this rule or reason code decided, and what came of it"),
                Option("kind", .choice(ReceiptKind.allCases.map(\.rawValue)), "only receipts of this kind"),
            ]
    }

    /// An option's value that is none.
    struct Problem: Error, Hashable {
        let option: String

        var words: (message: String, help: String?) {
            ("`--\(option)` takes a time in UTC", "it looks like 2026-01-31, 2026-01-31T08:05 or 2026-01-31T08:05:00.5Z")
        }
    }

    init() {}

    init(_ invocation: Invocation) throws(Problem) {
        session = invocation.value("session")
        client = invocation.value("client")
        server = invocation.value("server")
        tool = invocation.value("tool")
        decision = invocation.value("decision")
        rule = invocation.value("rule")
        kind = invocation.value("kind").flatMap(ReceiptKind.init(rawValue:))
        from = try Self.time("from", invocation)
        to = try Self.time("to", invocation)
    }

    private static func time(_ option: String, _ invocation: Invocation) throws(Problem) -> TimeBound? {
        guard let text = invocation.value(option) else { return nil }
        guard let bound = TimeBound(text) else { throw Problem(option: option) }
        return bound
    }

    /// Whether it asks about decisions, so that what came of them belongs to them.
    var isAboutDecisions: Bool { tool != nil || decision != nil || rule != nil }
}
