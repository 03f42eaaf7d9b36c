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
            (event, .string("torn-end")), ("bytes", .number(JSONNumber(Int64(end.count)))),
            ("file", .string("\(LogFiles.aside)/\(end.file)")),
            ("sha256", .string(end.digest.hex)), ("source", .string(end.source)),
        ])
    }

    /// The same of a session's spool: nothing was done on the word of what is kept.
    static func tornSpool(_ end: TornEnd, fault: SpoolFault?) -> JSONObject {
        var body = JSONObject([
            (event, .string("torn-spool")), ("bytes", .number(JSONNumber(Int64(end.count)))),
            ("file", .string("\(LogFiles.aside)/\(end.file)")), ("sha256", .string(end.digest.hex)),
        ])
        if let fault { body["fault"] = .string(fault.text) }
        return body
    }
}

extension LogEvent {
    /// The chain that begins with the key that a log's first line names; nil when it is no `log-created` receipt.
    static func createdChain(_ line: UnsafeRawBufferPointer) throws(Finding.Problem) -> KeyChain? {
        guard let text = createdKey(line) else { return nil }
        do { return KeyChain(try VerifierKey(parsing: text)) } catch {
            switch error {
            case .malformed: throw .malformedKey
            case .unknownAlgorithm(let type): throw .unknownAlgorithm(type)
            }
        }
    }

    /// The exchange of keys that a receipt of the log's own tells of; nil when it tells of something else. What gates state belongs to sessions.
    static func rotation(_ receipt: ReceiptLine, _ line: UnsafeRawBufferPointer) throws(Finding.Problem) -> KeyRotation? {
        guard receipt.kind == .lifecycle, receipt.place == nil, let body = (try? JSON(parsing: Array(line)))?[ReceiptFields.body]?.object
        else {
            return nil
        }
        do { return try KeyRotation(body) } catch { throw .badRotation(error.rawValue) }
    }

    /// The key that a log's first line names; nil when it is no `log-created` receipt.
    static func createdKey(_ line: UnsafeRawBufferPointer) -> String? {
        guard let json = try? JSON(parsing: Array(line)), let body = json[ReceiptFields.body], let name = body[event]?.string,
            name.utf8.elementsEqual(created.utf8)
        else { return nil }
        return body[key]?.string ?? ""
    }
}
