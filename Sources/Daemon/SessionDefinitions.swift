import Layers
import Policy
import SessionProtocol
import StrictJSON

/// What a session's server may say of itself: held to what was accepted under the policy's name.
struct SessionDefinitions: Sendable, Hashable {
    private(set) var mode: GateStart.Pins.Mode
    private(set) var policy: String

    /// Nothing is held against anything.
    init() {
        mode = .off
        policy = ""
    }

    /// A policy by which nothing of a server can ever be used needs none. Of policy and layers the strictest wins.
    init(_ tools: ToolsClause, _ messages: MessagesClause, _ layers: [Layer], policy: String) {
        let isRequired = ([tools] + layers.map(\.clauses.tools)).contains { $0.pins?.value == .required }
        let permitsMessages = [messages.prompts, messages.resources].contains { $0.map { $0.value != .none } ?? false }
        let permitsSome = permitsMessages || tools.default ?? .deny != .deny || tools.rules.contains { $0.effect != .deny }
        mode = !permitsSome ? .off : isRequired ? .required : .firstSeen
        self.policy = policy
    }

    // MARK: For the next daemon

    var json: JSON { ["mode": .string(mode.rawValue), "policy": .string(policy)] }

    init(_ json: JSON?) {
        self.init()
        guard let json, let mode = json["mode"]?.string.flatMap(GateStart.Pins.Mode.init(rawValue:)), let policy = json["policy"]?.string
        else {
            return
        }
        (self.mode, self.policy) = (mode, policy)
    }
}
