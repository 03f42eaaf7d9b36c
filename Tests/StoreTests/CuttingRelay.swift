import Descriptors
import Foundation
import Glibc
import Synchronization
import TestSupport

/// Stands before a PostgreSQL and does harm when a COMMIT passes: before the server has it, or behind its answer.
final class CuttingRelay: Sendable {
    enum Cut {
        case none, beforeCommit, afterCommit
        /// The connection stays, and nothing passes any more, nor on any other, until `none` is said.
        case silent
        /// The answer says that the transaction was taken back.
        case takenBack
        /// One byte of what the server says is another; each time, until `none` is said.
        case garbled(seed: UInt64)
    }

    private nonisolated(unsafe) let scratch: ScratchDirectory
    private let target: String
    private let listener: OwnedDescriptor
    private let cut = Mutex(Cut.none)
    private let isSilent = Mutex(false)

    /// libpq's connection string by way of it: this process listens.
    func settings(for database: String) -> String {
        "host=\(scratch.path) user=postgres dbname=\(database) requirepeer=\(PostgresServer.ownName)"
    }

    init(to server: PostgresServer) throws {
        scratch = try ScratchDirectory()
        // Either side may be gone when the other speaks.
        signal(SIGPIPE, SIG_IGN)
        target = server.directory + "/.s.PGSQL.5432"
        listener = try UnixSocket.listen(at: scratch.path + "/.s.PGSQL.5432")
        Thread.detachNewThread { [weak self] in while self?.accept() != nil {} }
    }

    /// What happens to the next COMMIT, once.
    func cutNext(_ next: Cut) {
        cut.withLock { $0 = next }
        isSilent.withLock { $0 = false }
    }

    private func accept() {
        var polled = pollfd(fd: listener.number, events: Int16(POLLIN), revents: 0)
        guard poll(&polled, 1, 100) == 1, let client = try? listener.accept(), let server = try? UnixSocket.connect(to: target) else {
            return
        }
        let (ours, theirs) = (dup(client.number), dup(server.number))
        Thread.detachNewThread { [self] in relay(ours, theirs) }
    }

    private func relay(_ client: Int32, _ server: Int32) {
        defer {
            close(client)
            close(server)
        }
        var harm = Cut.none
        while true {
            var polled = [pollfd(fd: client, events: Int16(POLLIN), revents: 0), pollfd(fd: server, events: Int16(POLLIN), revents: 0)]
            guard poll(&polled, 2, 100) > 0 else { continue }
            if isSilent.withLock({ $0 }) {
                usleep(20_000)
                continue
            }
            if polled[0].revents != 0 {
                guard let bytes = Self.read(client) else { return }
                if bytes.firstRange(of: Array("COMMIT\0".utf8)) != nil { harm = next() }
                switch harm {
                case .beforeCommit: return
                case .silent:
                    // Once: a client that gives up says so, and that is no reason to fall silent again.
                    isSilent.withLock { $0 = true }
                    harm = .none
                case .none, .afterCommit, .takenBack, .garbled: break
                }
                Self.write(bytes, server)
            }
            if polled[1].revents != 0 {
                guard var bytes = Self.read(server) else { return }
                switch harm {
                case .afterCommit: return
                case .takenBack: Self.takeBack(&bytes)
                case .none, .beforeCommit, .silent, .garbled: break
                }
                if case .garbled(let seed) = cut.withLock({ $0 }) { Self.garble(&bytes, seed) }
                Self.write(bytes, client)
            }
        }
    }

    /// Harm is done once, but for what is done to each.
    private func next() -> Cut {
        cut.withLock { cut in
            if case .garbled = cut { return .none }
            defer { cut = .none }
            return cut
        }
    }

    /// `COMMIT` becomes `ROLLBACK` in a CommandComplete (https://www.postgresql.org/docs/current/protocol-message-formats.html).
    private static func takeBack(_ bytes: inout [UInt8]) {
        guard let place = bytes.firstRange(of: [UInt8(ascii: "C"), 0, 0, 0, 11] + Array("COMMIT\0".utf8)) else { return }
        bytes.replaceSubrange(place, with: [UInt8(ascii: "C"), 0, 0, 0, 13] + Array("ROLLBACK\0".utf8))
    }

    /// Which byte, and how, is drawn from the seed and from what stands there.
    private static func garble(_ bytes: inout [UInt8], _ seed: UInt64) {
        guard !bytes.isEmpty else { return }
        let drawn = bytes.reduce(seed &* 0x9e37_79b9_7f4a_7c15) { ($0 ^ UInt64($1)) &* 0x0100_0000_01b3 }
        bytes[Int(drawn % UInt64(bytes.count))] ^= UInt8(truncatingIfNeeded: drawn >> 40) | 1
    }

    private static func read(_ descriptor: Int32) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        if count < 0, errno == EAGAIN { return [] }
        return count > 0 ? Array(buffer.prefix(count)) : nil
    }

    private static func write(_ bytes: [UInt8], _ descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 { rest = rest.dropFirst(count) } else if errno != EAGAIN { return }
        }
    }
}
