import Glibc

/// An open file descriptor with exactly one owner; closes itself (close(2)).
public struct OwnedDescriptor: ~Copyable, Sendable, Descriptor {
    public let number: Int32

    /// Takes over an open descriptor. Nobody else may close it afterwards.
    public init(owning number: Int32) {
        precondition(number >= 0, "a descriptor number is never negative")
        self.number = number
    }

    /// Gives up ownership without closing.
    public consuming func release() -> Int32 {
        let number = self.number
        discard self
        return number
    }

    /// The same open file without ownership. Must not be used longer than this owner lives.
    public var borrowed: BorrowedDescriptor { BorrowedDescriptor(number) }

    deinit {
        closeOnce(number)
    }
}

/// Linux frees the number even when close(2) fails with `EINTR` or `EIO`, so that it is never retried.
private func closeOnce(_ number: Int32) {
    if close(number) != 0 && errno == EBADF {
        preconditionFailure("descriptor closed behind its owner's back")
    }
}
