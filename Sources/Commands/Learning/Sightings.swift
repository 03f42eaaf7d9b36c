import Policy
import StrictJSON

/// What a server was seen to do, each thing once, with how often and by which call. Bounded: of more things the number alone is kept.
struct Sightings: Sendable {
    /// Things of one kind.
    static let limit = 20_000
    static let toolLimit = 2_000

    /// While what something was seen.
    enum Moment: Sendable, Hashable {
        /// Before the server had answered anything.
        case start
        /// The only call in flight: by that rule it is held to be the call's.
        case call(String)
        case severalCalls
        case betweenCalls
        /// A log does not say.
        case unknown
    }

    /// How often, and while what.
    struct Tally: Sendable, Hashable {
        private(set) var count: UInt64 = 0
        private(set) var moments: [Moment: UInt64] = [:]

        private static let limit = 16

        mutating func add(_ moment: Moment, _ times: UInt64 = 1) {
            count &+= times
            if moments[moment] != nil || moments.count < Self.limit { moments[moment, default: 0] &+= times }
        }

        mutating func add(_ other: Tally) {
            count &+= other.count
            for (moment, times) in other.moments where moments[moment] != nil || moments.count < Self.limit {
                moments[moment, default: 0] &+= times
            }
        }
    }

    struct Tool: Sendable, Hashable {
        var tally = Tally()
        /// nil where the arguments of some call are not known.
        var shape: ArgumentShape?
        var isShapeKnown = true
        /// Some calls of it waited for a person.
        var isAsked = false
    }

    private(set) var tools: [String: Tool] = [:]
    /// What was called and blocked.
    private(set) var blocked: [String: Tally] = [:]
    private(set) var prompts: [String: Tally] = [:]
    private(set) var resources: [String: Tally] = [:]
    private(set) var messages: [MessageKind: Tally] = [:]
    private(set) var acts: [PolicyAct: Tally] = [:]
    /// What was tried and denied.
    private(set) var denied: [PolicyAct: Tally] = [:]
    /// Names that were asked of a nameserver.
    private(set) var names: [String: Tally] = [:]
    /// Things beyond the limits, and calls whose names no policy can have.
    private(set) var uncounted: UInt64 = 0
    private(set) var unnamed: UInt64 = 0
    /// Acts of which the kernel did not let be read what they were about.
    var unreadable: UInt64 = 0

    mutating func call(_ tool: String, arguments: JSON?, isKnown: Bool = true, isAsked: Bool = false, _ moment: Moment = .unknown) {
        guard tool.utf8.count <= 128, LearnedPolicy.isToolName(tool) else {
            unnamed &+= 1
            return
        }
        guard tools[tool] != nil || tools.count < Self.toolLimit else {
            uncounted &+= 1
            return
        }
        var seen = tools[tool] ?? Tool()
        let isFirst = seen.tally.count == 0
        seen.tally.add(moment)
        seen.isAsked = seen.isAsked || isAsked
        if !isKnown { seen.isShapeKnown = false }
        if isKnown, seen.isShapeKnown {
            let shape = ArgumentShape(arguments ?? [:])
            if isFirst { seen.shape = shape } else { seen.shape?.merge(shape) }
        }
        tools[tool] = seen
    }

    mutating func block(_ tool: String) { Self.add(tool, .unknown, to: &blocked, &uncounted) }
    mutating func prompt(_ name: String, _ moment: Moment = .unknown) { Self.add(name, moment, to: &prompts, &uncounted) }
    mutating func resource(_ address: String, _ moment: Moment = .unknown) { Self.add(address, moment, to: &resources, &uncounted) }
    mutating func message(_ kind: MessageKind, _ moment: Moment = .unknown) { messages[kind, default: Tally()].add(moment) }
    mutating func act(_ act: PolicyAct, _ moment: Moment) { Self.add(act, moment, to: &acts, &uncounted) }
    mutating func deny(_ act: PolicyAct, _ moment: Moment, _ times: UInt64 = 1) { Self.add(act, moment, times, to: &denied, &uncounted) }
    mutating func name(_ name: String, _ moment: Moment) { Self.add(name, moment, to: &names, &uncounted) }

    /// What a policy does not permit was tried, and denied.
    mutating func moveDenied(where isDenied: (PolicyAct) -> Bool) {
        for (act, tally) in acts where isDenied(act) {
            acts[act] = nil
            denied[act, default: Tally()].add(tally)
        }
    }

    /// Only what `isMissing` says.
    mutating func keep(tools isMissingTool: (String, Tool) -> Bool, acts isMissing: (PolicyAct) -> Bool) {
        tools = tools.filter { isMissingTool($0.key, $0.value) }
        acts = acts.filter { isMissing($0.key) }
        denied = denied.filter { isMissing($0.key) }
    }

    mutating func keep(
        prompts isMissingPrompt: (String) -> Bool, resources isMissingResource: (String) -> Bool, messages isMissing: (MessageKind) -> Bool
    ) {
        prompts = prompts.filter { isMissingPrompt($0.key) }
        resources = resources.filter { isMissingResource($0.key) }
        messages = messages.filter { isMissing($0.key) }
    }

    private static func add<Key: Hashable>(
        _ key: Key, _ moment: Moment, _ times: UInt64 = 1, to table: inout [Key: Tally], _ uncounted: inout UInt64
    ) {
        guard table[key] != nil || table.count < limit else {
            uncounted &+= times
            return
        }
        table[key, default: Tally()].add(moment, times)
    }
}

extension Sightings.Tally {
    /// `3 times: get_note, at its start`; foreign names escaped.
    var words: String {
        let times = count == 1 ? "once" : "\(count) times"
        let known = moments.filter { $0.key != .unknown }.sorted { ($1.value, $0.key.words) < ($0.value, $1.key.words) }
        guard !known.isEmpty else { return times }
        let shown = known.prefix(3).map(\.key.words).joined(separator: ", ")
        return "\(times): \(shown)" + (known.count > 3 ? ", …" : "")
    }
}

extension Sightings.Moment {
    fileprivate var words: String {
        switch self {
        case .start: "at its start"
        case .call(let tool): Escaping.line(tool)
        case .severalCalls: "several calls in flight"
        case .betweenCalls: "between calls"
        case .unknown: ""
        }
    }
}
