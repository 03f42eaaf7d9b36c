import CLinux

/// A file without a name whose bytes can never change again (memfd_create(2), `F_ADD_SEALS`): how documents travel between processes.
public enum SealedMemory {
    /// A sealed file that holds `bytes`, its offset at 0. `name` shows in /proc only.
    public static func make(name: String, bytes: [UInt8]) throws(Errno) -> OwnedDescriptor {
        let number = try name.withNulEnded { name throws(Errno) in
            try bytes.withUnsafeBufferPointer { buffer throws(Errno) in
                try retryingNegative { clx_memfd_sealed(name, buffer.baseAddress, buffer.count) }
            }
        }
        return OwnedDescriptor(owning: number)
    }
}

extension Descriptor where Self: ~Copyable {
    /// Whether the content can no longer change (`F_GET_SEALS`): ask before reading what somebody passed.
    public func isSealed() throws(Errno) -> Bool {
        try retryingNegative { clx_memfd_is_sealed(number) } == 1
    }

    /// The bytes of a sealed file that somebody passed: nil when it is not sealed, or holds more than `limit`.
    public func sealedContents(limit: Int) throws(Errno) -> [UInt8]? {
        guard try isSealed() else { return nil }
        let size = try status().size
        return size > limit ? nil : try bytes(at: 0, count: size)
    }
}
