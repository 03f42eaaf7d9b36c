import CStage
import Descriptors
import Foundation
import Kernel
import Policy

/// One performance of a list, confined or not, and what of it took effect as seen from outside.
struct Run {
    let stage: Stage
    let attempts: [Attempt]
    let owner: UInt32
    let outsider: Int32
    /// Signals of the two runs of a case differ.
    let firstSignal: Int

    private let number: UInt16

    init(on stage: Stage, _ attempts: [Attempt], owner: UInt32, outsider: Int32, firstSignal: Int) {
        self.stage = stage
        self.attempts = attempts
        self.owner = owner
        self.outsider = outsider
        self.firstSignal = firstSignal
        number = stage.next()
    }

    private func nonce(_ index: Int) -> String { "n\(number).\(index)" }

    private func signal(_ index: Int) -> Int {
        firstSignal + attempts[..<index].count { $0.truth == .signalled }
    }

    // MARK: Performing

    /// What each attempt came to; `nil` answers are of attempts that nobody answered for.
    func perform(by performer: Performer) throws -> [Outcome] {
        var local: [LocalReceiver] = []
        for (index, attempt) in attempts.enumerated() {
            for prop in attempt.props {
                if let receiver = try stage.tree.place(prop, nonce: nonce(index), owner: owner) { local.append(receiver) }
            }
            if case .arrived(.some) = attempt.truth, let port = UInt16(attempt.words[1]) { try stage.receivers.open(port) }
        }
        defer { stage.tree.sweep() }
        let lines = attempts.indices.map(line)
        let last = attempts.last?.isLast == true ? 1 : 0
        try performer.order(lines.dropLast(last) + ["settle"])
        try performer.await("settled")
        var taken: Set<Int> = []
        for index in attempts.indices where performer.answers[index]?.error == 0 { callOn(index, performer, &taken) }
        try performer.order(["look"])
        try performer.await("looked")
        try performer.order(Array(lines.suffix(last)))
        performer.finish()
        try performer.awaitEnd()
        let arrivals = try local.reduce(into: try stage.receivers.take()) { all, receiver in
            all.merge(try receiver.take()) { first, _ in first }
        }
        let pending = cs_pending_signals(outsider)
        return attempts.indices.map { index in
            let seen = Seen(
                answer: performer.answers[index], heard: performer.heard[index], arrivals: arrivals, isTaken: taken.contains(index),
                pending: pending)
            return Outcome(answer: performer.answers[index], isEffective: isEffective(index, seen))
        }
    }

    struct Outcome {
        var answer: Performer.Answer?
        var isEffective: Bool

        var text: String { (isEffective ? "took effect" : "did not") + ", errno " + (answer.map { "\($0.error) `\($0.said)`" } ?? "-") }
    }

    private func line(_ index: Int) -> String {
        let attempt = attempts[index]
        let words = attempt.words.map { word in
            switch word {
            case Attempt.nonce: nonce(index)
            case Attempt.outsider: String(outsider)
            case Attempt.signal: String(signal(index))
            default: word
            }
        }
        return ([String(index), attempt.act] + words).joined(separator: " ")
    }

    /// Whoever says that it listens is called on; whoever says that it has a port is asked to prove it.
    private func callOn(_ index: Int, _ performer: Performer, _ taken: inout Set<Int>) {
        guard let port = performer.answers[index].flatMap({ UInt16($0.said) }) else { return }
        switch attempts[index].truth {
        case .heard(let address) where attempts[index].act == "bind-udp": cs_send_datagram(address.mappedBytes, port, nonce(index))
        case .heard(let address): cs_send_stream(address.mappedBytes, port, nonce(index))
        case .heardFrom(let source, let sourcePort):
            let own: IPAddress = source.width == 32 ? .v4(0x7f00_0001) : .v6(high: 0, low: 1)
            cs_send_datagram_from(source.mappedBytes, sourcePort, own.mappedBytes, port, nonce(index))
        case .taken:
            let own = cs_listen(port)
            if own >= 0 { close(own) } else if -own == EADDRINUSE { taken.insert(index) }
        default: break
        }
    }

    // MARK: Looking

    private struct Seen {
        var answer: Performer.Answer?
        var heard: String?
        var arrivals: [String: IPAddress]
        var isTaken: Bool
        var pending: UInt64
    }

    private func isEffective(_ index: Int, _ seen: Seen) -> Bool {
        let nonce = nonce(index)
        switch attempts[index].truth {
        case .claimed: return seen.answer?.error == 0
        case .told: return seen.answer?.said == nonce
        case .arrived(nil): return seen.arrivals[nonce] != nil
        // Whatever arrives elsewhere took effect all the more.
        case .arrived(.some): return seen.arrivals[nonce] != nil
        case .heard, .heardFrom: return seen.heard == nonce
        case .taken: return seen.isTaken
        case .content(let path): return (try? String(contentsOfFile: path, encoding: .utf8))?.contains(nonce) ?? false
        case .empty(let path): return status(path)?.st_size == 0
        case .exists(let path, let kind): return status(path).map { $0.st_mode & S_IFMT == kind.format } ?? false
        case .gone(let path): return status(path) == nil
        case .mode(let path): return status(path).map { $0.st_mode & 0o7777 == 0o751 } ?? false
        case .time(let path): return status(path)?.st_mtim.tv_sec == 751
        case .touched(let path): return status(path).map { $0.st_mtim.tv_sec > 1 } ?? false
        case .attribute(let path): return attribute(path) == nonce
        case .signalled: return seen.pending & (1 << UInt64(signal(index) - 1)) != 0
        }
    }

    private func status(_ path: String) -> stat? {
        var status = stat()
        return lstat(path, &status) == 0 ? status : nil
    }

    private func attribute(_ path: String) -> String? {
        var value = [CChar](repeating: 0, count: 128)
        let length = cs_attribute(path, &value, 128)
        return length < 0 ? nil : String(decoding: value.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Where what arrived was sent, if not to where it was meant to go.
    func strayed(_ index: Int, _ arrivals: [String: IPAddress]) -> IPAddress? {
        guard case .arrived(let meant?) = attempts[index].truth, let there = arrivals[nonce(index)], there != meant else { return nil }
        return there
    }
}

extension Attempt.Kind {
    fileprivate var format: mode_t {
        switch self {
        case .file: S_IFREG
        case .directory: S_IFDIR
        case .link: S_IFLNK
        case .fifo: S_IFIFO
        case .socket: S_IFSOCK
        case .device: S_IFCHR
        }
    }
}
