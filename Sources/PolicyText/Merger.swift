import Policy

/// Unites documents: lists are joined, mappings are merged key by key, and scalars that differ are refused.
/// `name`, `description` and `tests` belong to each document and stay those of the first.
struct Merger {
    private(set) var root: YAMLNode
    private(set) var reasons: [Reason] = []

    private static let ownKeys = ["sandboxd", "name", "description", "include", "tests"]

    init(_ main: YAMLNode) { root = main }

    /// Adds what `document` says.
    mutating func add(_ document: YAMLNode) {
        let rest = document.entries.filter { entry in !Self.ownKeys.contains { $0.utf8.elementsEqual(entry.key.utf8) } }
        root = merged(root, YAMLNode(content: .mapping(rest), location: document.location), "")
    }

    private mutating func merged(_ first: YAMLNode, _ second: YAMLNode, _ place: String) -> YAMLNode {
        switch (first.content, second.content) {
        case (.refused, _): return first
        case (_, .refused): return second
        case (.mapping(let left), .mapping(let right)):
            return YAMLNode(content: .mapping(merged(left, right, place)), location: first.location, ordinal: first.ordinal)
        case (.list(let left), .list(let right)):
            return YAMLNode(content: .list(united(left, right)), location: first.location, ordinal: first.ordinal)
        case (.scalar(let left), .scalar(let right)):
            if !left.text.utf8.elementsEqual(right.text.utf8) { noteConflict(first, second, place) }
            return first
        case (.scalar, _), (.list, _), (.mapping, _):
            noteConflict(first, second, place)
            return first
        }
    }

    /// One text stands once.
    private func united(_ left: [YAMLNode], _ right: [YAMLNode]) -> [YAMLNode] {
        let there = Set(left.compactMap { $0.text.map { Array($0.utf8) } })
        return left + right.filter { item in !(item.text.map { there.contains(Array($0.utf8)) } ?? false) }
    }

    private mutating func merged(_ left: [YAMLEntry], _ right: [YAMLEntry], _ place: String) -> [YAMLEntry] {
        var entries = left
        for entry in right {
            let inner = place.isEmpty ? entry.key : "\(place).\(entry.key)"
            if let index = entries.firstIndex(where: { $0.key.utf8.elementsEqual(entry.key.utf8) }) {
                entries[index].value = merged(entries[index].value, entry.value, inner)
            } else {
                entries.append(entry)
            }
        }
        return entries
    }

    private mutating func noteConflict(_ first: YAMLNode, _ second: YAMLNode, _ place: String) {
        let facts = [
            "place": place, "value": first.shown, "other": second.shown,
            "otherFile": second.location.file, "otherLine": "\(second.location.line)",
        ]
        reasons.append(Reason(.conflictingIncludes, at: first.location, facts))
    }
}
