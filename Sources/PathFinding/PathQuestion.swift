import Policy
import StrictJSON

/// What the finder is asked: paths, and the command that will be started. `nil` where only paths are of interest.
public struct PathQuestion: Sendable, Hashable {
    /// Absolute.
    public var paths: [String]
    /// Absolute.
    public var command: String?
    /// Which of `paths` are files that will be executed, so that their interpreters and loaders are wanted too.
    public var executed: [Int]

    public init(paths: [String], command: String?, executed: [Int] = []) {
        self.paths = paths
        self.command = command
        self.executed = executed
    }

    var json: JSON {
        [
            "paths": .array(paths.map { .string($0) }), "command": command.map { .string($0) } ?? .null,
            "executed": .array(executed.map { JSON($0) }),
        ]
    }

    init?(json: JSON) {
        guard let paths = json["paths"]?.array?.all(\.string), let executed = json["executed"]?.array?.all(\.int64) else { return nil }
        self.init(paths: paths, command: json["command"]?.string, executed: executed.map { Int($0) })
    }
}
