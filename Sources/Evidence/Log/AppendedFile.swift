import Descriptors

/// A file that only grows by whole appends: one that fails is undone, so that the file never keeps half of it.
struct AppendedFile: ~Copyable {
    private let descriptor: OwnedDescriptor
    private(set) var size: Int
    /// An append failed and could not be undone.
    private(set) var isBroken = false

    init(_ name: String, in directory: borrowing some Descriptor & ~Copyable) throws(Errno) {
        let descriptor = try directory.open(name, [.write, .append, .create], mode: 0o600)
        size = try descriptor.status().size
        self.descriptor = descriptor
    }

    static func open(_ name: String, in directory: borrowing some Descriptor & ~Copyable) throws(LogError) -> AppendedFile {
        do { return try AppendedFile(name, in: directory) } catch { throw .system(error) }
    }

    mutating func append(_ bytes: [UInt8]) throws(Errno) {
        do {
            try descriptor.writeWhole(bytes)
            size += bytes.count
        } catch {
            undo()
            throw error
        }
    }

    /// fdatasync(2). When it fails it is not known what is on disk, and a second one would not say: nothing more is appended.
    mutating func synchronize() throws(Errno) {
        do {
            try descriptor.synchronizeData()
        } catch {
            isBroken = true
            throw error
        }
    }

    private mutating func undo() {
        do { try descriptor.truncate(to: size) } catch { isBroken = true }
    }
}
