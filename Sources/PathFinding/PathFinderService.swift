import CLinux
import Descriptors
import Glibc
import StrictJSON

/// The finder's end: a throw-away process with the caller's credentials answers one question over a SOCK_SEQPACKET socket, then ends.
///
/// The question is a sealed memfd; the answer is one too, followed by messages that carry the descriptors, as many as fit each.
public enum PathFinderService {
    /// Bytes that a question or an answer may have.
    static let limit = 8 << 20
    static let limits: JSONLimits = {
        var limits = JSONLimits.standard
        limits.bytes = limit
        limits.members = 1 << 20
        return limits
    }()

    /// The whole of `sandbox-finder`: answers the one question on descriptor 3, and returns the exit status. Others with the same credentials may
    /// not speak for this process: it is made undumpable.
    public static func run() -> Int32 {
        guard fcntl(3, F_GETFD) >= 0 else {
            let words = "sandbox-finder: sandboxd starts this for each session; `sandboxctl --help` says what people start\n"
            try? BorrowedDescriptor.standardError.writeWhole(words)
            return 2
        }
        _ = clx_set_dumpable(0)
        let socket = OwnedDescriptor(owning: 3)
        prepare()
        do {
            guard try become(on: socket) else { return 0 }
            try exchange(on: socket)
            return 0
        } catch let failure as FinderIdentity.Failure {
            _ = try? socket.send(failure.bytes)
            // The question lies there already, and with it unread the end of this process would be all that the daemon hears.
            _ = try? socket.receive(atMost: 16, descriptors: 1, waiting: true)
            return 1
        } catch {
            return 1
        }
    }

    /// Whatever is done for the first time takes longer: done here while nobody waits, on what every host has.
    private static func prepare() {
        let question = PathQuestion(paths: ["/usr/bin", "/"], command: "/bin/sh", executed: [], written: [], home: "/")
        guard let json = try? JSON(parsing: question.json.encoded(), limits: limits), let asked = PathQuestion(json: json) else { return }
        var found = DescriptorList()
        _ = PathAnswer(asked, keeping: &found).json.encoded()
    }

    /// Waits until it is told as whom it looks, and becomes that before it reads what of; false when nobody asks any more.
    private static func become(on socket: borrowing OwnedDescriptor) throws -> Bool {
        guard let message = try socket.receive(atMost: FinderIdentity.longest, waiting: true), !message.isEnd else { return false }
        guard let identity = FinderIdentity(bytes: message.bytes) else { throw Errno.badMessage }
        try identity.become()
        return true
    }

    /// Question, search, answer.
    static func exchange(on socket: borrowing OwnedDescriptor) throws(Errno) {
        guard let question = try PathFinderClient.read(socket, waiting: true), let asked = PathQuestion(json: question) else {
            throw .badMessage
        }
        var found = DescriptorList()
        let answer = PathAnswer(asked, keeping: &found)
        try PathFinderClient.write(answer.json, to: socket)
        var sent = 0
        while sent < found.count {
            let batch = (sent..<min(found.count, sent + descriptorsPerMessage)).compactMap { found.peek($0) }
            _ = try socket.send([0], descriptors: batch, waiting: true)
            sent += batch.count
        }
        try readFiles(found, on: socket)
    }

    /// Whoever asked may want to know what is in some of the files; most of the time it ends this process instead.
    private static func readFiles(_ found: borrowing DescriptorList, on socket: borrowing OwnedDescriptor) throws(Errno) {
        guard let message = try socket.receive(atMost: 16, descriptors: 1, waiting: true), !message.isEnd else { return }
        guard let wanted = try PathFinderClient.text(message)["read"]?.array?.all(\.int64) else { throw .badMessage }
        let readings = wanted.map { index in
            found.peek(Int(index)).map { FileReading($0) } ?? .unread("not found")
        }
        try PathFinderClient.write(.object(JSONObject([("readings", .array(readings.map(\.json)))])), to: socket)
    }
}
