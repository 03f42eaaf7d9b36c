/// What the kernel's audit log says of a Landlock domain (Linux 6.15, security/landlock/audit.c): an act that it denied, that it denies for the
/// first time and whose it is, that it is gone and how often it denied.
public enum LandlockRecord: Sendable, Hashable {
    case denied(Denial)
    /// The process that confined itself, its number in the first PID namespace, and the program it was then.
    case named(Name)
    /// Whatever it denied, told or not.
    case gone(domain: UInt64, denials: UInt64)

    public struct Name: Sendable, Hashable {
        public var domain: UInt64
        /// CLOCK_REALTIME, milliseconds.
        public var time: UInt64
        public var process: Int32
        public var program: [UInt8]

        public init(domain: UInt64, time: UInt64, process: Int32, program: [UInt8]) {
            self.domain = domain
            self.time = time
            self.process = process
            self.program = program
        }
    }

    public struct Denial: Sendable, Hashable {
        public var domain: UInt64
        /// CLOCK_REALTIME, milliseconds.
        public var time: UInt64
        public var act: LandlockAct

        public init(domain: UInt64, time: UInt64, act: LandlockAct) {
            self.domain = domain
            self.time = time
            self.act = act
        }
    }

    /// AUDIT_LANDLOCK_ACCESS and AUDIT_LANDLOCK_DOMAIN.
    static let accessType: UInt16 = 1_423
    static let domainType: UInt16 = 1_424

    /// `nil` for what is no record of these types as they are known. Fields that a later kernel adds are passed over.
    public init?(type: UInt16, text: [UInt8]) {
        guard let fields = AuditFields(text), let domain = fields.number("domain", radix: 16) else { return nil }
        switch type {
        case Self.accessType:
            guard let act = LandlockAct(fields) else { return nil }
            self = .denied(Denial(domain: domain, time: fields.time, act: act))
        case Self.domainType:
            guard let record = Self.domain(domain, fields) else { return nil }
            self = record
        case _: return nil
        }
    }

    private static func domain(_ domain: UInt64, _ fields: AuditFields) -> LandlockRecord? {
        switch fields.word("status") {
        case "allocated":
            guard let process = fields.number("pid").flatMap({ Int32(exactly: $0) }), let program = fields.bytes("exe") else { return nil }
            return .named(Name(domain: domain, time: fields.time, process: process, program: program))
        case "deallocated": return fields.number("denials").map { .gone(domain: domain, denials: $0) }
        case _: return nil
        }
    }
}
