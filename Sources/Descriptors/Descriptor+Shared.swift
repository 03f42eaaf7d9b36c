import CLinux

/// One call that does not wait, on a descriptor whose open file others share, so that `O_NONBLOCK` may not be set on it.
extension Descriptor where Self: ~Copyable {
    /// recv(2) `MSG_DONTWAIT` for a socket, preadv2(2) `RWF_NOWAIT` for anything else. A file that cannot do so: `EOPNOTSUPP`.
    public func readNow(into buffer: UnsafeMutableRawBufferPointer, isSocket: Bool) throws(Errno) -> Transfer {
        guard let start = buffer.baseAddress else { preconditionFailure("reading into no room") }
        let count = try unlessBlocked { () throws(Errno) in
            try retryingNegative {
                isSocket ? clx_receive_now(number, start, buffer.count) : clx_read_now(number, start, buffer.count)
            }
        }
        guard let count else { return .wouldBlock }
        return count == 0 ? .ended : .moved(count)
    }

    /// send(2) `MSG_DONTWAIT` for a socket, pwritev2(2) `RWF_NOWAIT` for anything else. A file that cannot do so: `EOPNOTSUPP`.
    public func writeNow(_ bytes: UnsafeRawBufferPointer, isSocket: Bool) throws(Errno) -> Transfer {
        guard let start = bytes.baseAddress else { return .moved(0) }
        let count = try unlessBlocked { () throws(Errno) in
            try retryingNegative {
                isSocket ? clx_send_now(number, start, bytes.count) : clx_write_now(number, start, bytes.count)
            }
        }
        guard let count else { return .wouldBlock }
        return .moved(count)
    }

    /// writev(2) of two runs of bytes, once: how many bytes went.
    public func write(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) throws(Errno) -> Int {
        guard let start = first.baseAddress else { return 0 }
        return try retryingNegative { clx_write_two(number, start, first.count, second.baseAddress, second.count) }
    }
}
