import CLinux
import Descriptors
import Glibc

extension Descriptor where Self: ~Copyable {
    /// readlinkat(2): without a path, of this link itself (`O_PATH | O_NOFOLLOW`).
    func linkTarget(_ path: String = "") throws(Errno) -> [UInt8] {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlinkat(number, path, &buffer, buffer.count)
        guard count >= 0 else { throw .last }
        return buffer.prefix(count).map { UInt8(bitPattern: $0) }
    }

    /// statfs(2) `f_type`.
    func filesystemMagic() throws(Errno) -> UInt64 {
        let magic = clx_filesystem_magic(number)
        guard magic >= 0 else { throw Errno(code: Int32(truncatingIfNeeded: -magic)) }
        return UInt64(magic)
    }
}

extension FileStatus {
    func isSameFile(as other: FileStatus) -> Bool { device == other.device && inode == other.inode && mode & S_IFMT == other.mode & S_IFMT }
}
