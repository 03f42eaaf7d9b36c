extension Receipt {
    /// The receipt's line without its line feed: the bytes that the log's tree holds. Members stand in canonical order; all values but
    /// `body` are of characters that need no escape.
    func line(number: UInt64, sessionNumber: UInt64?, custody: Custody) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(body.count + 480)
        line += "{\"\(ReceiptFields.body)\":".utf8
        line += body
        line += text(ReceiptFields.custody, custody.rawValue)
        if let host = facts?.host { line += text(ReceiptFields.host, host.hex) }
        line += text(ReceiptFields.kind, kind.rawValue)
        line += plain(ReceiptFields.number, number)
        if let plan = facts?.plan { line += text(ReceiptFields.plan, plan.hex) }
        if let policy = facts?.policy { line += text(ReceiptFields.policy, policy.hex) }
        if let session = facts?.session { line += text(ReceiptFields.session, session) }
        if let sessionNumber { line += plain(ReceiptFields.sessionNumber, sessionNumber) }
        if let spoolNumber { line += plain(ReceiptFields.spoolNumber, spoolNumber) }
        line += text(ReceiptFields.time, Timestamp(nanoseconds: time).text)
        line.append(UInt8(ascii: "}"))
        return line
    }

    private func text(_ name: String, _ value: String) -> String.UTF8View { ",\"\(name)\":\"\(value)\"".utf8 }

    private func plain(_ name: String, _ value: UInt64) -> String.UTF8View { ",\"\(name)\":\(value)".utf8 }
}
