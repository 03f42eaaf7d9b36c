import ControlProtocol
import Descriptors
import EventLoop
import StrictJSON

/// A peer of the control socket that writes whatever it likes, cut wherever it is cut, with descriptors or without; and answers that a daemon
/// might give.
///
/// The input is pieces with a byte 0xFF between them, each sent by itself. Before one that begins with `D` comes a descriptor.
enum ControlFuzz {
    static func run(_ bytes: [UInt8]) throws(Contradiction) {
        let pieces = bytes.split(separator: 0xFF).map(Array.init)
        let cut = try serve(pieces)
        if !pieces.contains(where: { $0.first == UInt8(ascii: "D") }) {
            let whole = try serve([Array(pieces.joined())])
            try Contradiction.unless(cut == whole, "cut otherwise it is another conversation: \(cut), \(whole)")
        }
        for piece in bytes.split(separator: 0) { try read(Array(piece)) }
    }

    /// What became of a connection.
    private struct Served: Equatable {
        var calls: [String] = []
        var answers = 0
        var end: ControlConnection.End?
    }

    private static func serve(_ pieces: [[UInt8]]) throws(Contradiction) -> Served {
        do {
            let loop = try EventLoop()
            let pair = try SocketPair(.stream, nonBlocking: true)
            let box = Box()
            let connection = try ControlConnection(
                pair.first, in: loop,
                admit: { connection throws(ControlError) in
                    do throws(Errno) { return try connection.peerCredentials() } catch { throw .notPermitted(problem: error.name) }
                },
                onCall: { connection, _, call in take(call, connection, box) }, onEnd: { _, end in box.served.end = end })
            for piece in pieces {
                guard (try? send(piece, on: pair.second)) != nil else { break }
                try loop.turn(waiting: false)
                try drain(pair.second, box)
            }
            try? pair.second.shutdownWriting()
            var turns = 0
            while box.served.end == nil, turns < 1_000 {
                try loop.turn(waiting: false)
                try drain(pair.second, box)
                turns += 1
            }
            try drain(pair.second, box)
            try Contradiction.unless(box.served.end != nil, "who has closed is still served")
            try Contradiction.unless(box.served.answers >= box.served.calls.count, "a call was not answered")
            withExtendedLifetime(connection) {}
            return box.served
        } catch let error as Contradiction {
            throw error
        } catch {
            throw Contradiction("\(error)")
        }
    }

    private final class Box {
        var served = Served()
        var unread: [UInt8] = []
    }

    private static func send(_ piece: [UInt8], on socket: borrowing OwnedDescriptor) throws(Errno) {
        guard piece.first == UInt8(ascii: "D"), piece.count > 1 else {
            _ = try socket.send(piece)
            return
        }
        let file = try SealedMemory.make(name: "fuzz", bytes: Array("a\0".utf8))
        _ = try socket.send(Array(piece.dropFirst()), descriptors: [file.borrowed])
    }

    /// Each answer is an object that says what came of a call.
    private static func drain(_ socket: borrowing OwnedDescriptor, _ box: Box) throws {
        while let message = try? socket.receive(atMost: 65_536), !message.isEnd { box.unread += message.bytes }
        while let end = box.unread.firstIndex(of: 0) {
            let json = try? JSON(parsing: Array(box.unread[..<end]))
            box.unread.removeFirst(end + 1)
            box.served.answers += 1
            try Contradiction.unless(json?["parameters"]?.object != nil, "an answer without parameters")
        }
    }

    /// Reads it as every method would.
    private static func take(_ call: consuming ControlCall, _ connection: ControlConnection, _ box: Box) {
        box.served.calls.append("\(call.method) \(JSON.object(call.parameters).encoded())")
        _ = try? ApprovalParameters(call, reason: true)
        _ = try? PinParameters(call)
        _ = try? ErasureParameters(call)
        _ = try? BudgetSelection(call)
        _ = try? SessionParameters(call, reason: true)
        do throws(ControlError) {
            let request = try WrapRequest(call)
            connection.reply(ControlMessage(["argv": JSON(request.argv.count)]))
        } catch {
            connection.fail(error)
        }
    }

    /// What is understood of an answer is understood alike when it is written anew.
    private static func read(_ bytes: [UInt8]) throws(Contradiction) {
        guard let json = try? JSON(parsing: bytes), let object = json.object else { return }
        if let one = SessionSummary(json) { try Contradiction.unless(SessionSummary(one.json) == one, "another session") }
        if let one = SessionDetails(json) { try Contradiction.unless(SessionDetails(one.json) == one, "other facts") }
        if let one = ApprovalSummary(json) { try Contradiction.unless(ApprovalSummary(one.json) == one, "another approval") }
        if let one = try? DaemonStatus(ControlMessage(object)) {
            let again = try? DaemonStatus(one.encode())
            try Contradiction.unless(again == one, "another status")
        }
        if let one = try? SessionList(ControlMessage(object)) {
            let again = try? SessionList(one.encode())
            try Contradiction.unless(again == one, "other sessions")
        }
    }
}
