import StrictJSON

/// What a log records of itself: bodies of `lifecycle` receipts.
enum LogEvent {
    static let event = "event"
    static let created = "log-created"
    static let key = "key"

    /// The first receipt: whose key signs this log.
    static func created(_ verifier: VerifierKey) -> JSONObject {
        JSONObject([(event, .string(created)), (key, .string(verifier.text))])
    }

    /// An append was cut short by a crash; what was there is kept.
    static func tornEnd(_ end: TornEnd) -> JSONObject {
        JSONObject([
            (event, .string("torn-end")), ("bytes", .number(JSONNumber(Int64(end.bytes.count)))),
            ("file", .string("\(LogFiles.aside)/\(end.file)")),
            ("sha256", .string(SHA256.digest(end.bytes).hex)), ("source", .string(end.source)),
        ])
    }
}

extension LogEvent {
    /// The key that a log's first line names; nil when it is no `log-created` receipt.
    static func createdKey(_ line: UnsafeRawBufferPointer) -> String? {
        guard let json = try? JSON(parsing: Array(line)), let body = json[ReceiptFields.body], let name = body[event]?.string,
            name.utf8.elementsEqual(created.utf8)
        else { return nil }
        return body[key]?.string ?? ""
    }
}
