import Evidence
import Policy
import StrictJSON

/// What tells that a result is the one of an earlier run, though its line has moved.
struct SARIFFingerprints {
    private var seen: [String: Int] = [:]
    private var lineHashes: [String: LineHashes] = [:]

    /// `sandboxctlReason/v1` is of what is said; equal ones are numbered in their order. `primaryLocationLineHash` is what GitHub goes by, and what its upload
    /// action would add.
    mutating func next(_ reason: Reason, _ place: SARIFPlace) -> JSON {
        let digest = Self.digest(reason, place)
        seen[digest, default: 0] += 1
        if lineHashes[place.uri] == nil { lineHashes[place.uri] = LineHashes(place.source) }
        var prints: JSONObject = ["sandboxctlReason/v1": .string("\(digest):\(seen[digest] ?? 1)")]
        if let hash = lineHashes[place.uri]?[place.line] { prints["primaryLocationLineHash"] = .string(hash) }
        return .object(prints)
    }

    /// Facts that are line numbers move with the text, and are left out.
    private static func digest(_ reason: Reason, _ place: SARIFPlace) -> String {
        let moving = ["firstLine", "otherLine"]
        let facts = reason.facts.filter { !moving.contains($0.key) }.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
        var sha = SHA256()
        for part in [reason.code.rawValue, place.uri] + facts { sha.update(Array(part.utf8) + [0]) }
        return String(sha.finish().hex.prefix(32))
    }
}
