public import StrictJSON

/// What a client declares that it can do when a server asks it, by its capabilities.
public struct ClientAbilities: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let sampling = ClientAbilities(rawValue: 1)
    /// Since 2025-11-25.
    public static let samplingWithTools = ClientAbilities(rawValue: 2)
    public static let elicitation = ClientAbilities(rawValue: 4)
    /// Since 2025-11-25.
    public static let elicitationByURL = ClientAbilities(rawValue: 8)
    public static let roots = ClientAbilities(rawValue: 16)

    /// Reads `capabilities` of `initialize`, or those of a modern request.
    public init(_ capabilities: JSONNode?, in tape: borrowing JSONTape) {
        self = []
        guard let capabilities else { return }
        if let sampling = tape.member("sampling", of: capabilities) {
            insert(.sampling)
            if tape.member("tools", of: sampling) != nil { insert(.samplingWithTools) }
        }
        if let elicitation = tape.member("elicitation", of: capabilities) {
            let (form, url) = (tape.member("form", of: elicitation), tape.member("url", of: elicitation))
            // Before there were two modes an empty object meant the one that there was.
            if form != nil || url == nil { insert(.elicitation) }
            if url != nil { insert(.elicitationByURL) }
        }
        if tape.member("roots", of: capabilities) != nil { insert(.roots) }
    }
}
