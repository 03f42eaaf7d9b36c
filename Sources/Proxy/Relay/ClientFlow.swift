import Descriptors

/// From the client to the server: everything, or one request and not a byte behind it.
enum ClientFlow: ~Copyable {
    case all(Flow)
    case request(RequestFlow)

    init(from source: Int32, to sink: Int32, _ way: ClientTalk.Way, first: [UInt8]) {
        switch way {
        case .connect, .socks: self = .all(Flow(from: source, to: sink, first: first[...]))
        case .forward(let head, let framing): self = .request(RequestFlow(from: source, to: sink, head: head, framing, body: first))
        }
    }

    var bytes: UInt64 {
        switch self {
        case .all(let flow): flow.bytes
        case .request(let request): request.bytes
        }
    }

    mutating func pump() -> Flow.Outcome {
        switch consume self {
        case .all(var flow):
            let outcome = flow.pump()
            self = .all(flow)
            return outcome
        case .request(var request):
            let outcome = request.pump()
            self = .request(request)
            return outcome
        }
    }
}

/// A head that was written anew, and the body that belongs to it.
struct RequestFlow: ~Copyable {
    private let source: Int32
    private let sink: Int32
    private var output: ArraySlice<UInt8>
    /// Of the client, and not judged yet.
    private var input: [UInt8]
    private var body: BodyReader
    private(set) var bytes: UInt64 = 0

    private static let chunk = 1 << 16

    init(from source: Int32, to sink: Int32, head: [UInt8], _ framing: BodyFraming, body first: [UInt8]) {
        (self.source, self.sink, output, input, body) = (source, sink, head[...], first, BodyReader(framing))
    }

    /// `ended` once the whole request is written. The server's end stays open: that a client has ended its request is not that it is gone.
    mutating func pump() -> Flow.Outcome {
        while true {
            if !output.isEmpty, let outcome = write() { return outcome }
            if body.isAtEnd { return .ended }
            if input.isEmpty, let outcome = read() { return outcome }
            guard let count = try? body.read(input[...]) else { return .failed }
            output = input[..<count]
            input = []
        }
    }

    private mutating func write() -> Flow.Outcome? {
        while !output.isEmpty {
            let moved = try? output.withUnsafeBytes { bytes throws(Errno) in try BorrowedDescriptor(sink).write(bytes) }
            switch moved {
            case .moved(let count)?:
                output = output.dropFirst(count)
                bytes += UInt64(count)
            case .wouldBlock?: return .waitsForSink
            case .ended?, nil: return .failed
            }
        }
        return nil
    }

    private mutating func read() -> Flow.Outcome? {
        switch try? BorrowedDescriptor(source).read(appendingTo: &input, atMost: Self.chunk) {
        case .moved?: nil
        case .wouldBlock?: .waitsForSource
        case .ended?, nil: .failed
        }
    }
}
