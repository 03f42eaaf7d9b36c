public import Policy
import StrictJSON

/// What the finder is asked: paths, and the command that will be started. `nil` where only paths are of interest.
public struct PathQuestion: Sendable, Hashable {
    /// Absolute.
    public var paths: [String]
    /// Absolute.
    public var command: String?
    /// Which of `paths` are files that will be executed, so that their interpreters and loaders are wanted too.
    public var executed: [Int]
    /// Which of `paths` may be written, so that what `files.protect` keeps is looked for beneath them.
    public var written: [Int]
    /// The home of whoever asks; absolute.
    public var home: String?
    /// Whether the host's nameservers are wanted.
    public var wantsNameservers: Bool

    public init(
        paths: [String], command: String?, executed: [Int] = [], written: [Int] = [], home: String? = nil, wantsNameservers: Bool = false
    ) {
        self.paths = paths
        self.command = command
        self.executed = executed
        self.written = written
        self.home = home
        self.wantsNameservers = wantsNameservers
    }

    /// What a policy's paths ask for.
    public init(_ requests: [RequestedPath], command: String?, home: String?, wantsNameservers: Bool = false) {
        let indices = { (purpose: RequestedPath.Purpose) in requests.indices.filter { requests[$0].purpose == purpose } }
        self.init(
            paths: requests.map(\.path), command: command, executed: indices(.execute), written: indices(.write), home: home,
            wantsNameservers: wantsNameservers)
    }

    var json: JSON {
        [
            "paths": .array(paths.map { .string($0) }), "command": command.map { .string($0) } ?? .null,
            "executed": .array(executed.map { JSON($0) }), "written": .array(written.map { JSON($0) }),
            "home": home.map { .string($0) } ?? .null, "nameservers": .bool(wantsNameservers),
        ]
    }

    init?(json: JSON) {
        guard let paths = json["paths"]?.array?.all(\.string), let executed = json["executed"]?.array?.all(\.int64),
            let written = json["written"]?.array?.all(\.int64), let wantsNameservers = json["nameservers"]?.bool
        else { return nil }
        self.init(
            paths: paths, command: json["command"]?.string, executed: executed.map { Int($0) }, written: written.map { Int($0) },
            home: json["home"]?.string, wantsNameservers: wantsNameservers)
    }
}
