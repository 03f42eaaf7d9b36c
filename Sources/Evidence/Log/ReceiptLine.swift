import StrictJSON

/// What a line of a log says of itself, read back and judged.
package struct ReceiptLine: Hashable, Sendable {
    let number: UInt64
    let kind: ReceiptKind
    let custody: Custody
    /// nil for what belongs to no session.
    let place: SessionPlace?
    /// Documents that it names.
    let documents: NamedDocuments

    init(number: UInt64, kind: ReceiptKind, custody: Custody, place: SessionPlace?, documents: NamedDocuments = NamedDocuments()) {
        self.number = number
        self.kind = kind
        self.custody = custody
        self.place = place
        self.documents = documents
    }

    /// Reads a line without its line feed; the quick way where it can.
    init(_ line: UnsafeRawBufferPointer) throws(LineError) {
        if let quick = ReceiptLine(scanning: line) { self = quick } else { try self.init(Array(line)) }
    }

    /// Reads a line without its line feed: strict canonical JSON with the members of a receipt, and no others.
    package init(_ bytes: [UInt8]) throws(LineError) {
        let json = try Self.parse(bytes)
        guard let object = json.object else { throw LineError(.missingMember(ReceiptFields.number)) }
        for member in object.members where !ReceiptFields.all.contains(member.name) { throw LineError(.unknownMember(member.name)) }
        for name in ReceiptFields.required where object[name] == nil { throw LineError(.missingMember(name)) }
        number = try Self.count(object, ReceiptFields.number, from: 0)
        kind = try Self.value(object, ReceiptFields.kind) { ReceiptKind(rawValue: $0) }
        custody = try Self.value(object, ReceiptFields.custody) { Custody(rawValue: $0) }
        place = try SessionPlace(object)
        documents = try NamedDocuments(object)
        try Self.checkRest(object)
    }

    /// Every receipt as it was written has this form, so that another spelling of the same receipt is a change.
    private static func parse(_ bytes: [UInt8]) throws(LineError) -> JSON {
        let json: JSON
        do { json = try JSON(parsing: bytes) } catch { throw LineError(.notJSON(error)) }
        guard let canonical = try? json.canonical(), canonical == bytes else { throw LineError(.notCanonical) }
        return json
    }

    private static func checkRest(_ object: JSONObject) throws(LineError) {
        guard object[ReceiptFields.body]?.object != nil else { throw LineError(.invalidMember(ReceiptFields.body)) }
        _ = try value(object, ReceiptFields.time) { Timestamp.isForm($0) ? $0 : nil }
    }

    static func count(_ object: JSONObject, _ name: String, from least: Int64) throws(LineError) -> UInt64 {
        guard let value = object[name]?.int64, value >= least else { throw LineError(.invalidMember(name)) }
        return UInt64(value)
    }

    static func value<Value>(_ object: JSONObject, _ name: String, _ make: (String) -> Value?) throws(LineError) -> Value {
        guard let value = object[name]?.string.flatMap(make) else { throw LineError(.invalidMember(name)) }
        return value
    }
}
