import ControlProtocol
import Descriptors
import KernelPlan
import StrictJSON

/// The hosts that a policy is held against: saved profiles, or this one. This one is asked at most once, and only when it is needed.
struct HostChoice {
    /// A host and what it is called in output.
    struct Host: Sendable, Hashable {
        let profile: HostProfile
        /// The profile's file; `daemon` or `private` for this host.
        let name: String
        /// A sentence's end: who said what works there.
        let origin: String
        /// This host, just now; not a saved profile.
        let isAsked: Bool
    }

    private let invocation: Invocation
    private let environment: CallerEnvironment
    private var saved: [Host] = []
    private var asked: Host?
    /// Over which this host is asked, where more is to be asked of it.
    private let line: DaemonLine?

    /// Reads the profiles that the command line names.
    init(_ invocation: Invocation, _ environment: CallerEnvironment, over line: DaemonLine? = nil) throws(HostFailure) {
        self.line = line
        self.invocation = invocation
        self.environment = environment
        for place in invocation.values("host") {
            for path in try Self.profiles(place) { saved.append(try Self.read(path)) }
        }
    }

    /// Those that were named, or asked so far.
    var known: [Host] { saved.isEmpty ? [asked].compactMap { $0 } : saved }

    /// Never empty.
    mutating func hosts() throws(HostFailure) -> [Host] {
        if !saved.isEmpty { return saved }
        if let asked { return [asked] }
        let answer = if let line { try AskedHost(line) } else { try AskedHost(invocation, environment) }
        let name =
            switch answer.profile.custody {
            case .daemon: "daemon"
            case .user: "private"
            }
        let host = Host(profile: answer.profile, name: name, origin: answer.origin, isAsked: true)
        asked = host
        return [host]
    }

    /// A file, or the profiles in a directory.
    private static func profiles(_ path: String) throws(HostFailure) -> [String] {
        guard (try? WorkingDirectory().status(of: path).isDirectory) == true else { return [path] }
        let names: [[UInt8]]
        do { names = try WorkingDirectory().open(path, .directory).names() } catch { throw .unreadable(path, error) }
        let profiles = names.map { String(decoding: $0, as: UTF8.self) }.filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }
        guard !profiles.isEmpty else { throw .malformed(path, "no *.json lies in this directory") }
        return profiles.map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
    }

    private static func read(_ path: String) throws(HostFailure) -> Host {
        let bytes: [UInt8]?
        do { bytes = try WorkingDirectory().contents(of: path, limit: 1 << 20) } catch { throw .unreadable(path, error) }
        guard let bytes else { throw .malformed(path, "it is too large") }
        // A profile that a person looked at may end in a line's end.
        guard let json = try? JSON(parsing: bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes) else {
            throw .malformed(path, "it is not JSON")
        }
        do {
            return Host(profile: try HostProfile(json: json), name: path, origin: "as saved in \(Escaping.quoted(path))", isAsked: false)
        } catch {
            throw .malformed(path, error.words)
        }
    }
}

extension HostProfileProblem {
    fileprivate var words: String {
        switch self {
        case .notAnObject: "it is not an object"
        case .badMember(let name): "member `\(name)` is missing or has another form"
        case .unknownMember(let name): "member `\(name)` is not known to this version"
        }
    }
}
