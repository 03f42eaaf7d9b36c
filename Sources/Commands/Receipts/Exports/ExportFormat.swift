/// What receipts are exported as.
enum ExportFormat: String, CaseIterable, Sendable {
    case sarif
    case inToto = "in-toto"
    case acta
    case journal
}
