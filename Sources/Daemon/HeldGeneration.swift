import ControlProtocol
import Decision
import Evidence
import KernelPlan
import Layers
import PathFinding
import Policy
import PolicyText
import SessionProtocol
import StrictJSON

/// One generation of a session's documents, read: what it says to the gate, and to the kernel.
struct HeldGeneration {
    let texts: SessionTexts

    /// Throws every reason against it.
    init(
        _ generation: SessionDocuments.Generation, of documents: SessionDocuments, home: (ServerClause.User?) -> String?
    ) throws(Refusal) {
        let layers = try LayerDirectory.parse(generation.layers)
        texts = try SessionTexts(
            policy: NamedText(name: generation.policy.name, bytes: generation.policy.bytes),
            includes: generation.includes.map { NamedText(name: $0.name, bytes: $0.bytes) }, argv: nil, layers: layers,
            user: documents.account
        ) { user in
            var variables = documents.variables
            if let home = home(user) { variables.home = home }
            return variables
        }
    }

    private var requests: [RequestedPath] {
        texts.expanded.requestedPaths + texts.layers.entries.flatMap { $0.layer.requestedPaths }
    }

    /// Paths that nobody looked for yet.
    func missing(from documents: SessionDocuments) -> [RequestedPath] {
        var seen: Set<[UInt8]> = []
        return requests.filter { documents.findings[Array($0.path.utf8)] == nil && seen.insert(Array($0.path.utf8)).inserted }
    }

    func needsNameservers(besides documents: SessionDocuments) -> Bool {
        documents.nameservers == nil && (texts.expanded.needsNameservers || texts.layers.entries.contains { $0.layer.needsNameservers })
    }

    /// What it permits, written out; a path is what it was when it was first looked for. Throws every reason.
    func policy(of documents: SessionDocuments, user: ServerClause.User) throws(Refusal) -> (policy: Policy, layers: [Layer]) {
        let finding = { (request: RequestedPath) in documents.findings[Array(request.path.utf8)] ?? .timedOut }
        let own = texts.expanded.requestedPaths.map(finding)
        let others = texts.layers.entries.flatMap { $0.layer.requestedPaths }.map(finding)
        let policy = try texts.expanded.resolved(with: own, nameservers: documents.nameservers)
        let layers = try texts.layers.resolved(with: others[...], documents.nameservers)
        let tightened = try policy.tightened(by: layers)
        return (tightened.spelledOut(user: user, approvers: Approvers(ApprovalsClause(), .daemon).by), layers)
    }

    /// What it says to the gate; a layer that says nothing to it is none.
    var sections: [GateSections.Section] {
        let policy = Self.section(nil, texts.expanded.tools, texts.expanded.messages)
        return [policy]
            + texts.layers.entries.map(\.layer).filter { $0.tools != ToolsClause() || $0.messages != MessagesClause() }
            .map { Self.section($0.name, $0.tools, $0.messages) }
    }

    private static func section(_ layer: String?, _ tools: ToolsClause, _ messages: MessagesClause) -> GateSections.Section {
        let says: JSON = ["layer": layer.map(JSON.string) ?? .null, "messages": messages.json, "tools": tools.json]
        return GateSections.Section(id: SHA256.digest(says.encoded()).hex, layer: layer, tools: tools.json, messages: messages.json)
    }

    /// Names what it consists of.
    var json: JSON { ["layers": texts.layers.json, "policy": .string(texts.digest.hex)] }
}
