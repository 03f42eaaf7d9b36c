import Descriptors
import Glibc

/// The programs that belong to this one: found in the directory of the running binary and nowhere else.
struct Siblings: Sendable, Hashable {
    let directory: String

    /// Reads /proc/self/exe. As root, a binary that others than root may write is refused (`EPERM`).
    init() throws(Errno) {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        guard count > 0 else { throw .last }
        let path = String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { throw .invalid }
        directory = String(path[..<slash])
    }

    /// Opens a program by its name, O_PATH, to be executed by descriptor: who runs it need not be able to walk there.
    func open(_ name: String) throws(Errno) -> OwnedDescriptor {
        let program = try WorkingDirectory().open(directory + "/" + name, [.path, .noFollow])
        let status = try program.status()
        guard status.isRegularFile, status.permissions & 0o111 != 0 else { throw .access }
        if geteuid() == 0, status.owner != 0 || status.permissions & 0o022 != 0 { throw .permission }
        return program
    }

    func path(of name: String) -> String { directory + "/" + name }
}
