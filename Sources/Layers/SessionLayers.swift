public import Evidence
public import PathFinding
public import Policy
public import PolicyText
public import StrictJSON

/// The layers that apply to one session, on their way from texts to a tighter policy.
public struct SessionLayers: Sendable {
    public struct Entry: Sendable {
        public let layer: ExpandedLayer
        /// SHA-256 of the expanded layer's canonical form.
        public let digest: Digest
    }

    public let entries: [Entry]

    /// Expands all of them. Throws every reason.
    public init(_ drafts: [LayerDraft], _ variables: PolicyVariables) throws(Refusal) {
        var entries: [Entry] = []
        var reasons: [Reason] = []
        for draft in drafts {
            do throws(Refusal) { entries.append(try Self.entry(draft, variables)) } catch { reasons += error.reasons.all }
        }
        try Refusal.check(reasons)
        self.entries = entries
    }

    private static func entry(_ draft: LayerDraft, _ variables: PolicyVariables) throws(Refusal) -> Entry {
        let layer = try draft.expanded(with: variables)
        do { return Entry(layer: layer, digest: SHA256.digest(try layer.document.canonical())) } catch {
            throw Refusal(
                Reason(.badValue, ["place": "layer", "value": "a number", "expected": "numbers that canonical JSON carries exactly"]))
        }
    }

    /// Adds what the layers want to know. Their paths are only looked at: nothing of them is started or written.
    public func ask(_ question: inout PathQuestion) {
        question.paths += entries.flatMap { $0.layer.requestedPaths.map(\.path) }
        question.wantsNameservers = question.wantsNameservers || entries.contains { $0.layer.needsNameservers }
    }

    /// The layers with what was found for them, in the order in which `ask` asked.
    public func resolved(with findings: ArraySlice<PathFinding>, _ nameservers: FoundNameservers?) throws(Refusal) -> [Layer] {
        var rest = findings
        var layers: [Layer] = []
        var reasons: [Reason] = []
        for entry in entries {
            let count = entry.layer.requestedPaths.count
            let own = Array(rest.prefix(count))
            rest = rest.dropFirst(count)
            do throws(Refusal) { layers.append(try entry.layer.resolved(with: own, nameservers: nameservers)) } catch {
                reasons += error.reasons.all
            }
        }
        try Refusal.check(reasons)
        return layers
    }

    /// What a receipt says of them.
    public var json: JSON { .array(entries.map { ["name": .string($0.layer.name), "digest": .string($0.digest.hex)] }) }
}

extension [LayerDraft] {
    /// Those that are about a session: by the policy's name and the caller's account.
    public func applying(toPolicy policy: String, user: String?) -> [LayerDraft] {
        filter { $0.appliesTo.holds(policy: policy, user: user) }
    }

    /// Whose uid the server gets where the policy asks for `user`: a layer can ask for one of the session's own.
    public func user(over user: ServerClause.User?) -> ServerClause.User? {
        contains { $0.user == .session } ? .session : user
    }
}

extension Policy {
    /// This policy tightened by layers. The interpreters and loaders that executed files name were found for the files of the policy, so the
    /// files of an `execute` list must stay what they are, or none be left: otherwise R128.
    public func tightenedForLaunch(by layers: [Layer]) throws(Refusal) -> Policy {
        let result = try tightened(by: layers)
        let before = executedFiles, after = result.executedFiles
        guard result.files.executable != .none, before != after else { return result }
        let layer = layers.first { $0.clauses.files.execute != nil }
        let place = layer?.location ?? location
        throw Refusal(
            Reason(
                .inexpressibleTightening, at: place, ["clause": "files.execute", "layer": layer?.name ?? "", "problem": "interpreters"]))
    }

    private var executedFiles: Set<String> {
        guard case .paths(let paths) = clauses.files.executable else { return [] }
        return Set(paths.filter { $0.found.kind == .file }.map(\.found.resolved))
    }
}
