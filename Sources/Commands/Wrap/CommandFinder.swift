import Descriptors
import Glibc

/// Finds a command as execvp(3) would, before anybody is asked to run it.
struct CommandFinder {
    /// What there is under a name.
    enum Finding: Sendable, Hashable {
        /// Absolute; links are not followed, since a program may go by the name it was called by.
        case found(String)
        case notFound
        /// Something is there that cannot be executed: an errno's name.
        case notExecutable(String)
    }

    /// The directories of PATH, in order; an empty one is the working directory.
    let directories: [String]
    /// Absolute.
    let workingDirectory: String

    init(_ environment: CallerEnvironment, workingDirectory: String) {
        let path = environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        directories = path.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        self.workingDirectory = workingDirectory
    }

    func find(_ command: String) -> Finding {
        if command.isEmpty { return .notFound }
        if command.utf8.contains(UInt8(ascii: "/")) { return judge(absolute(command)) }
        var best = Finding.notFound
        for directory in directories {
            let finding = judge(absolute(directory.isEmpty ? command : directory + "/" + command))
            if case .found = finding { return finding }
            if best == .notFound { best = finding }
        }
        return best
    }

    private func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : workingDirectory + (workingDirectory.hasSuffix("/") ? "" : "/") + path
    }

    private func judge(_ path: String) -> Finding {
        let status: FileStatus
        do {
            status = try WorkingDirectory().status(of: path)
        } catch {
            return error == .noEntry || error == .notDirectory ? .notFound : .notExecutable(error.name)
        }
        guard !status.isDirectory else { return .notExecutable("EISDIR") }
        guard status.isRegularFile, faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0 else { return .notExecutable("EACCES") }
        return .found(path)
    }
}
