import CLaunch
import Descriptors

/// As whom a finder looks: told to it before anything else, in one message of native numbers.
public struct FinderIdentity: Sendable, Hashable {
    public var uid: UInt32
    public var gid: UInt32
    public var groups: [UInt32]
    /// `false`: it must already be this; nothing is changed (no privilege to do so).
    public var isChanged: Bool

    public init(uid: UInt32, gid: UInt32, groups: [UInt32], isChanged: Bool) {
        self.uid = uid
        self.gid = gid
        self.groups = groups
        self.isChanged = isChanged
    }

    /// Why it could not become that.
    struct Failure: Error, Hashable {
        /// As `enum cl_step` numbers them.
        var step: UInt32
        var error: Errno
    }

    /// Gives up every privilege of this process and becomes that; read back by the same steps. After a failure the process must end.
    func become() throws(Failure) {
        var failed = CL_STEP_NONE
        let result = cl_become(uid, gid, groups, UInt32(groups.count), isChanged ? 1 : 0, &failed)
        guard result >= 0 else { throw Failure(step: failed.rawValue, error: Errno(code: -result)) }
    }

    // MARK: On the wire

    /// The first word of the message that carries it.
    private static let mark: UInt32 = 0x666f_7277
    static let longest = 4 * (4 + Int(CL_GROUPS_MAX))

    var bytes: [UInt8] { ([Self.mark, uid, gid, isChanged ? 1 : 0] + groups).flatMap { Self.bytes(of: $0) } }

    init?(bytes: [UInt8]) {
        guard bytes.count % 4 == 0, bytes.count >= 16, bytes.count <= Self.longest else { return nil }
        let words = stride(from: 0, to: bytes.count, by: 4).map { Self.word(bytes[$0..<$0 + 4]) }
        guard words[0] == Self.mark, words[3] <= 1 else { return nil }
        self.init(uid: words[1], gid: words[2], groups: Array(words[4...]), isChanged: words[3] == 1)
    }

    static func bytes(of word: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }

    static func word(_ bytes: ArraySlice<UInt8>) -> UInt32 { bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) } }
}

extension FinderIdentity.Failure {
    /// What the finder says in place of an answer.
    var bytes: [UInt8] { FinderIdentity.bytes(of: step) + FinderIdentity.bytes(of: UInt32(bitPattern: error.code)) }

    init?(bytes: [UInt8]) {
        guard bytes.count == 8 else { return nil }
        self.init(step: FinderIdentity.word(bytes[..<4]), error: Errno(code: Int32(bitPattern: FinderIdentity.word(bytes[4...]))))
    }
}
