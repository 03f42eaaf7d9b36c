import Descriptors
import Glibc
import StrictJSON

/// What came of reading one file to its end.
public enum FileReading: Hashable, Sendable {
    /// SHA-256 in hexadecimal, and which content it is of: the same before and after it was read.
    case read(sha256: String, FileVersion)
    /// It was not read, for a reason that stands in receipts.
    case unread(String)

    /// Bytes of the largest file that is read.
    public static let largest = 512 << 20

    /// Reads the file of a descriptor that may be open for being named alone, with the credentials of this process.
    init(_ descriptor: BorrowedDescriptor) {
        do throws(Errno) {
            let file = try WorkingDirectory().open("/proc/self/fd/\(descriptor.number)", [.read, .nonBlocking])
            self = try Self.read(file)
        } catch {
            self = .unread(error.name)
        }
    }

    private static func read(_ file: borrowing OwnedDescriptor) throws(Errno) -> FileReading {
        let before = try file.status()
        guard before.isRegularFile else { return .unread("not a regular file") }
        guard before.size <= largest else { return .unread("larger than \(largest >> 20) MiB") }
        guard var digest = LoadedSHA256() else { return .unread("libcrypto is not there") }
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
        defer { room.deallocate() }
        var offset = 0
        // One byte more shows a file that grew.
        while offset <= before.size {
            let count = try file.read(into: room, at: offset)
            if count == 0 { break }
            digest.update(UnsafeRawBufferPointer(rebasing: room[..<count]))
            offset += count
        }
        guard offset == before.size, FileVersion(try file.status()) == FileVersion(before) else {
            return .unread("changed while it was read")
        }
        return .read(sha256: digest.finish(), FileVersion(before))
    }

    var json: JSON {
        switch self {
        case .read(let sha256, let version): ["sha256": .string(sha256), "version": version.json]
        case .unread(let why): ["unread": .string(why)]
        }
    }

    init?(json: JSON) {
        if let why = json["unread"]?.string {
            self = .unread(why)
        } else if let sha256 = json["sha256"]?.string, Self.isDigest(sha256), let version = FileVersion(json: json["version"]) {
            self = .read(sha256: sha256, version)
        } else {
            return nil
        }
    }

    private static func isDigest(_ text: String) -> Bool {
        text.utf8.count == 64 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}
