public import Descriptors
import StrictJSON

/// Calls that read the log.
public enum LogParameters {
    /// The file behind which a listing begins.
    public static func after(_ call: borrowing ControlCall) throws(ControlError) -> String? { try RefusalParameters.after(call) }

    public static func listing(after name: String?) -> ControlMessage { ControlMessage(["after": name.map(JSON.string) ?? .null]) }

    /// A part of a file.
    public static func part(_ call: borrowing ControlCall) throws(ControlError) -> (file: String, offset: Int) {
        var reader = ParameterReader(call.parameters, descriptors: DescriptorList())
        let file = try reader.string("file")
        guard let offset: Int = try reader.optionalInteger("offset"), offset >= 0 else { throw .invalidParameter("offset") }
        try reader.finish()
        return (file, offset)
    }

    public static func part(of file: String, from offset: Int) -> ControlMessage {
        ControlMessage(["file": .string(file), "offset": JSON(offset)])
    }

    /// Bytes of one part.
    public static let limit = 1 << 20
    /// Files of one listing.
    public static let filesLimit = 1_024
}

/// What comes back.
public struct ListedLog: Sendable, Hashable {
    public struct File: Sendable, Hashable {
        public let name: String
        public let size: Int

        public init(name: String, size: Int) {
            self.name = name
            self.size = size
        }
    }

    public let files: [File]
    /// There are more behind these.
    public let hasMore: Bool

    public init(files: [File], hasMore: Bool) {
        self.files = files
        self.hasMore = hasMore
    }

    public func encode() -> ControlMessage {
        ControlMessage([
            "files": .array(files.map { ["name": .string($0.name), "size": JSON($0.size)] }), "more": .bool(hasMore),
        ])
    }

    public init(_ reply: consuming ControlMessage) throws(ControlCallFailure) {
        let parameters = reply.parameters
        guard let listed = parameters["files"]?.array, let hasMore = parameters["more"]?.bool else { throw .violation(.malformed) }
        var files: [File] = []
        for one in listed {
            guard let name = one["name"]?.string, let size = one["size"]?.int64.flatMap({ Int(exactly: $0) }), size >= 0 else {
                throw .violation(.malformed)
            }
            files.append(File(name: name, size: size))
        }
        self.init(files: files, hasMore: hasMore)
    }
}

/// A part of a file of the log.
public struct LogPart: ~Copyable {
    public let content: OwnedDescriptor
    public let size: Int

    public init(content: consuming OwnedDescriptor, size: Int) {
        self.content = content
        self.size = size
    }

    public consuming func encode() -> ControlMessage {
        var descriptors = DescriptorList()
        let size = size
        descriptors.append(content)
        return ControlMessage(["content": 0, "size": JSON(size)], descriptors: descriptors)
    }

    /// The bytes of what came.
    public static func bytes(_ reply: consuming ControlMessage) throws(ControlCallFailure) -> [UInt8] {
        guard let index = reply.parameters["content"]?.int64.flatMap({ Int(exactly: $0) }), let file = reply.descriptors.take(index),
            let bytes = try? file.sealedContents(limit: LogParameters.limit)
        else { throw .violation(.malformed) }
        return bytes
    }
}
