/// A row of a framework: which receipts can support it, and what they leave open. Never that something is complied with.
struct Control: Sendable, Hashable {
    /// The framework's own.
    let id: String
    /// The framework's own, or the beginning of it where it is a sentence.
    let title: String
    let support: [EvidenceItem]
    let open: String

    init(_ id: String, _ title: String, _ support: [EvidenceItem], open: String) {
        self.id = id
        self.title = title
        self.support = support
        self.open = open
    }
}

/// A list of controls by somebody else.
struct Framework: Sendable, Hashable {
    /// Stable in JSON.
    let id: String
    let title: String
    /// Which edition, and what one must know to read it.
    let note: String
    let controls: [Control]
}
