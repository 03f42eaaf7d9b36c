public import Descriptors
import Glibc

/// A directory of the test's own, removed with all that is in it. In memory where there is such a place: these tests open and close
/// hundreds of logs.
public final class ScratchDirectory {
    public let path: String

    public init() throws(Errno) {
        let place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array("\(place)/sandboxd-test-XXXXXX".utf8CString)
        if mkdtemp(&template) == nil { throw .last }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        try? empty(path)
        rmdir(path)
    }

    private func empty(_ path: String) throws(Errno) {
        let directory = try WorkingDirectory().open(path, [.directory, .noFollow])
        for name in try directory.names() {
            if try directory.status(of: name, followingLinks: false).isDirectory {
                try empty(path + "/" + String(decoding: name, as: UTF8.self))
                try directory.removeDirectory(name)
            } else {
                try directory.unlink(name)
            }
        }
    }
}
