import CStage
import Descriptors
import Foundation
import Kernel

/// Foundation has a `Pipe`, too.
typealias Pipe = Descriptors.Pipe

/// The near side of a process that performs a list: orders in, answers out.
final class Performer {
    struct Answer: Hashable {
        var error: Int32
        var said: String
    }

    private(set) var answers: [Int: Answer] = [:]
    private(set) var heard: [Int: String] = [:]
    /// A control's own process; a confined one is its keeper's.
    var process: StartedProcess?
    private var input: OwnedDescriptor?
    private let output: OwnedDescriptor
    private let errors: OwnedDescriptor
    private var theirs: [Int32]
    private var pending: [UInt8] = []

    init() throws {
        let stdin = try Pipe()
        let stdout = try Pipe()
        let stderr = try Pipe()
        let ends = [stdin.reader.release(), stdout.writer.release(), stderr.writer.release()]
        let writer = stdin.writer
        input = consume writer
        output = stdout.reader
        errors = stderr.reader
        theirs = ends
    }

    deinit {
        closeItsEnds()
        process?.kill()
        process?.reap(waiting: true)
    }

    /// Its 0, 1 and 2.
    var itsEnds: [BorrowedDescriptor] { theirs.map { BorrowedDescriptor($0) } }

    /// So that its end is seen.
    func closeItsEnds() {
        for number in theirs { close(number) }
        theirs = []
    }

    func order(_ lines: [String]) throws { try input?.writeWhole(lines.map { $0 + "\n" }.joined()) }

    /// There is nothing more to perform.
    func finish() { input = nil }

    /// Takes answers until this line comes.
    func await(_ line: String) throws {
        while let next = try nextLine() {
            if next == line { return }
            try take(next)
        }
        throw Unmet(description: "the performer ended before `\(line)`: \(complaint)")
    }

    /// Takes answers until there is nobody to give one.
    func awaitEnd() throws {
        while let line = try nextLine() { try take(line) }
    }

    private var complaint: String {
        guard cs_wait_readable(errors.number, 0) == 1 else { return "" }
        var bytes: [UInt8] = []
        _ = try? errors.read(appendingTo: &bytes, atMost: 4_096)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func take(_ line: String) throws {
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        if words.count == 4, words[0] == "r", let index = Int(words[1]), let error = Int32(words[2]) {
            answers[index] = Answer(error: error, said: String(words[3]))
        } else if words.count == 3, words[0] == "h", let index = Int(words[1]) {
            heard[index] = String(words[2])
        } else {
            throw Unmet(description: "the performer says `\(line)`")
        }
    }

    /// `nil` at the end.
    private func nextLine() throws -> String? {
        while true {
            if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                defer { pending.removeSubrange(...end) }
                return String(decoding: pending[..<end], as: UTF8.self)
            }
            guard cs_wait_readable(output.number, 20_000) == 1 else {
                throw Unmet(
                    description: "the performer says nothing after \(answers.count) answers, the last to \(answers.keys.max() ?? -1)")
            }
            var chunk: [UInt8] = []
            _ = try output.read(appendingTo: &chunk, atMost: 65_536)
            if chunk.isEmpty { return nil }
            pending += chunk
        }
    }
}
