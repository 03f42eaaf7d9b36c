import CLinux
public import Descriptors

/// The gate's end of a spool. Statements are staged, then written with one write(2); only then may be done what they permit.
///
/// After a failure nothing of that write counts, and nothing more is appended until `recover`: it finishes a frame that was torn (the file
/// cannot be cut by its writer) and then states that these numbers are void.
public struct SpoolWriter: ~Copyable {
    private enum State {
        case sound
        /// From `written` on, `buffer` is not in the file; at its end it says that its statements do not count.
        case torn(written: Int)
        /// The last write left nothing behind.
        case refused
        case lost(Errno)
    }

    private let descriptor: OwnedDescriptor
    private var buffer: [UInt8] = []
    private var state = State.sound
    private var staged: UInt64 = 0

    /// The number of the last statement that counts.
    public private(set) var lastNumber: UInt64
    /// Bytes that this writer put into the spool.
    public private(set) var position = 0

    /// Takes a descriptor opened `O_APPEND`, `O_WRONLY`. `lastNumber`: of a spool that has frames already.
    public init(_ descriptor: consuming OwnedDescriptor, lastNumber: UInt64 = 0) {
        self.descriptor = descriptor
        self.lastNumber = lastNumber
        buffer.reserveCapacity(64 << 10)
    }

    /// Whether something is staged and not yet written.
    public var hasStaged: Bool { staged > 0 }

    /// Whether an earlier write failed, so that `recover` is due.
    public var isSound: Bool { if case .sound = state { true } else { false } }

    /// Puts a statement behind those already staged; nothing is written. `body`: JSON of an object. Returns the number it will have. After
    /// an error nothing is staged any more, what was staged before it neither: one turn's statements stand or fall together.
    @discardableResult
    public mutating func stage(_ kind: ReceiptKind, body: UnsafeRawBufferPointer, time: UInt64 = Clock.realtime) throws(SpoolError)
        -> UInt64
    {
        if !isSound { throw .needsRecovery }
        if body.count > Spool.bodyLimit {
            dropStaged()
            throw .tooLarge(body.count)
        }
        staged += 1
        let number = lastNumber + staged
        put(SpoolHeader(count: UInt32(body.count), number: number, time: time, kind: UInt32(kind.spoolCode)), body)
        return number
    }

    /// The same for an array.
    @discardableResult
    public mutating func stage(_ kind: ReceiptKind, body: [UInt8], time: UInt64 = Clock.realtime) throws(SpoolError) -> UInt64 {
        try body.withUnsafeBufferPointer { body throws(SpoolError) in try stage(kind, body: UnsafeRawBufferPointer(body), time: time) }
    }

    /// Writes all that is staged with one write(2); `durably`, one fdatasync(2) follows, so that it outlives the host. After an error none
    /// of it counts.
    public mutating func commit(durably: Bool = false) throws(SpoolError) {
        if !isSound { throw .needsRecovery }
        if staged == 0 { return }
        let before = lastNumber
        let whole = buffer.count
        let (written, error) = write(from: 0)
        guard written == whole else {
            fail(written)
            throw error.map { .write($0) } ?? .short(written: written, of: whole)
        }
        settle()
        if durably { try synchronize(since: before) }
    }

    /// One statement, staged and written.
    @discardableResult
    public mutating func append(_ kind: ReceiptKind, body: [UInt8], time: UInt64 = Clock.realtime) throws(SpoolError) -> UInt64 {
        let number = try stage(kind, body: body, time: time)
        try commit()
        return number
    }

    /// fdatasync(2), never again once it failed: the kernel may have dropped the pages that it could not write, and would say that all is well.
    private mutating func synchronize(since before: UInt64) throws(SpoolError) {
        do {
            try descriptor.synchronizeData()
        } catch {
            // Whoever reads the spool while the host lives sees these statements, and must learn that nothing was done on their word.
            _ = try? append(.lifecycle, body: SpoolVoid(first: before + 1, last: lastNumber, cause: error.name).body)
            lastNumber = before
            state = .lost(error)
            throw .synchronize(error)
        }
    }

    /// Makes the spool whole after a failed write, so that appending may go on. Throws as long as that fails.
    public mutating func recover() throws(SpoolError) {
        switch state {
        case .sound: return
        case .lost(let error): throw .synchronize(error)
        case .refused: state = .sound
        case .torn(let written): try finish(from: written)
        }
    }

    private mutating func finish(from start: Int) throws(SpoolError) {
        let (written, error) = write(from: start)
        position += written
        guard start + written == buffer.count else {
            state = .torn(written: start + written)
            throw error.map { .write($0) } ?? .short(written: written, of: buffer.count - start)
        }
        position -= buffer.count  // settle counts the whole of it
        settle()
        state = .sound
    }

    private mutating func settle() {
        position += buffer.count
        lastNumber += staged
        staged = 0
        buffer.removeAll(keepingCapacity: true)
    }

    private mutating func fail(_ written: Int) {
        guard written > 0 else {
            state = .refused
            return dropStaged()
        }
        position += written
        let void = SpoolVoid(first: lastNumber + 1, last: lastNumber + staged).body
        staged += 1
        let header = SpoolHeader(
            count: UInt32(void.count), number: lastNumber + staged, time: Clock.realtime, kind: UInt32(ReceiptKind.lifecycle.spoolCode))
        // With what it is about, so that no disk takes the one and not the other.
        void.withUnsafeBytes { put(header, $0) }
        state = .torn(written: written)
    }

    private mutating func dropStaged() {
        staged = 0
        buffer.removeAll(keepingCapacity: true)
    }

    /// write(2), again only while interrupted before anything was written.
    private func write(from start: Int) -> (written: Int, error: Errno?) {
        buffer.withUnsafeBufferPointer { bytes in
            do throws(Errno) {
                switch try descriptor.write(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[start...]))) {
                case .moved(let count): return (count, nil)
                case .wouldBlock, .ended: return (0, .tryAgain)
                }
            } catch {
                return (0, error)
            }
        }
    }

    private mutating func put(_ header: SpoolHeader, _ body: UnsafeRawBufferPointer) {
        let start = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: SpoolHeader.size))
        buffer.append(contentsOf: body)
        buffer.withUnsafeMutableBytes { bytes in
            header.seal(UnsafeMutableRawBufferPointer(rebasing: bytes[start...]))
        }
    }
}
