import CLinux

extension OwnedDescriptor {
    /// pidfd_open(2): names the process that has this number now, also after it has ended.
    public static func process(_ number: Int32) throws(Errno) -> OwnedDescriptor {
        OwnedDescriptor(owning: try retryingNegative { clx_pidfd_open(number) })
    }
}

extension Descriptor where Self: ~Copyable {
    /// Whether the process that this pidfd names is still in the process table, so that its number is nobody else's (pidfd_send_signal(2) of 0).
    public var namesProcessInTable: Bool {
        let answer = clx_pidfd_send_signal(number, 0)
        return answer == 0 || answer == -Errno.permission.code
    }
}
