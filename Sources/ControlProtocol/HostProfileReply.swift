public import KernelPlan
import StrictJSON

/// What `HostProfile` is answered with.
public struct HostProfileReply: Sendable, Hashable {
    public var profile: HostProfile
    public var custody: Custody
    public var starters: Starters

    public init(profile: HostProfile, custody: Custody, starters: Starters) {
        self.profile = profile
        self.custody = custody
        self.starters = starters
    }

    public func encode() -> ControlMessage {
        ControlMessage(JSONObject([("profile", profile.json), ("custody", .string(custody.rawValue)), ("starters", starters.json)]))
    }

    public init(_ reply: consuming ControlMessage) throws(ControlCallFailure) {
        guard let json = reply.parameters["profile"], let profile = try? HostProfile(json: json),
            let custody = reply.parameters["custody"]?.string.flatMap(Custody.init(rawValue:)),
            let starters = Starters(reply.parameters["starters"])
        else { throw .violation(.malformed) }
        self.init(profile: profile, custody: custody, starters: starters)
    }
}
