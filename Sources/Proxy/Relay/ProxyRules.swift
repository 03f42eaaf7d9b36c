public import Policy

/// What one session's proxy is held to.
public struct ProxyRules: Sendable {
    public let names: NamesGrant
    public let addresses: AddressFilter

    /// `reached`: what the policy permits by address besides.
    public init(names: NamesGrant, reached: [EndpointPattern]) {
        self.names = names
        addresses = AddressFilter(permitted: reached)
    }

    /// Whether the target may be connected to, and how much is looked at then. Errors: `notPermitted`.
    func speech(to target: Target) throws(ProxyRefusal) -> NamePattern.Speech {
        if names.permits(.other, with: target.name, port: target.port) { return .other }
        guard names.permits(.tls, with: target.name, port: target.port) else { throw .notPermitted }
        return .tls
    }
}
