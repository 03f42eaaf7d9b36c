import Descriptors
import Glibc

/// Which file a command names: the rules of execvp(3), by bytes.
public enum CommandLookup: Sendable, Hashable {
    /// Absolute unless the name or the PATH entry was not and no working directory was given.
    case found([UInt8])
    /// A shell's 127.
    case notFound
    /// A shell's 126: it is there, and cannot be executed. The name of the errno.
    case notExecutable([UInt8], error: String)

    /// `path` is the value of PATH; `nil` where it is unset, which means what execvp(3) says. Relative entries and names are of `cwd`.
    public static func find(_ name: [UInt8], path: [UInt8]?, cwd: [UInt8]) -> CommandLookup {
        if name.isEmpty { return .notFound }
        if name.contains(slash) { return judge(absolute(name, cwd)) ?? .notFound }
        var refused: CommandLookup?
        for directory in directories(path) {
            let path = absolute(directory.isEmpty ? name : directory + [slash] + name, cwd)
            switch judge(path) {
            case .found(let path): return .found(path)
            // As in a shell: an entry of PATH that the caller cannot search has nothing for them.
            case .notExecutable where !isThere(path): break
            case let other?: refused = refused ?? other
            case nil: break
            }
        }
        return refused ?? .notFound
    }

    private static let slash = UInt8(ascii: "/")

    private static func directories(_ path: [UInt8]?) -> [[UInt8]] {
        (path ?? Array("/bin:/usr/bin".utf8)).split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map { Array($0) }
    }

    private static func absolute(_ path: [UInt8], _ cwd: [UInt8]) -> [UInt8] {
        if path.first == slash { return path }
        return cwd + (cwd.last == slash ? [] : [slash]) + path
    }

    private static func isThere(_ path: [UInt8]) -> Bool { (try? WorkingDirectory().status(of: path)) != nil }

    /// `nil` where nothing is there.
    private static func judge(_ path: [UInt8]) -> CommandLookup? {
        do {
            let status = try WorkingDirectory().status(of: path)
            guard status.isRegularFile else { return .notExecutable(path, error: Errno.access.name) }
            try checkExecutable(path)
            return .found(path)
        } catch {
            switch error {
            case .noEntry, .notDirectory, .nameTooLong: return nil
            default: return .notExecutable(path, error: error.name)
            }
        }
    }

    /// faccessat(2) with the effective ids; a file on a noexec mount fails.
    static func checkExecutable(_ path: [UInt8]) throws(Errno) {
        guard faccessat(AT_FDCWD, path.map { CChar(bitPattern: $0) } + [0], X_OK, AT_EACCESS) == 0 else { throw .last }
    }
}
