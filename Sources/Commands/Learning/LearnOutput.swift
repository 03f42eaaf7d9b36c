import Descriptors

/// Where a learned policy goes: standard output, or a file that is not there yet.
enum LearnOutput {
    static func write(_ text: String, _ invocation: Invocation, _ console: Console) throws(LearnFailure) {
        guard let path = invocation.value("output") else {
            console.write(text)
            return
        }
        do throws(Errno) {
            guard invocation.has("force") else { return try create(text, path) }
            let file = try UnfinishedFile(path)
            guard file.take(Array(text.utf8)) else { throw file.failure ?? .io }
            do throws(Errno) { try file.finish() } catch {
                file.discard()
                throw error
            }
        } catch {
            throw .output(path, error)
        }
    }

    /// O_EXCL follows no link either.
    private static func create(_ text: String, _ path: String) throws(Errno) {
        let file = try WorkingDirectory().open(path, [.write, .create, .exclusive], mode: 0o644)
        do throws(Errno) { try file.writeWhole(text) } catch {
            try? WorkingDirectory().unlink(path)
            throw error
        }
    }

    /// Before anything is started: what is in the way is told first.
    static func check(_ invocation: Invocation) throws(LearnFailure) {
        guard let path = invocation.value("output"), !invocation.has("force") else { return }
        if (try? WorkingDirectory().status(of: path)) != nil { throw .output(path, .exists) }
    }
}
