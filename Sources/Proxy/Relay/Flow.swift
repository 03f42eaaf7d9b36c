import CProxy
import Descriptors

/// One direction of a connection: what one socket gives, the other takes, by way of a pipe and never through our memory (splice(2)).
struct Flow: ~Copyable {
    /// What a pump came to.
    enum Outcome: Sendable, Hashable {
        case waitsForSource, waitsForSink
        /// There is more; others' turn.
        case goesOn
        /// Everything is passed on, and the sink knows.
        case ended
        case failed
    }

    private let source: Int32
    private let sink: Int32
    /// What goes before all else: it was read to be judged.
    private var first: ArraySlice<UInt8>
    private var pipe: Pipe?
    private var inPipe = 0
    private var isAtEnd = false
    private(set) var bytes: UInt64 = 0

    private static let most = 1 << 18
    private static let rounds = 8

    init(from source: Int32, to sink: Int32, first: ArraySlice<UInt8> = []) {
        (self.source, self.sink, self.first) = (source, sink, first)
    }

    /// Moves what can be moved now.
    mutating func pump() -> Outcome {
        if let outcome = writeFirst() { return outcome }
        for _ in 0..<Self.rounds {
            if inPipe == 0, let outcome = fill() { return outcome }
            if let outcome = empty() { return outcome }
        }
        return .goesOn
    }

    private mutating func writeFirst() -> Outcome? {
        while !first.isEmpty {
            let moved = try? first.withUnsafeBytes { bytes throws(Errno) in try BorrowedDescriptor(sink).write(bytes) }
            switch moved {
            case .moved(let count)?:
                first = first.dropFirst(count)
                bytes += UInt64(count)
            case .wouldBlock?: return .waitsForSink
            case .ended?, nil: return .failed
            }
        }
        return nil
    }

    private mutating func fill() -> Outcome? {
        guard !isAtEnd else { return finish() }
        if pipe == nil { makePipe() }
        guard let writer = pipe?.writer.number else { return .failed }
        let moved = cpx_splice(source, writer, Self.most)
        if moved == -Int(Errno.tryAgain.code) { return .waitsForSource }
        guard moved >= 0 else { return .failed }
        isAtEnd = moved == 0
        inPipe = moved
        return isAtEnd ? finish() : nil
    }

    /// As wide as its user may have it: what does not fit goes in the next round.
    private mutating func makePipe() {
        pipe = try? Pipe(nonBlocking: true)
        if let pipe = pipe?.writer.number { _ = cpx_widen_pipe(pipe, Int32(Self.most)) }
    }

    private mutating func empty() -> Outcome? {
        guard let reader = pipe?.reader.number else { return .failed }
        while inPipe > 0 {
            let moved = cpx_splice(reader, sink, inPipe)
            if moved == -Int(Errno.tryAgain.code) { return .waitsForSink }
            guard moved > 0 else { return .failed }
            inPipe -= moved
            bytes += UInt64(moved)
        }
        return nil
    }

    private func finish() -> Outcome { SocketEnd.endWriting(sink) ? .ended : .failed }
}
