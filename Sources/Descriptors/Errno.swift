import Glibc

/// The number a failed system call left in `errno` (errno(3)).
///
/// Three classes (each wrapper of this module keeps to them): `EINTR` is retried and never thrown, `EAGAIN` is a value where a descriptor
/// may be non-blocking (`Transfer.wouldBlock`), `EBADF` and `EFAULT` are our own mistakes and trap. Everything else is thrown as this
/// value.
public struct Errno: Error, Hashable, Sendable {
    /// The number as the kernel gave it, always positive.
    public let code: Int32

    public init(code: Int32) {
        self.code = code
    }

    /// What the last failed call of this thread left behind. Only meaningful directly after the call.
    public static var last: Errno { Errno(code: errno) }
}

extension Errno {
    public static let permission = Errno(code: EPERM)
    public static let noEntry = Errno(code: ENOENT)
    public static let noProcess = Errno(code: ESRCH)
    public static let interrupted = Errno(code: EINTR)
    public static let io = Errno(code: EIO)
    public static let badDescriptor = Errno(code: EBADF)
    public static let tryAgain = Errno(code: EAGAIN)
    public static let noMemory = Errno(code: ENOMEM)
    public static let access = Errno(code: EACCES)
    public static let badAddress = Errno(code: EFAULT)
    public static let busy = Errno(code: EBUSY)
    public static let exists = Errno(code: EEXIST)
    public static let crossDevice = Errno(code: EXDEV)
    public static let notDirectory = Errno(code: ENOTDIR)
    public static let isDirectory = Errno(code: EISDIR)
    public static let invalid = Errno(code: EINVAL)
    public static let tooManyFiles = Errno(code: EMFILE)
    public static let fileTooLarge = Errno(code: EFBIG)
    public static let noSpace = Errno(code: ENOSPC)
    public static let overQuota = Errno(code: EDQUOT)
    public static let readOnly = Errno(code: EROFS)
    public static let brokenPipe = Errno(code: EPIPE)
    public static let nameTooLong = Errno(code: ENAMETOOLONG)
    public static let notImplemented = Errno(code: ENOSYS)
    public static let notEmpty = Errno(code: ENOTEMPTY)
    public static let loop = Errno(code: ELOOP)
    public static let badMessage = Errno(code: EBADMSG)
    public static let messageSize = Errno(code: EMSGSIZE)
    public static let notSupported = Errno(code: EOPNOTSUPP)
    public static let addressInUse = Errno(code: EADDRINUSE)
    public static let connectionReset = Errno(code: ECONNRESET)
    public static let illegalSequence = Errno(code: EILSEQ)
    public static let notSocket = Errno(code: ENOTSOCK)
    public static let notConnected = Errno(code: ENOTCONN)
    public static let timedOut = Errno(code: ETIMEDOUT)
    public static let connectionRefused = Errno(code: ECONNREFUSED)
    public static let inProgress = Errno(code: EINPROGRESS)
    public static let outOfRange = Errno(code: ERANGE)
    public static let noProtocolOption = Errno(code: ENOPROTOOPT)
    public static let noBuffers = Errno(code: ENOBUFS)
    public static let stale = Errno(code: ESTALE)
    public static let noChild = Errno(code: ECHILD)
}
