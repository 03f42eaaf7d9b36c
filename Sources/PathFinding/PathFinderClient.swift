public import Descriptors
import StrictJSON

/// The daemon's end: asks once, then takes what comes until the answer is whole.
public struct PathFinderClient: ~Copyable {
    public let socket: OwnedDescriptor
    /// How many paths were asked.
    private let questions: Int
    private var answer: PathAnswer?
    private var descriptors = DescriptorList()

    /// Set when the finder could not become whom it was told to be: which step of a child failed.
    public private(set) var failedStep: UInt32?

    /// Says as whom to look, then of what; the socket is SOCK_SEQPACKET.
    public init(_ socket: consuming OwnedDescriptor, as identity: FinderIdentity, asking question: PathQuestion) throws(Errno) {
        guard case .moved = try socket.send(identity.bytes) else { throw .brokenPipe }
        try self.init(socket, asking: question)
    }

    /// Asks who needs not be told as whom.
    init(_ socket: consuming OwnedDescriptor, asking question: PathQuestion) throws(Errno) {
        self.socket = socket
        questions = question.paths.count
        try Self.write(question.json, to: self.socket)
    }

    /// Takes one message without waiting; true when the answer is whole. Throws `EBADMSG` for a finder that ends, answers something
    /// else, or speaks of inodes that its descriptors do not show.
    public mutating func receive() throws(Errno) -> Bool {
        if answer == nil {
            guard let message = try socket.receive(atMost: 16, descriptors: 1) else { return false }
            if let failure = FinderIdentity.Failure(bytes: message.bytes) {
                failedStep = failure.step
                throw failure.error
            }
            let json = try Self.text(message)
            guard let answer = PathAnswer(json: json), answer.findings.count == questions else { throw .badMessage }
            self.answer = answer
        } else if var message = try socket.receive(atMost: 16, descriptors: descriptorsPerMessage) {
            guard !message.isEnd else { throw .badMessage }
            for index in 0..<message.descriptors.count {
                if let descriptor = message.descriptors.take(index) { descriptors.append(descriptor) }
            }
        }
        guard let answer, answer.descriptorCount <= descriptors.count else { return false }
        guard ProvenFacts(descriptors).holds(of: answer) else { throw .badMessage }
        return true
    }

    /// What was found, and the socket, over which files may be asked for; once `receive` said that it is whole.
    public consuming func finish(_ body: (PathAnswer, consuming DescriptorList, consuming OwnedDescriptor) -> Void) {
        guard let answer else { return }
        body(answer, descriptors, socket)
    }

    /// Asks a finder that answered to read files that it found, by the places of their descriptors. Few enough never to fill the socket.
    public static func ask(toRead places: [Int], over socket: borrowing OwnedDescriptor) throws(Errno) {
        try write(.object(JSONObject([("read", .array(places.map { JSON($0) }))])), to: socket)
    }

    /// What it read, in the order asked, without waiting; nil when that has not come yet. Throws `EBADMSG` for a finder that ends, or says
    /// something else.
    public static func readings(_ count: Int, from socket: borrowing OwnedDescriptor) throws(Errno) -> [FileReading]? {
        guard let message = try socket.receive(atMost: 16, descriptors: 1) else { return nil }
        guard let readings = try text(message)["readings"]?.array?.all(FileReading.init(json:)), readings.count == count else {
            throw .badMessage
        }
        return readings
    }

    // MARK: Texts in sealed memory: a packet has too little room

    static func write(_ json: JSON, to socket: borrowing OwnedDescriptor) throws(Errno) {
        let memory = try SealedMemory.make(name: "path-finding", bytes: json.encoded())
        guard case .moved = try socket.send([1], descriptors: [memory.borrowed], waiting: true) else { throw .brokenPipe }
    }

    static func read(_ socket: borrowing OwnedDescriptor, waiting: Bool) throws(Errno) -> JSON? {
        guard let message = try socket.receive(atMost: 16, descriptors: 1, waiting: waiting) else { return nil }
        return try text(message)
    }

    static func text(_ message: consuming ReceivedMessage) throws(Errno) -> JSON {
        guard !message.isEnd, let memory = message.descriptors.take(0),
            let bytes = try memory.sealedContents(limit: PathFinderService.limit),
            let json = try? JSON(parsing: bytes, limits: PathFinderService.limits)
        else { throw .badMessage }
        return json
    }
}
