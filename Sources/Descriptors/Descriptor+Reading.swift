import Glibc

extension Descriptor where Self: ~Copyable {
    /// read(2), once.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Transfer {
        precondition(!buffer.isEmpty)
        guard let count = try attempt({ Glibc.read(number, buffer.baseAddress, buffer.count) }) else { return .wouldBlock }
        return count == 0 ? .ended : .moved(count)
    }

    /// read(2), once, behind what `bytes` holds already; at most `limit` bytes more.
    public func read(appendingTo bytes: inout [UInt8], atMost limit: Int) throws(Errno) -> Transfer {
        var chunk = [UInt8](repeating: 0, count: limit)
        let transfer = try chunk.withUnsafeMutableBufferPointer { room throws(Errno) in
            try read(into: UnsafeMutableRawBufferPointer(room))
        }
        guard case .moved(let count) = transfer else { return transfer }
        chunk.removeLast(limit - count)
        if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
        return transfer
    }

    /// pread(2), once: the number of bytes read at `offset`; 0 at and beyond the end.
    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(Errno) -> Int {
        try retrying { pread(number, buffer.baseAddress, buffer.count, off_t(offset)) }
    }

    /// pread(2) until `count` bytes or the end of the file. The bytes found, fewer than `count` only at the end.
    public func bytes(at offset: Int, count: Int) throws(Errno) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let start = filled
            let more = try bytes.withUnsafeMutableBufferPointer { all throws(Errno) in
                try read(into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: all[start...])), at: offset + start)
            }
            if more == 0 { break }
            filled += more
        }
        bytes.removeLast(count - filled)
        return bytes
    }

    /// read(2) to the end of a blocking descriptor. nil when there is more than `limit` bytes.
    public func readAll(limit: Int) throws(Errno) -> [UInt8]? {
        var bytes: [UInt8] = []
        while true {
            switch try read(appendingTo: &bytes, atMost: min(65_536, limit + 1 - bytes.count)) {
            case .ended: return bytes
            case .wouldBlock: throw .tryAgain
            case .moved: if bytes.count > limit { return nil }
            }
        }
    }
}
