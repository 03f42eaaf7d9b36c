import ControlProtocol
import Descriptors
import Evidence
import Glibc

/// A copy of the log that sandboxd keeps, made over the control API by whoever may not read its files, in a directory of one's own.
final class LogCopy {
    enum Problem: Error {
        case noDaemon(DaemonProblem)
        case failed(ControlCallFailure)
        /// The copy cannot be written.
        case local(String, Errno)
        /// What the daemon calls a file of its log is none.
        case malformed
    }

    let path: String
    private let daemon: ApprovalSource
    private var sizes: [String: Int] = [:]

    /// Nanoseconds for an answer.
    private static let patience: UInt64 = 15_000_000_000
    /// A segment may be removed between its listing and its reading: then it is listed anew.
    private static let attempts = 3

    /// `socket`: where the daemon listens.
    init(of socket: String) throws(Problem) {
        do throws(DaemonProblem) { daemon = try DaemonConnection.reach(socket) } catch { throw .noDaemon(error) }
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/var/tmp"
        let place = "\(base)/sandboxctl-log-\(Hex.encode(SecureRandom.bytes(8)))"
        path = place
        do throws(Errno) {
            try WorkingDirectory().makeDirectory(place, mode: 0o700)
            try PublishedLog.makeCopy(in: place)
        } catch {
            throw .local(place, error)
        }
    }

    /// Copies what was not there the last time.
    func refresh() throws(Problem) {
        for attempt in 1...Self.attempts {
            do throws(Problem) { return try copyAll() } catch {
                guard attempt < Self.attempts, case .failed(.answered(.invalidParameter)) = error else { throw error }
            }
        }
    }

    private func copyAll() throws(Problem) {
        var last: String?
        while true {
            let listed: ListedLog
            do { listed = try ListedLog(try call(.listLog, LogParameters.listing(after: last))) } catch { throw .failed(error) }
            for file in listed.files {
                guard PublishedLog.isPublished(file.name) else { throw .malformed }
                if sizes[file.name] != file.size { try copy(file) }
            }
            guard listed.hasMore, let name = listed.files.last?.name else { return }
            last = name
        }
    }

    /// What is only appended to is gone on with; other files that changed are copied whole.
    private func copy(_ file: ListedLog.File) throws(Problem) {
        let known = sizes[file.name] ?? 0
        var offset = PublishedLog.isAppended(file.name) && known <= file.size ? known : 0
        do throws(Errno) {
            let isNew = offset == 0
            let copy = try WorkingDirectory().open(
                path + "/" + file.name, isNew ? [.write, .create, .truncate, .noFollow] : [.write, .append, .noFollow], mode: 0o600)
            while offset < file.size {
                let bytes = try part(of: file.name, from: offset).prefix(file.size - offset)
                if bytes.isEmpty { break }
                try copy.writeWhole(Array(bytes))
                offset += bytes.count
            }
        } catch {
            if let failure { throw failure }
            throw .local(path, error)
        }
        sizes[file.name] = offset
    }

    private var failure: Problem?

    private func part(of name: String, from offset: Int) throws(Errno) -> [UInt8] {
        do throws(ControlCallFailure) { return try LogPart.bytes(try call(.readLog, LogParameters.part(of: name, from: offset))) } catch {
            failure = .failed(error)
            throw .io
        }
    }

    private func call(_ method: ControlInterface.Method, _ message: consuming ControlMessage) throws(ControlCallFailure) -> ControlMessage {
        try daemon.client.call(method, message, deadline: Clock.monotonic + Self.patience)
    }

    /// Nothing of it is left.
    func remove() {
        for name in sizes.keys { try? WorkingDirectory().unlink(path + "/" + name) }
        for place in ["/documents", "/segments", ""] { rmdir(path + place) }
    }
}

extension LogCopy.Problem {
    var words: (message: String, help: String?) {
        switch self {
        case .noDaemon(let problem): (problem.words.message, problem.words.help)
        case .failed(.answered(let error)): error.words
        case .failed(let failure): ("sandboxd did not answer: \(failure.words)", "see its log")
        case .local(let path, let error):
            ("cannot copy the log to \(Escaping.quoted(path)): \(ErrnoWords.text(error.name))", "set TMPDIR to a directory with room")
        case .malformed: ("sandboxd gave an answer that is none", "sandboxctl and sandboxd may be of different versions")
        }
    }

    var status: ExitStatus {
        if case .failed(.answered(.notPermitted)) = self { .finding } else { .unreachable }
    }
}
