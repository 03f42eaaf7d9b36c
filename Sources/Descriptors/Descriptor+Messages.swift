import CLinux

/// The most descriptors in one message.
public let descriptorsPerMessage = Int(CLX_DESCRIPTORS_MAX)

extension Descriptor where Self: ~Copyable {
    /// sendmsg(2) with `SCM_RIGHTS`; the descriptors stay ours. On a stream socket `.moved` may be fewer bytes (the descriptors went with
    /// the first).
    public func send(_ bytes: [UInt8], descriptors: [BorrowedDescriptor] = [], waiting: Bool = false) throws(Errno) -> Transfer {
        let numbers = descriptors.map(\.number)
        let count = try unlessBlocked { () throws(Errno) in
            try retryingNegative { clx_send(number, bytes, bytes.count, numbers, Int32(numbers.count), waiting ? 0 : 1) }
        }
        guard let count else { return .wouldBlock }
        return .moved(count)
    }

    /// recvmsg(2): one message (or what a stream has) of at most `limit` bytes. nil when nothing is there now. A longer message is
    /// `EMSGSIZE`; more descriptors than `maximum`, `ENOBUFS`; either closes what came.
    public func receive(atMost limit: Int, descriptors maximum: Int = 0, waiting: Bool = false) throws(Errno) -> ReceivedMessage? {
        var bytes = [UInt8](repeating: 0, count: limit)
        var numbers = [Int32](repeating: -1, count: maximum)
        var arrived: Int32 = 0
        let count = try unlessBlocked { () throws(Errno) in
            try retryingNegative { clx_receive(number, &bytes, limit, &numbers, Int32(maximum), &arrived, waiting ? 0 : 1) }
        }
        guard let count else { return nil }
        bytes.removeLast(limit - count)
        return ReceivedMessage(bytes: bytes, descriptors: DescriptorList(owning: Array(numbers.prefix(Int(arrived)))))
    }

    /// recv(2) with `MSG_PEEK`: the next byte of a stream socket, which stays there to be read. nil when nothing is there now.
    public func peek() throws(Errno) -> PeekedByte? {
        var byte: UInt8 = 0
        let count = try unlessBlocked { () throws(Errno) in try retryingNegative { clx_peek(number, &byte) } }
        guard let count else { return nil }
        return count == 0 ? .end : .byte(byte)
    }
}

/// What comes next of a stream.
public enum PeekedByte: Sendable, Hashable {
    case byte(UInt8)
    /// The peer writes no more.
    case end
}
