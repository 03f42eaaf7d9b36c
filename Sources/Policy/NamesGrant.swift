/// Names of hosts that the session's name proxy connects to.
public enum NamesGrant: Sendable, Hashable {
    case none
    /// Every name at every port, by TLS.
    case any
    /// Never empty.
    case patterns([Located<NamePattern>])

    /// As a list: `any` is `*:*`.
    public var patterns: [NamePattern] {
        switch self {
        case .none: []
        case .any: [NamePattern(hosts: .any, ports: .any)]
        case .patterns(let list): list.map(\.value)
        }
    }

    /// Names are judged without regard to what they resolve to: that is another question, and the proxy asks both.
    public func permits(_ speech: NamePattern.Speech, with name: HostName, port: UInt16) -> Bool {
        patterns.contains { $0.permits(speech, with: name, port: port) }
    }
}

extension Located<NamesGrant>? {
    /// What an absent clause of a policy means.
    public var orNone: NamesGrant { self?.value ?? .none }
}
