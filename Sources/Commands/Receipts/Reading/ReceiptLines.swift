import Descriptors
import Evidence
import StrictJSON

/// Where `show`, `report` and `diff` get receipts from. The only place that knows how they lie there.
struct ReceiptLines {
    let path: String

    enum Item {
        case receipt(ReceiptRecord)
        case foreign([UInt8])

        var line: [UInt8] {
            switch self {
            case .receipt(let record): record.line
            case .foreign(let line): line
            }
        }
    }

    /// Hands over all lines in their order, until `body` says no.
    func read(_ body: (Item) -> Bool) throws(Errno) {
        try LogLines.read(directory: path) { body(Self.item($0)) }
    }

    static func item(_ line: [UInt8]) -> Item { ReceiptRecord(line).map { .receipt($0) } ?? .foreign(line) }

    /// So many receipts are signed, as the last checkpoint says; its signature is not looked at.
    var signedSize: UInt64 { (try? LogProver(directory: path).checkpoint.size) ?? 0 }

    static func unreadable(_ path: String, _ error: Errno) -> (message: String, help: String?) {
        ("cannot read a log in \(Escaping.quoted(path)): \(ErrnoWords.text(error.name))", LogPlace.help)
    }
}
