import ControlProtocol
import Policy
import PolicyText

/// A policy with all that it includes, as bytes: what is sent, parsed, and quoted in diagnostics.
struct PolicyTexts: Sendable {
    let policy: NamedText
    let includes: [NamedText]
    /// `NAME.tests.yaml` beside the policy, where there is one.
    let tests: NamedText?
    /// Documents that tighten it, as far as they are about it.
    let layers: LayerChoice

    /// So that includes that include for ever end; the parser tells what is circular.
    private static let mostIncludes = 48

    /// Reads the policy and, as far as they can be found, its includes. What cannot be found is told by the parser, at its place.
    init(_ name: String, finder: PolicyFinder, layers: LayerChoice = .none) throws(Refusal) {
        self.layers = layers
        let found: FoundPolicy
        do { found = try finder.find(name) } catch { throw Refusal(error.reason(at: nil)) }
        policy = found.text
        do { tests = try finder.tests(beside: found) } catch { throw Refusal(error.reason(at: nil)) }
        includes = try Self.includes(of: found, finder)
    }

    /// A text that is in no file; what it includes is shipped.
    init(_ text: NamedText, finder: PolicyFinder) throws(Refusal) {
        layers = .none
        policy = text
        tests = nil
        includes = try Self.includes(of: FoundPolicy(text: text, directory: nil), finder)
    }

    private static func includes(of found: FoundPolicy, _ finder: PolicyFinder) throws(Refusal) -> [NamedText] {
        var texts: [NamedText] = []
        var pending = [found.text][...]
        while let next = pending.popFirst() {
            // A text that cannot be read has no includes that matter: its reasons are told when it is parsed.
            let entries = (try? PolicyText.includes(of: PolicySource(name: next.name, bytes: next.bytes))) ?? []
            for entry in entries where !texts.contains(where: { $0.name.utf8.elementsEqual(entry.value.utf8) }) {
                guard texts.count < mostIncludes else {
                    throw Refusal(Reason(.tooLarge, at: entry.location, ["what": "includes", "limit": "48"]))
                }
                let text: NamedText?
                do { text = try finder.include(entry.value, besides: found.directory) } catch {
                    throw Refusal(error.reason(at: entry.location))
                }
                guard let text else { continue }
                texts.append(text)
                pending.append(text)
            }
        }
        return texts
    }

    /// Parses all of it here.
    func draft(accepting acceptance: Acceptance = .enforced) throws(Refusal) -> PolicyDraft {
        let sources = includes.map { ($0.name, PolicySource(name: $0.name, bytes: $0.bytes)) }
        return try PolicyText.parse(
            PolicySource(name: policy.name, bytes: policy.bytes), includes: Dictionary(sources, uniquingKeysWith: { first, _ in first }),
            accepting: acceptance)
    }

    /// The tests that stand beside the policy, as values; none where there is no such document.
    func tests(of draft: PolicyDraft, with variables: PolicyVariables) throws(Refusal) -> [PolicyTest] {
        guard let tests else { return [] }
        return try draft.tests(of: PolicySource(name: tests.name, bytes: tests.bytes), with: variables)
    }

    /// Where the documents lie.
    var paths: [String] { ([policy] + includes).compactMap(\.path) }

    /// The bytes of a document by the name that positions carry.
    func source(_ name: String) -> [UInt8]? {
        ([policy] + includes + [tests].compactMap(\.self)).first { $0.name.utf8.elementsEqual(name.utf8) }?.bytes ?? layers.source(name)
    }
}

extension PolicyLookupFailure {
    func reason(at location: SourceLocation?) -> Reason {
        switch self {
        case .unreadable(let file, let error): Reason(.unreadable, at: location, ["file": file, "error": error])
        case .unknownName(let name, let searched):
            Reason(.unreadable, at: location, ["file": name, "error": "ENOENT", "searched": searched.joined(separator: ", ")])
        case .ambiguousName(let name, let path, let other):
            Reason(.unreadable, at: location, ["file": name, "error": "ENOTUNIQ", "path": path, "other": other ?? ""])
        }
    }
}
