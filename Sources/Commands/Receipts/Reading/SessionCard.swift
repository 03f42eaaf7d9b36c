import Evidence
import StrictJSON

/// What the receipt of a session's beginning says of it; the later ones do not repeat it.
struct SessionCard: Sendable, Hashable {
    /// The name that whoever asked gave to it.
    let server: String?
    /// What was observed of whoever asked.
    let client: JSON?

    /// nil for a receipt that is of no beginning.
    init?(_ record: ReceiptRecord) {
        guard record.kind == .launch || record.kind == .refusal else { return nil }
        server = record.text("server")
        client = record.body["client"]
    }

    /// Whether the process that asked, or the one that started it, has this name, executable, unit, cgroup, uid or pid.
    func isClient(_ wanted: String) -> Bool {
        [client, client?["parent"]].compactMap(\.self).contains { process in
            Self.members.contains { Self.isValue(process[$0], wanted) }
        }
    }

    private static let members = ["name", "executable", "unit", "cgroup", "uid", "pid"]

    private static func isValue(_ json: JSON?, _ wanted: String) -> Bool {
        switch json {
        case .string(let text)?: text.utf8.elementsEqual(wanted.utf8) || isLastComponent(wanted, of: text)
        case .number(let number)?: number.int64.map { String($0).utf8.elementsEqual(wanted.utf8) } ?? false
        case .array?, .object?, .null?, .bool?, nil: false
        }
    }

    private static func isLastComponent(_ name: String, of path: String) -> Bool {
        guard path.utf8.first == UInt8(ascii: "/"), let last = path.utf8.split(separator: UInt8(ascii: "/")).last else { return false }
        return last.elementsEqual(name.utf8)
    }
}

/// The latest sessions' cards.
typealias SessionCards = BoundedMemory<String, SessionCard>

extension SessionCards {
    /// Beyond so many sessions at a time receipts of the oldest are shown as of an unknown server.
    static var usual: SessionCards { SessionCards(capacity: 65_536) }

    /// Of the receipt's session; a name proxy's is its server's.
    func card(of record: ReceiptRecord) -> SessionCard? {
        guard let session = record.session else { return nil }
        let suffix = SessionFacts.proxySuffix
        return self[session.hasSuffix(suffix) ? String(session.dropLast(suffix.utf8.count)) : session]
    }

    mutating func note(_ record: ReceiptRecord) {
        guard let session = record.session, let card = SessionCard(record), card.server != nil || self[session] == nil else { return }
        set(session, card)
    }
}
