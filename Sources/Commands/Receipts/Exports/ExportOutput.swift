import Descriptors

/// Where an export goes. A file appears whole or not at all; standard output takes what comes.
struct ExportOutput: ~Copyable {
    private let console: Console
    private let path: String?
    private let file: OwnedDescriptor?
    private var buffer: [UInt8] = []
    private var isDone = false

    private static let bufferSize = 1 << 20

    /// nil for standard output. The file is its writer's alone: receipts name tools, paths and addresses.
    init(_ path: String?, _ console: Console) throws(ExportProblem) {
        self.console = console
        self.path = path
        guard let path else {
            file = nil
            return
        }
        do { file = try WorkingDirectory().open(Self.unfinished(path), [.write, .create, .exclusive], mode: 0o600) } catch {
            throw .output(Self.unfinished(path), error)
        }
    }

    private static func unfinished(_ path: String) -> String { path + ".part" }

    mutating func write(_ bytes: [UInt8]) throws(ExportProblem) {
        buffer += bytes
        if buffer.count >= Self.bufferSize { try flush() }
    }

    private mutating func flush() throws(ExportProblem) {
        if let path {
            do { try file?.writeWhole(buffer) } catch { throw .output(path, error) }
        } else {
            // Not `write`, for which a reader that has gone is no error: half an export must not pass for one.
            do { try console.output.writeWhole(buffer) } catch { throw .output("standard output", error) }
        }
        buffer.removeAll(keepingCapacity: true)
    }

    /// All is written: the file takes its name.
    mutating func finish() throws(ExportProblem) {
        try flush()
        guard let path else { return }
        do {
            try file?.synchronize()
            try WorkingDirectory().rename(Self.unfinished(path), to: path)
        } catch {
            throw .output(path, error)
        }
        isDone = true
    }

    deinit {
        if let path, !isDone { try? WorkingDirectory().unlink(Self.unfinished(path)) }
    }
}
