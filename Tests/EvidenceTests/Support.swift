import Descriptors
import StrictJSON
import TestSupport
import Testing

@testable import Evidence

/// A moment that all tests share, so that nothing depends on the clock: 2026-01-31T08:05:00.000123Z.
let someTime: UInt64 = 1_769_846_700_000_123_456

let someSeed = [UInt8](0..<32)

func someKey() -> SigningKey {
    guard let key = SigningKey(seed: someSeed) else { preconditionFailure("32 bytes are a seed") }
    return key
}

/// Only sessions named `s…` carry digests, so that the other tests' logs stay small.
func facts(_ session: String) -> SessionFacts {
    let hasDigests = session.hasPrefix("s")
    guard
        let facts = SessionFacts(
            session: session, policy: SHA256.digest([1]), plan: hasDigests ? SHA256.digest([2]) : nil,
            host: hasDigests ? SHA256.digest([3]) : nil)
    else { preconditionFailure("not an identifier") }
    return facts
}

func receipt(_ kind: ReceiptKind, session: String?, text: String = "x") throws -> Receipt {
    try Receipt(
        kind, time: someTime, facts: session.map { facts($0) }, body: JSONObject([("text", .string(text)), ("a", .number(JSONNumber(7)))]))
}

extension ScratchDirectory {
    /// Opens a log below this directory.
    func log(_ name: String = "log", key: SigningKey = someKey(), perSegment: UInt64 = 4) throws -> ReceiptLog {
        try ReceiptLog(directory: "\(path)/\(name)", key: key, custody: .daemon, receiptsPerSegment: perSegment, time: someTime)
    }

    func read(_ name: String) throws -> [UInt8] {
        try #require(try WorkingDirectory().contents(of: "\(path)/\(name)", limit: 1 << 30))
    }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        try WorkingDirectory().open("\(path)/\(name)", [.write, .create, .truncate]).writeWhole(bytes)
    }

    func remove(_ name: String) throws {
        try WorkingDirectory().unlink("\(path)/\(name)")
    }

    func names(_ name: String) throws -> [String] {
        try WorkingDirectory().open("\(path)/\(name)", .directory).names().map { String(decoding: $0, as: UTF8.self) }
    }
}

/// A log of two sessions in three segments with three checkpoints, all of it signed, as `log` below the scratch directory; 11 receipts.
func makeSmallLog(_ scratch: ScratchDirectory, key: SigningKey = someKey(), name: String = "log", text: String = "x") throws {
    let log = try scratch.log(name, key: key)
    try log.append(receipt(.launch, session: "one", text: text))
    try log.append(receipt(.launch, session: "two", text: text))
    try log.checkpoint()
    for index in 0..<3 { try log.append(receipt(.decision, session: "one", text: "\(text)\(index)")) }
    try log.checkpoint()
    for session in ["two", "one", "two"] { try log.append(receipt(.outcome, session: session, text: text)) }
    try log.append(receipt(.exit, session: "one", text: text))
    try log.append(receipt(.exit, session: "two", text: text))
    try log.checkpoint()
    try scratch.write("\(name)/key.pub", Array((key.verifier.text + "\n").utf8))
}
