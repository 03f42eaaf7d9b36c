public import Evidence
public import Policy
public import PolicyText

/// The layers of a host as they were read at one time: their texts, and what they say.
public struct HostLayers: Sendable {
    public let sources: [PolicySource]
    public let drafts: [LayerDraft]

    /// Parses all of them. Throws every reason.
    public init(_ sources: [PolicySource]) throws(Refusal) {
        self.sources = sources
        drafts = try LayerDirectory.parse(sources)
    }

    private init(_ pairs: [(PolicySource, LayerDraft)]) {
        sources = pairs.map(\.0)
        drafts = pairs.map(\.1)
    }

    /// Those that are about a session.
    public func applying(toPolicy policy: String, user: String?) -> HostLayers {
        HostLayers(zip(sources, drafts).filter { $0.1.appliesTo.holds(policy: policy, user: user) })
    }
}

extension [PolicySource] {
    /// SHA-256 of the texts under their names, in their order.
    public var digest: Digest {
        var bytes: [UInt8] = []
        for source in self {
            for part in [[UInt8](source.name.utf8), source.bytes] {
                bytes += [UInt8]("\(part.count):".utf8) + part
            }
        }
        return SHA256.digest(bytes)
    }
}
