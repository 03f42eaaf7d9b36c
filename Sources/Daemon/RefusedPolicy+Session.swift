import ControlProtocol
import Evidence
import Layers
import Policy
import PolicyText
import Store
import StrictJSON

extension RefusedPolicy {
    /// Bytes of a name, of a policy and of a document, that are kept.
    private static let longestName = 128
    private static let longestDocumentName = 4_096

    /// `texts`: as far as the policy came; `home`: the session's own; `layers`: where this host's lie.
    init(
        _ refusal: Refusal, _ policy: NamedText, _ includes: [NamedText], _ texts: SessionTexts?, home: String, caller: UInt32,
        host: [UInt8],
        layers: String, stage: Stage, receipt: Receipt?, place: LedgerHost?
    ) {
        let documents = [policy] + includes
        let reasons = refusal.reasons.all
        self.init(
            caller: caller, policy: texts?.expanded.name ?? Self.name(of: policy), main: policy.name, home: home,
            subject: texts.map { Self.digest($0.document, without: home) } ?? Self.digest(documents), isExpanded: texts != nil,
            reasons: reasons.map(\.json),
            codes: reasons.map(\.code.rawValue), layers: Self.layers(reasons, besides: documents, in: layers), host: host,
            documents: documents.filter { $0.name.utf8.count <= Self.longestDocumentName }.map { Document(name: $0.name, bytes: $0.bytes) },
            stage: stage, receipt: receipt, place: place)
    }

    /// What a policy calls itself; where that cannot be read, what its file is called.
    static func name(of policy: NamedText) -> String {
        if let name = PolicyText.name(of: PolicySource(name: policy.name, bytes: policy.bytes)), isName(name) { return name }
        var name = policy.name.utf8.split(separator: UInt8(ascii: "/")).last.map { String(decoding: $0, as: UTF8.self) } ?? ""
        for ending in [".yaml", ".yml"] where name.hasSuffix(ending) { name.removeLast(ending.count) }
        return isName(name) ? name : "unnamed"
    }

    private static func isName(_ text: String) -> Bool { !text.isEmpty && text.utf8.count <= longestName }

    /// Of texts that no policy could be made of.
    private static func digest(_ documents: [NamedText]) -> Digest {
        let digests = documents.map { JSON.string(SHA256.digest($0.bytes).hex) }
        return SHA256.digest(JSON.array(digests).encoded())
    }

    /// The layers that reasons stand in: told by their digest alone, since whoever may see the entry may not be allowed to read them.
    private static func layers(_ reasons: [Reason], besides documents: [NamedText], in directory: String) -> [String: Digest] {
        var found: [String: Digest] = [:]
        for file in Set(reasons.compactMap { $0.location?.file }) {
            guard file.hasPrefix(directory + "/"), !documents.contains(where: { $0.name.utf8.elementsEqual(file.utf8) }) else { continue }
            found[file] = LayerDirectory.text(of: file).map { SHA256.digest($0) }
        }
        return found
    }
}
