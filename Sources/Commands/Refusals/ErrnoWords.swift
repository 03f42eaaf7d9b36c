/// What an errno's name means to a person.
enum ErrnoWords {
    /// `permission denied (EACCES)`; a name without words is shown as it is.
    static func text(_ name: String) -> String {
        words(name).map { "\($0) (\(name))" } ?? Escaping.line(name)
    }

    /// The same with the path at which it came.
    static func text(_ name: String, at component: String?) -> String {
        text(name) + (component.map { " at \(Escaping.quoted($0))" } ?? "")
    }

    private static func words(_ name: String) -> String? {
        switch name {
        case "ENOENT": "there is no such file or directory"
        case "EACCES": "permission denied"
        case "EPERM": "not permitted"
        case "ENOTDIR": "a part of the path is not a directory"
        case "EISDIR": "it is a directory"
        case "ELOOP": "too many symbolic links"
        case "ENAMETOOLONG": "the name is too long"
        case "ENOEXEC": "its format is not executable"
        case "ETXTBSY": "it is being written"
        case "EIO": "the device failed"
        case "ENXIO": "there is no such device"
        case "EINVAL": "not accepted here"
        case "EFBIG": "it is too large"
        case "ECONNREFUSED": "nobody accepts connections"
        case "ECONNRESET": "the connection was closed"
        case "ETIMEDOUT": "no answer in time"
        case "EMFILE", "ENFILE": "too many open files"
        case "ENOMEM": "out of memory"
        case "ENOSPC": "no space left"
        case "EROFS": "the filesystem is read-only"
        case "ENOSYS": "this kernel has no such call"
        case "EOPNOTSUPP": "not supported here"
        case "EBUSY": "it is in use"
        default: nil
        }
    }
}
