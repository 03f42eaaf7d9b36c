import Foundation
import Glibc
import Synchronization
import Testing

/// A real PostgreSQL of the tests' own (Tests/Programs/postgres_server.py), which goes when this process does.
final class PostgresServer: Sendable {
    /// One for all tests that do it no harm.
    static let shared: PostgresServer = {
        do { return try PostgresServer() } catch { fatalError("a PostgreSQL is needed by these tests: \(error)") }
    }()

    let directory: String
    private let talk: Mutex<Talk>
    private let databases = Mutex(0)

    private struct Talk: @unchecked Sendable {
        let process: Process
        let input: FileHandle
        let output: FileHandle

        func line() throws -> String {
            var bytes: [UInt8] = []
            while let byte = try output.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") { bytes.append(byte) }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    struct Failure: Error { let said: String }

    init() throws {
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        let place = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["-B", place.appendingPathComponent("Programs/postgres_server.py").path]
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        let talk = Talk(process: process, input: input.fileHandleForWriting, output: output.fileHandleForReading)
        let words = try talk.line().split(separator: " ")
        guard words.count == 2, words[0] == "ready" else { throw Failure(said: "it did not start") }
        directory = String(words[1])
        self.talk = Mutex(talk)
    }

    /// `stop`, `continue`, `kill`, `start`, or `sql DATABASE TEXT`; what it says.
    @discardableResult
    func say(_ words: String) throws -> String {
        try talk.withLock { talk in
            try talk.input.write(contentsOf: Data((words + "\n").utf8))
            return try talk.line()
        }
    }

    func makeDatabase(encoding: String = "UTF8") throws -> String {
        let number = databases.withLock { count in
            count += 1
            return count
        }
        let name = "test_\(number)"
        try say("sql postgres CREATE DATABASE \(name) ENCODING '\(encoding)' LOCALE 'C' TEMPLATE template0")
        return name
    }

    /// For root it runs as `postgres`, and else as whoever runs the tests.
    func settings(for database: String) -> String {
        "host=\(directory) user=postgres dbname=\(database) requirepeer=\(geteuid() == 0 ? "postgres" : Self.ownName)"
    }

    /// Of whoever runs the tests.
    static let ownName = String(cString: getpwuid(geteuid()).pointee.pw_name)
}
