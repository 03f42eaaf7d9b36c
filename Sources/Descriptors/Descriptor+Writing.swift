import Glibc

extension Descriptor where Self: ~Copyable {
    /// write(2), once. `.moved` may be fewer bytes than given.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(Errno) -> Transfer {
        guard let count = try attempt({ Glibc.write(number, bytes.baseAddress, bytes.count) }) else { return .wouldBlock }
        return .moved(count)
    }

    /// write(2) until all is written, on a blocking descriptor.
    public func writeWhole(_ bytes: UnsafeRawBufferPointer) throws(Errno) {
        var rest = bytes[...]
        while !rest.isEmpty {
            switch try write(UnsafeRawBufferPointer(rebasing: rest)) {
            case .moved(let count): rest = rest.dropFirst(count)
            case .wouldBlock, .ended: throw .tryAgain
            }
        }
    }

    /// write(2) until all is written, on a blocking descriptor.
    public func writeWhole(_ bytes: [UInt8]) throws(Errno) {
        try bytes.withUnsafeBufferPointer { all throws(Errno) in try writeWhole(UnsafeRawBufferPointer(all)) }
    }

    /// write(2) of a text as UTF-8 until all is written, on a blocking descriptor.
    public func writeWhole(_ text: String) throws(Errno) {
        try writeWhole(Array(text.utf8))
    }

    /// fsync(2).
    public func synchronize() throws(Errno) {
        _ = try retrying { fsync(number) }
    }

    /// fdatasync(2): data and what is needed to find it again.
    public func synchronizeData() throws(Errno) {
        _ = try retrying { fdatasync(number) }
    }

    /// ftruncate(2).
    public func truncate(to size: Int) throws(Errno) {
        _ = try retrying { ftruncate(number, off_t(size)) }
    }
}
