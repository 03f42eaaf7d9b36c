import Evidence

/// What a report says, without its form.
struct ReceiptReport: Sendable, Hashable {
    struct Fact: Sendable, Hashable {
        /// Stable in JSON.
        let id: String
        let title: String
        let value: ReportCell

        init(_ id: String, _ title: String, _ value: ReportCell) {
            self.id = id
            self.title = title
            self.value = value
        }
    }

    /// The first line: who kept the log, and whether it verified.
    let verdict: String
    let isVerified: Bool
    let custodies: [Custody]
    /// Of the log, and of what was asked for.
    let facts: [Fact]
    let sections: [ReportSection]

    static let title = "What a log of sandboxd shows"
}
