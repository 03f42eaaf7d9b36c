import Descriptors
import Evidence
import Glibc

/// What scripts/bench measures of evidence within one process.
///
///     evidence-bench append FILE COUNT   nanoseconds that the two receipts of a call take, `process` durability: COUNT figures as JSON
///     evidence-bench log DIR COUNT       makes a log of COUNT receipts of calls, as a daemon folds and signs them
///     evidence-bench open DIR COUNT      nanoseconds that opening the log takes, COUNT times, and how many receipts were not read for it, as JSON
@main struct EvidenceBench {
    static func main() throws {
        LibCrypto.start()
        let words = CommandLine.arguments.dropFirst()
        guard words.count == 3, let verb = words.first, let count = words.last.flatMap({ Int($0) }), count > 0 else {
            throw Misuse()
        }
        let path = words[words.startIndex + 1]
        switch verb {
        case "append": try append(path, count)
        case "log": try LogMaking(path).make(count)
        case "open": try open(path, count)
        default: throw Misuse()
        }
    }

    private static func append(_ path: String, _ count: Int) throws {
        var spool = SpoolWriter(try WorkingDirectory().open(path, [.write, .append, .create, .truncate], mode: 0o600))
        var figures: [UInt64] = []
        figures.reserveCapacity(count)
        for number in 0..<count {
            let start = Clock.monotonic
            try spool.append(.decision, body: Samples.decision)
            try spool.append(.outcome, body: Samples.outcome)
            // The first ones find nothing in the caches.
            if number >= count / 10 { figures.append(Clock.monotonic - start) }
        }
        print("[\(figures.map(\.description).joined(separator: ","))]")
    }

    private static func open(_ path: String, _ count: Int) throws {
        var figures: [UInt64] = []
        var passedOver: UInt64 = 0
        for _ in 0..<count {
            let start = Clock.monotonic
            let log = try ReceiptLog.open(keepingKeyIn: path, custody: .daemon)
            figures.append(Clock.monotonic - start)
            passedOver = log.passedOver
        }
        print("{\"nanoseconds\":[\(figures.map(\.description).joined(separator: ","))],\"passedOver\":\(passedOver)}")
    }

    private struct Misuse: Error {}
}

/// A log as a daemon makes it: by way of spools, each of one session.
struct LogMaking {
    private let log: ReceiptLog
    private let spoolPath: String
    private static let perSession = 20_000

    init(_ path: String) throws {
        let key = try SigningKey.openOrCreate(in: path)
        log = try ReceiptLog(directory: path, key: key, custody: .daemon)
        spoolPath = path + ".spool"
    }

    func make(_ count: Int) throws {
        var session = 0
        while log.size < count {
            try fold(min(Self.perSession, count - Int(log.size)), session)
            session += 1
        }
        try log.checkpoint()
        try WorkingDirectory().unlink(spoolPath)
    }

    private func fold(_ count: Int, _ session: Int) throws {
        var spool = SpoolWriter(try WorkingDirectory().open(spoolPath, [.write, .append, .create, .truncate], mode: 0o600))
        for number in 0..<count {
            try spool.stage(number % 2 == 0 ? .decision : .outcome, body: number % 2 == 0 ? Samples.decision : Samples.outcome)
            if number % 512 == 511 { try spool.commit() }
        }
        try spool.commit()
        guard
            let facts = SessionFacts(session: "0123456789ab\(session)", policy: Samples.digest, plan: Samples.digest, host: Samples.digest)
        else { preconditionFailure("an identifier") }
        var folder = SpoolFolder(facts)
        let file = try WorkingDirectory().open(spoolPath)
        var progress = SpoolFolder.Progress.more
        while progress == .more {
            progress = try folder.fold(file, into: log, limit: Int(CheckpointRhythm.standard.receipts))
            if CheckpointRhythm.standard.isDue(pending: log.pending, since: 0) { try log.checkpoint() }
        }
    }
}

/// What gates state of a small call.
enum Samples {
    static let decision = Array(
        #"{"arguments":"hmac-sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef","bytes":212,"decision":"forward","era":"2025","id":123456,"method":"tools/call","nanoseconds":1852,"rule":"echo","side":"client","tool":"echo"}"#
            .utf8)
    static let outcome = Array(
        #"{"bytes":96,"decision":123455,"isError":false,"microseconds":21,"response":"sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef","status":"result"}"#
            .utf8)
    static let digest = SHA256.digest(decision)
}
