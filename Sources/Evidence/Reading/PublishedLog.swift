public import Descriptors

/// What of a log may be given to whoever may read it: all that it says and that is needed to verify it, and no secret. Not in it are keys that sign or that
/// commitments are made with, and arguments that are kept.
public struct PublishedLog: Sendable {
    public struct File: Hashable, Sendable {
        /// Relative to the log's directory.
        public let name: String
        public let size: Int
    }

    private let directory: String

    public init(directory: String) { self.directory = directory }

    /// Its files by name, behind `after`, at most `limit`. In this order a copy of a log that grows meanwhile has all that its checkpoints sign.
    public func files(after: String, limit: Int) throws(Errno) -> [File] {
        let root = try WorkingDirectory().open(directory, .directory)
        var names = Self.files
        for place in [LogFiles.documents, LogFiles.segments] {
            do throws(Errno) {
                names += try root.open(place, .directory).names().map { "\(place)/" + String(decoding: $0, as: UTF8.self) }
            } catch {
                if error != .noEntry { throw error }
            }
        }
        let wanted = names.filter { Self.isPublished($0) && after.utf8.lexicographicallyPrecedes($0.utf8) }
        var found: [File] = []
        for name in wanted.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) where found.count < limit {
            do throws(Errno) { found.append(File(name: name, size: try root.status(of: name, followingLinks: false).size)) } catch {
                if error != .noEntry { throw error }
            }
        }
        return found
    }

    /// What stands in a file from `offset` on, at most `limit` bytes, and how large it is; nil where it is none of these, or gone.
    public func read(_ name: String, from offset: Int, limit: Int) throws(Errno) -> (bytes: [UInt8], size: Int)? {
        guard Self.isPublished(name), offset >= 0 else { return nil }
        do throws(Errno) {
            let file = try WorkingDirectory().open("\(directory)/\(name)", .noFollow)
            let size = try file.status().size
            return (try file.bytes(at: offset, count: max(0, min(limit, size - offset))), size)
        } catch {
            if error == .noEntry { return nil }
            throw error
        }
    }

    /// Makes the directories of a copy.
    public static func makeCopy(in directory: String) throws(Errno) {
        for place in [LogFiles.documents, LogFiles.segments] { try WorkingDirectory().makeDirectory("\(directory)/\(place)", mode: 0o700) }
    }

    /// Whether what is there already stays there as it is, and more comes behind it.
    public static func isAppended(_ name: String) -> Bool { name == LogFiles.checkpoints || name.hasPrefix(LogFiles.segments + "/") }

    private static let files = [LogFiles.checkpoints, LogFiles.publicKey, LogFiles.earlierKeys, LogFiles.roots]

    public static func isPublished(_ name: String) -> Bool {
        if files.contains(where: { $0.utf8.elementsEqual(name.utf8) }) { return true }
        let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(Array.init)
        guard parts.count == 2 else { return false }
        if parts[0].elementsEqual(LogFiles.segments.utf8) { return LogFiles.firstNumber(ofSegment: parts[1]) != nil }
        guard parts[0].elementsEqual(LogFiles.documents.utf8) else { return false }
        let text = String(decoding: parts[1], as: UTF8.self)
        return Digest(hex: text)?.hex.utf8.elementsEqual(parts[1]) ?? false
    }
}
