import Descriptors
import StrictJSON

/// One message on its way out. The descriptors leave with its first byte.
struct FrameWriter: ~Copyable {
    private let bytes: [UInt8]
    private let descriptors: DescriptorList
    private var sent = 0

    /// Nil when the message is longer than the other side would take.
    init?(_ object: JSONObject, descriptors: consuming DescriptorList) {
        let bytes = JSON.object(object).encoded()
        guard bytes.count <= ControlLimits.messageBytes, descriptors.count <= ControlLimits.descriptors else { return nil }
        self.bytes = bytes + [0]
        self.descriptors = descriptors
    }

    var isSent: Bool { sent == bytes.count }

    /// Sends as much as goes now; true when all has gone.
    mutating func send(on socket: BorrowedDescriptor) throws(Errno) -> Bool {
        while !isSent {
            let rest = sent == 0 ? bytes : Array(bytes[sent...])
            guard case .moved(let count) = try socket.send(rest, descriptors: sent == 0 ? borrowed : []) else { return false }
            sent += count
        }
        return true
    }

    private var borrowed: [BorrowedDescriptor] {
        var all: [BorrowedDescriptor] = []
        for index in 0..<descriptors.count {
            if let descriptor = descriptors.peek(index) { all.append(descriptor) }
        }
        return all
    }
}
