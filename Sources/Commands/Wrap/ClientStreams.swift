import Descriptors

/// Standard input, output and error as they are handed to the session. What can be waited for without harm to others, a pipe or a socket, is handed
/// over itself; a terminal, a file or a device stays here, and a pipe goes in its place, with a relay between the two.
struct ClientStreams: ~Copyable {
    var input: OwnedDescriptor
    var output: OwnedDescriptor
    var errors: OwnedDescriptor
    let relays: [Relay]
    /// Standard input or output were handed over themselves, so that nobody here may use them any more.
    let handsOver: Bool

    /// `relaying`: input and output go by here, whatever they are.
    init(relaying: Bool = false) throws(Errno) {
        let input = try Self.source(.standardInput, .input, relaying: relaying)
        let output = try Self.sink(.standardOutput, .output, relaying: relaying)
        let errors = try Self.sink(.standardError, .errors)
        relays = [input.relay, output.relay, errors.relay].compactMap { $0 }
        handsOver = input.relay == nil && output.relay == nil
        self.input = input.handed
        self.output = output.handed
        self.errors = errors.handed
    }

    /// Ends that are the session's alone.
    init(input: consuming OwnedDescriptor, output: consuming OwnedDescriptor, errors: consuming OwnedDescriptor) {
        relays = []
        handsOver = true
        self.input = input
        self.output = output
        self.errors = errors
    }

    private struct Prepared: ~Copyable {
        let handed: OwnedDescriptor
        let relay: Relay?
    }

    /// True for what epoll takes and what RWF_NOWAIT or MSG_DONTWAIT work on.
    private static func isShareable(_ descriptor: BorrowedDescriptor) throws(Errno) -> Bool {
        let status = try descriptor.status()
        return status.isPipe || status.isSocket
    }

    private static func source(_ own: BorrowedDescriptor, _ role: Relay.Role, relaying: Bool = false) throws(Errno) -> Prepared {
        if !relaying, try isShareable(own) { return Prepared(handed: try own.duplicate(), relay: nil) }
        let pipe = try Pipe()
        try pipe.writer.setNonBlocking()
        return Prepared(handed: pipe.reader, relay: Relay(role, from: try waitable(own), to: pipe.writer))
    }

    private static func sink(_ own: BorrowedDescriptor, _ role: Relay.Role, relaying: Bool = false) throws(Errno) -> Prepared {
        if !relaying, try isShareable(own) { return Prepared(handed: try own.duplicate(), relay: nil) }
        let pipe = try Pipe()
        try pipe.reader.setNonBlocking()
        return Prepared(handed: pipe.writer, relay: Relay(role, from: pipe.reader, to: try waitable(own)))
    }

    /// A terminal is opened anew where that is possible, so that it can be non-blocking here and stay as it is for everybody else.
    private static func waitable(_ own: BorrowedDescriptor) throws(Errno) -> OwnedDescriptor {
        if own.isTerminal, let again = try? WorkingDirectory().open("/proc/self/fd/\(own.number)", [.readWrite, .nonBlocking, .noControl]) {
            return again
        }
        return try own.duplicate()
    }
}

extension OpenFlags {
    /// `O_NOCTTY`.
    fileprivate static let noControl = OpenFlags(rawValue: 0o400)
}
