import Glibc

/// This program's own file, as the kernel knows it.
enum OwnProgram {
    /// readlink(2) of /proc/self/exe; nil where it is gone, or was replaced since it started.
    static var path: String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        guard count > 0, let path = String(validating: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self) else { return nil }
        return access(path, X_OK) == 0 ? path : nil
    }
}
