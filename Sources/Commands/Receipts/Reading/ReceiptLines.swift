import Descriptors
import Evidence
import StrictJSON

/// Where `show`, `report` and `diff` get receipts from.
struct ReceiptLines {
    let path: String

    enum Item {
        case receipt(ReceiptRecord)
        case foreign([UInt8])

        init(_ stored: StoredReceipt) { self = ReceiptRecord(stored).map { .receipt($0) } ?? .foreign(stored.line) }

        var line: [UInt8] {
            switch self {
            case .receipt(let record): record.line
            case .foreign(let line): line
            }
        }
    }

    /// Hands over all lines in their order, until `body` says no.
    func read(_ body: (Item) -> Bool) throws(ReceiptSourceError) { try ReceiptSource(path).read { body(Item($0)) } }

    /// So many receipts are signed, as the last checkpoint says; its signature is not looked at.
    var signedSize: UInt64 { (try? ReceiptSource(path))?.checkpoint?.size ?? 0 }

    static func unreadable(_ path: String, _ error: Errno) -> (message: String, help: String?) {
        ("cannot read a log in \(Escaping.quoted(path)): \(ErrnoWords.text(error.name))", LogPlace.help)
    }

    static func unreadable(_ path: String, _ error: ReceiptSourceError) -> (message: String, help: String?) {
        let verifying = "`sandboxctl receipts verify` says what is wrong with it"
        return switch error {
        case .system(.stale): ("the log in \(Escaping.quoted(path)) was cut: receipts that were there are gone", verifying)
        case .system(let error): unreadable(path, error)
        case .notBundle: ("\(Escaping.quoted(path)) is neither a log nor a bundle", LogPlace.help)
        case .lineTooLong(let file, let line): ("\(Escaping.line(file)):\(line): is longer than a receipt may be", verifying)
        }
    }

    /// How a command ends that could not read on.
    static func status(_ error: ReceiptSourceError) -> ExitStatus {
        switch error {
        case .system(.stale), .lineTooLong: .finding
        case .system, .notBundle: .unreachable
        }
    }
}
