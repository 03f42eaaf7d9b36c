import CCredentials
import Descriptors
import Glibc
import PathFinding
import Policy

/// A directory of a test's own, without links on the way to it, removed at its end.
final class Scratch {
    let path: String

    init() {
        var template = Array("/tmp/path-finding.XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        chmod(path, 0o755)
    }

    deinit {
        // Only what the tests make lies here: two levels.
        remove(path)
    }

    private func remove(_ path: String) {
        chmod(path, 0o700)
        guard let directory = try? WorkingDirectory().open(path, [.directory, .noFollow]), let names = try? directory.names() else {
            return
        }
        for name in names {
            let inner = path + "/" + String(decoding: name, as: UTF8.self)
            if (try? WorkingDirectory().status(of: inner, followingLinks: false))?.isDirectory == true {
                remove(inner)
            } else {
                unlink(inner)
            }
        }
        rmdir(path)
    }

    func directory(_ name: String, mode: mode_t = 0o755) -> String {
        precondition(mkdir(self[name], mode) == 0)
        chmod(self[name], mode)
        return self[name]
    }

    func file(_ name: String, _ bytes: [UInt8] = [], mode: mode_t = 0o644) -> String {
        let file = try? WorkingDirectory().open(self[name], [.write, .create])
        precondition((try? file?.writeWhole(bytes)) != nil)
        chmod(self[name], mode)
        return self[name]
    }

    func link(_ name: String, to target: String) -> String {
        precondition(symlink(target, self[name]) == 0)
        return self[name]
    }

    subscript(name: String) -> String { path + "/" + name }
}

func request(_ path: String, _ purpose: RequestedPath.Purpose = .read) -> RequestedPath {
    RequestedPath(path: path, purpose: purpose, isOptional: false, location: SourceLocation(file: "p", line: 1, column: 1))
}

func find(_ path: String) -> PathFinding { PathFinder.find([request(path)])[0] }

func facts(_ path: String) -> PathFacts? {
    if case .found(let facts) = find(path) { facts } else { nil }
}

/// Runs `body` with no more rights over files than `nobody` has; as it is where this process has none anyway.
func unprivileged<Result>(_ body: () -> Result) -> Result {
    guard geteuid() == 0 else { return body() }
    tc_set_file_user(65_534, 65_534)
    defer { tc_set_file_user(0, 0) }
    return body()
}
