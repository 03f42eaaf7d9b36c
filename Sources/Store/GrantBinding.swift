/// Which calls a grant is for: those of one caller to one server, with one tool and the same arguments, under one policy.
public struct GrantBinding: Sendable, Hashable {
    /// The uid.
    public var caller: UInt32
    public var server: String
    public var tool: String
    /// SHA-256 of the canonical arguments, in hex.
    public var arguments: String
    /// SHA-256 of the policy's canonical form, in hex.
    public var policy: String

    public init(caller: UInt32, server: String, tool: String, arguments: String, policy: String) {
        self.caller = caller
        self.server = server
        self.tool = tool
        self.arguments = arguments
        self.policy = policy
    }

    /// By bytes: `==` of String is not.
    public static func == (left: GrantBinding, right: GrantBinding) -> Bool {
        left.caller == right.caller && zip(left.texts, right.texts).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(caller)
        for text in texts { hasher.combine(Array(text.utf8)) }
    }

    private var texts: [String] { [server, tool, arguments, policy] }
}
