import StrictJSON

/// In the file `roots` each removed segment is a group of lines, all of them canonical JSON: what it is, its parts, its sessions.
extension RemovedSegment {
    enum Member {
        static let first = "first"
        static let count = "count"
        static let latest = "latest"
        static let parts = "parts"
        static let sessions = "sessions"
        static let leaves = "leaves"
        static let root = "root"
        static let receipt = "receipt"
        static let session = "session"
        static let receipts = "receipts"
        static let spool = "spool"
    }

    var text: [UInt8] {
        var text = Self.line([
            (Member.count, Self.number(count)), (Member.first, Self.number(first)), (Member.latest, .string(latest.text)),
            (Member.parts, JSON(parts.count)), (Member.sessions, JSON(sessions.count)),
        ])
        for part in parts {
            switch part {
            case .gone(let leaves, let root): text += Self.line([(Member.leaves, Self.number(leaves)), (Member.root, .string(root.hex))])
            // A receipt's line is canonical JSON: within an object of canonical JSON it stands byte for byte.
            case .kept(let line): text += Array("{\"\(Member.receipt)\":".utf8) + line + Array("}\n".utf8)
            }
        }
        for session in sessions { text += Self.line(session.members) }
        return text
    }

    private static func line(_ members: [(String, JSON)]) -> [UInt8] {
        // Counts below 2^53 and texts: nothing that has no canonical form.
        ((try? JSON.object(JSONObject(members)).canonical()) ?? []) + [0x0A]
    }

    private static func number(_ value: UInt64) -> JSON { JSON(Int64(clamping: value)) }
}

extension RemovedSegment.Session {
    fileprivate var members: [(String, JSON)] {
        typealias Member = RemovedSegment.Member
        let all: [(String, JSON?)] = [
            (Keep.member, keep?.json), (Member.receipts, JSON(Int64(clamping: receipts))), (Member.session, .string(name)),
            (Member.spool, JSON(Int64(clamping: spool))),
        ]
        return all.compactMap { name, value in value.map { (name, $0) } }
    }
}
