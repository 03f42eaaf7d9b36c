import Descriptors
import StrictJSON

/// Cuts a stream into messages: JSON objects, each ended by NUL, each with the descriptors that came with it.
///
/// INVARIANT: who sends a message that carries descriptors begins a sendmsg(2) with it. The kernel never returns bytes beyond those that descriptors
/// came with, so that they belong to the last message that begins in what was received.
struct FrameReader: ~Copyable {
    /// One whole message.
    struct Frame: ~Copyable {
        let object: JSONObject
        var descriptors: DescriptorList
    }

    private var buffer: [UInt8] = []
    /// Before it there is no NUL.
    private var searched = 0
    private var descriptors = DescriptorList()
    /// Where in `buffer` the message begins that `descriptors` belong to; nil when there are none.
    private var owner: Int?

    init() {}

    /// Nothing of a message is waiting.
    var isBetweenMessages: Bool { buffer.isEmpty && owner == nil }

    /// What of messages waits for its end.
    var held: HeldInput { HeldInput(bytes: buffer.count, descriptors: owner == nil ? 0 : descriptors.count) }

    /// Takes what one recvmsg(2) brought.
    mutating func append(_ message: consuming ReceivedMessage) throws(ProtocolViolation) {
        let bytes = message.bytes
        let hasDescriptors = !message.descriptors.isEmpty
        let beginsAtOnce = buffer.isEmpty || buffer.last == 0
        let start = buffer.count
        buffer += bytes
        guard hasDescriptors else { return }
        guard owner == nil, let beginning = lastBeginning(from: start, beginsAtOnce) else { throw .strayDescriptors }
        owner = beginning
        descriptors = message.descriptors
    }

    /// The next whole message, or nil until more has come.
    mutating func next() throws(ProtocolViolation) -> Frame? {
        guard let end = buffer[searched...].firstIndex(of: 0) else {
            searched = buffer.count
            guard buffer.count <= ControlLimits.messageBytes else { throw .tooLong }
            return nil
        }
        guard end <= ControlLimits.messageBytes else { throw .tooLong }
        guard let json = try? JSON(parsing: Array(buffer[..<end]), limits: ControlLimits.json), case .object(let object) = json
        else { throw .notAnObject }
        drop(end + 1)
        return Frame(object: object, descriptors: takeOwned(endingAt: end))
    }

    /// Where the last message begins among the bytes from `start` on.
    private func lastBeginning(from start: Int, _ beginsAtOnce: Bool) -> Int? {
        if let previousEnd = buffer[start...].dropLast().lastIndex(of: 0) { return previousEnd + 1 }
        return beginsAtOnce ? start : nil
    }

    private mutating func drop(_ count: Int) {
        // Who has sent much once does not keep the room for it.
        if count == buffer.count { buffer = [] } else { buffer.removeFirst(count) }
        searched = 0
    }

    /// The descriptors when they belong to the message that was just dropped; else moves their owner to where it is now.
    private mutating func takeOwned(endingAt end: Int) -> DescriptorList {
        guard let beginning = owner else { return DescriptorList() }
        guard beginning == 0 else {
            owner = beginning - end - 1
            return DescriptorList()
        }
        owner = nil
        var taken = DescriptorList()
        swap(&taken, &descriptors)
        return taken
    }
}
