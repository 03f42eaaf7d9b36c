import Evidence
import PathFinding
import Policy
import StrictJSON

/// What a session starts, as its launch receipt tells it. Files were looked at by the path finder, before they were started.
struct LaunchedProgram {
    /// One file, and what is known of its content.
    struct File {
        let path: String
        /// Where the finder's descriptor lies.
        let place: Int?
        /// Which content lay there when it was found.
        let version: FileVersion?
        var reading: FileReading?

        var json: JSON {
            switch reading {
            case .read(let sha256, let version)?:
                ["claim": "observed", "path": .string(path), "sha256": .string(sha256), "size": JSON(version.size)]
            case .unread(let why)?: ["claim": "absent", "path": .string(path), "reason": .string(why)]
            case nil: ["claim": "absent", "path": .string(path), "reason": "not read"]
            }
        }
    }

    /// As `wrap` found it.
    let command: String
    let argv: [[UInt8]]
    let environment: [[UInt8]]
    /// The file that the kernel maps: of a script its interpreter.
    var executable: File?
    var script: File?
    /// Why there is no script.
    var scriptAbsence = "the command was not looked at"

    /// Files that are not read yet, by place.
    var unread: [Int] { [executable, script].compactMap { $0 }.filter { $0.reading == nil }.compactMap(\.place) }

    mutating func take(_ readings: [Int: FileReading]) {
        executable?.take(readings)
        script?.take(readings)
    }

    /// The names alone.
    private var environmentNames: [String] {
        environment.map { String(decoding: $0.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self) }.sorted()
    }

    /// Members of the receipt's body.
    func describe(in body: inout JSONObject) {
        let shown = ArgumentMask.apply(argv)
        body["command"] = .string(command)
        body["arguments"] = JSON(argv.count - 1)
        body["argv"] = .array(shown.arguments.map { .string($0) })
        if shown.masked > 0 { body["argvMasked"] = JSON(shown.masked) }
        if shown.omitted > 0 { body["argvOmitted"] = JSON(shown.omitted) }
        body["environment"] = .array(environmentNames.map { .string($0) })
        body["executable"] = executable?.json ?? ["claim": "absent", "reason": "the command was not looked at"]
        body["script"] = script?.json ?? ["claim": "absent", "reason": .string(scriptAbsence)]
    }
}

extension LaunchedProgram.File {
    /// What was read must be what was found.
    fileprivate mutating func take(_ readings: [Int: FileReading]) {
        guard reading == nil, let place, let found = readings[place] else { return }
        if case .read(_, let version) = found, version != self.version {
            reading = .unread("changed while the session started")
        } else {
            reading = found
        }
    }
}
