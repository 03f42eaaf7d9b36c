import CKernel
public import Descriptors

/// The kernel's audit log, as far as Landlock writes into it. It is read where it is on already: nothing here switches it on, or changes what it
/// keeps (netlink, AUDIT_NLGRP_READLOG; needs CAP_AUDIT_READ, CAP_AUDIT_CONTROL to ask, and the first network and PID namespaces).
public final class AuditLog {
    public enum Item: Sendable, Hashable {
        case record(LandlockRecord)
        /// Of one of the two types, and not as they are known.
        case unreadable
        /// The kernel had no room for some; nobody can say how many, or whose.
        case lost
        case none
    }

    private let records: OwnedDescriptor
    private let status: OwnedDescriptor
    private var text = [CChar](repeating: 0, count: Int(CK_AUDIT_RECORD_MAX))

    /// Bytes of records that may wait: some thousand.
    private static let room: Int32 = 1 << 21

    /// Joins, from here on.
    public init() throws(Errno) {
        records = try descriptor(ck_audit_open_records(Self.room))
        status = try descriptor(ck_audit_open_status())
    }

    /// Whether it is on, as AUDIT_GET answers it.
    public static func isOn() throws(Errno) -> Bool {
        let result = ck_audit_enabled()
        try check(result)
        return result > 0
    }

    /// Readable while a record waits.
    public var recordsNumber: Int32 { records.number }
    /// Readable while an answer waits.
    public var statusNumber: Int32 { status.number }

    /// The next record; any other failure than a lack of room is thrown.
    public func next() throws(Errno) -> Item {
        var type: UInt16 = 0
        let count = ck_audit_receive(records.number, &type, &text, text.count)
        if count >= 0 {
            let bytes = text.prefix(count).map(UInt8.init(bitPattern:))
            return LandlockRecord(type: type, text: bytes).map { .record($0) } ?? .unreadable
        }
        switch Errno(code: Int32(-count)) {
        case .tryAgain: return .none
        case .noBuffers: return .lost
        case .badMessage: return .unreadable
        case let error: throw error
        }
    }

    /// AUDIT_GET; the answer comes on its own descriptor.
    public func ask() throws(Errno) { try check(ck_audit_ask(status.number)) }

    /// What was asked; `nil` while it has not come.
    public func answer() throws(Errno) -> Bool? {
        let result = ck_audit_answer(status.number)
        if result == -Errno.tryAgain.code { return nil }
        try check(result)
        return result > 0
    }
}
