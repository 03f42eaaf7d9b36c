import Descriptors
import Evidence
import StrictJSON

/// Finds the receipt that a command line means.
struct ReceiptPlace {
    static let daemonLog = "/var/lib/sandboxd/evidence"

    /// `nil`: the daemon's.
    let log: String?
    let input: BorrowedDescriptor

    var directory: String { log ?? Self.daemonLog }

    func receipt(_ subject: ExplainSubject) throws(ReceiptProblem) -> JSONObject {
        switch subject {
        case .receipt(let number): try find { $0[ReceiptFields.number]?.int64 == number }
        case .receiptOfSession(let session, let number):
            try find { $0[ReceiptFields.session] == .string(session) && $0[ReceiptFields.sessionNumber]?.int64 == number }
        case .receiptText(let file?): try parse(try read(file))
        case .receiptText(nil): try parse(try readInput())
        case .code, .policy: throw .notReceipt
        }
    }

    /// By its place in the session's spool.
    func receipt(ofSession session: String, spoolNumber: Int64) throws(ReceiptProblem) -> JSONObject {
        try find { $0[ReceiptFields.session] == .string(session) && $0[ReceiptFields.spoolNumber]?.int64 == spoolNumber }
    }

    private func find(_ isMeant: (JSONObject) -> Bool) throws(ReceiptProblem) -> JSONObject {
        var found: JSONObject?
        do {
            try ReceiptSource(directory).read { stored in
                guard let receipt = stored.parsed(), isMeant(receipt) else { return true }
                found = receipt
                return false
            }
        } catch {
            throw .unreadableLog(directory, error)
        }
        guard let found else { throw .notInLog(directory) }
        return found
    }

    private func read(_ file: String) throws(ReceiptProblem) -> [UInt8] {
        do throws(Errno) {
            guard let bytes = try WorkingDirectory().contents(of: file, limit: 1 << 20) else { throw .invalid }
            return bytes
        } catch {
            throw .unreadableFile(file, error)
        }
    }

    private func readInput() throws(ReceiptProblem) -> [UInt8] {
        var first: [UInt8]?
        let isRead = InputLines.read(input) { line in
            first = line
            return false
        }
        guard isRead, let first else { throw .notReceipt }
        return first
    }

    private func parse(_ bytes: [UInt8]) throws(ReceiptProblem) -> JSONObject {
        let line = bytes.last == UInt8(ascii: "\n") ? Array(bytes.dropLast()) : bytes
        guard let object = (try? JSON(parsing: line))?.object, object[ReceiptFields.kind]?.string != nil,
            object[ReceiptFields.body]?.object != nil
        else { throw .notReceipt }
        return object
    }
}

/// Why there is no receipt to explain.
enum ReceiptProblem: Error, Sendable, Hashable {
    case unreadableLog(String, ReceiptSourceError)
    case unreadableFile(String, Errno)
    case notInLog(String)
    case notReceipt
    /// The receipt is there, and nothing is kept of what it is about.
    case nothingKept
    case notNamed

    var words: (message: String, help: String?) {
        switch self {
        case .unreadableLog(let path, let error):
            (ReceiptLines.unreadable(path, error).message, "name it with `--log DIR`; \(LogPlace.help)")
        case .unreadableFile(let path, let error): ("cannot read \(Escaping.quoted(path)): \(ErrnoWords.text(error.name))", nil)
        case .notInLog(let path):
            ("there is no such receipt in \(Escaping.quoted(path))", "`sandboxctl receipts show \(path)` lists them")
        case .nothingKept:
            (
                "nothing is kept of what this receipt is about",
                "arguments are kept of decisions where the policy says `evidence: {arguments: full}`"
            )
        case .notNamed: ("this names no receipt", "name it by its number in the log, SESSION:NUMBER or SESSION/NUMBER")
        case .notReceipt: ("this is not a receipt", "give one line as `sandboxctl receipts show --json` prints it")
        }
    }

    var status: ExitStatus {
        switch self {
        case .unreadableLog: .unreachable
        case .unreadableFile, .notInLog, .notReceipt, .nothingKept, .notNamed: .usage
        }
    }
}
