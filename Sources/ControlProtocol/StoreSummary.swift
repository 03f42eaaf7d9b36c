public import StrictJSON

/// Where a daemon keeps what outlives sessions, and whether that can be used.
public struct StoreSummary: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A file of its own.
        case sqlite
        /// A database that hosts share.
        case postgresql
    }

    public var kind: Kind
    /// Why it cannot be used now; `nil` where it can.
    public var fault: String?

    public init(kind: Kind, fault: String?) {
        self.kind = kind
        self.fault = fault
    }

    public var json: JSON { ["kind": .string(kind.rawValue), "fault": fault.map(JSON.string) ?? .null] }

    /// `nil` for what is none.
    public init?(_ json: JSON) {
        guard let kind = json["kind"]?.string.flatMap(Kind.init(rawValue:)) else { return nil }
        self.init(kind: kind, fault: json["fault"]?.string)
    }
}
