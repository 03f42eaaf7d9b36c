import StrictJSON

/// Decides of each receipt of a log whether a bundle holds it.
struct BundleSelection {
    let filter: BundleFilter
    /// Those that a launch or refusal gives the wanted server; nil where none is wanted.
    private(set) var sessions: Set<String>?

    init(_ filter: BundleFilter) {
        self.filter = filter
        sessions = filter.server.map { _ in [] }
    }

    /// Looks at every receipt once before `takes` is asked: a session's first receipts can stand before the one that names its server.
    mutating func learn(_ line: ReceiptLine, _ bytes: UnsafeRawBufferPointer) {
        guard let wanted = filter.server, let place = line.place, let server = Self.server(line, bytes) else { return }
        if server.utf8.elementsEqual(wanted.utf8) { sessions?.insert(place.session) }
    }

    func takes(_ line: ReceiptLine, _ bytes: UnsafeRawBufferPointer) -> Bool {
        if BundleEvent(line, bytes) != nil { return true }
        guard filter.includes(timeOf: bytes) else { return false }
        if let wanted = filter.session { guard let own = line.place?.session, own.utf8.elementsEqual(wanted.utf8) else { return false } }
        if let sessions { return line.place.map { sessions.contains($0.session) } ?? false }
        return true
    }

    /// The server that a launch or refusal names; nil for other receipts.
    static func server(_ line: ReceiptLine, _ bytes: UnsafeRawBufferPointer) -> String? {
        guard line.kind == .launch || line.kind == .refusal else { return nil }
        return (try? JSON(parsing: Array(bytes)))?[ReceiptFields.body]?["server"]?.string
    }
}
