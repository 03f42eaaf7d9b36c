import Policy

/// A template of URIs (RFC 6570), as far as patterns can be held against it: what stands before its first expression and behind its last.
///
/// Whether some expansion matches a pattern is told by these two ends alone, so that a template may be held for permitted of which no expansion
/// is. It is only shown, or completed; what is read is judged by its own URI.
struct ResourceTemplate {
    private let beginning: [UInt8]
    /// Nil: there is no expression, and `beginning` is all.
    private let end: [UInt8]?

    /// Nil where what it expands to has no form that patterns could be compared with.
    init?(_ template: [UInt8]) {
        guard let open = template.firstIndex(of: UInt8(ascii: "{")) else {
            guard let uri = ResourceURI(template) else { return nil }
            (beginning, end) = (uri.normal, nil)
            return
        }
        guard let close = template.lastIndex(of: UInt8(ascii: "}")), open < close else { return nil }
        guard let beginning = ResourceURI.normal(beginning: Array(template[..<open])) else { return nil }
        self.beginning = beginning
        end = Array(template[(close + 1)...])
    }

    func mayMeet(_ globs: [Glob]) -> Bool { globs.contains(where: mayMeet) }

    private func mayMeet(_ glob: Glob) -> Bool {
        guard let end else { return glob.matches(beginning) }
        guard glob.beginning.count < glob.text.count else {
            return glob.text.count >= beginning.count + end.count && glob.text.starts(with: beginning)
                && glob.text.reversed().starts(with: end.reversed())
        }
        return Self.agree(Array(glob.beginning), beginning) && Self.agree(glob.end.reversed(), end.reversed())
    }

    /// Whether one of them begins with the other.
    private static func agree(_ left: [UInt8], _ right: [UInt8]) -> Bool { left.starts(with: right) || right.starts(with: left) }
}
