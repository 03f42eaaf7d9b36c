import Descriptors
import StrictJSON

/// What `check` asks for: a policy is judged as it would be at a launch, and nothing is started.
public struct CheckRequest: Sendable, Hashable {
    public var policy: NamedText
    public var includes: [NamedText]
    public var inputs: [String: String]
    /// Where the caller found `server.command`; nil where the policy has none.
    public var path: String?
    public var cwdPath: String
    /// What `${home}` and `${runtime}` stand for.
    public var home: String?
    public var runtime: String?
    /// Another user to judge it for; for root.
    public var user: String?

    public init(
        policy: NamedText, includes: [NamedText], inputs: [String: String], path: String?, cwdPath: String, home: String?, runtime: String?,
        user: String? = nil
    ) {
        self.policy = policy
        self.includes = includes
        self.inputs = inputs
        self.path = path
        self.cwdPath = cwdPath
        self.home = home
        self.runtime = runtime
        self.user = user
    }

    public func encode() throws(WrapRequest.Unsendable) -> ControlMessage {
        var descriptors = DescriptorList()
        let asked = try AskedPolicy(policy: policy, includes: includes, inputs: inputs).members(&descriptors, besides: 0)
        let optional = { (text: String?) -> JSON in text.map(JSON.string) ?? .null }
        let others = [
            ("path", optional(path)), ("cwdPath", .string(cwdPath)), ("home", optional(home)), ("runtime", optional(runtime)),
            ("user", optional(user)),
        ]
        return ControlMessage(JSONObject(asked + others), descriptors: descriptors)
    }

    /// Reads the call's parameters; every text is read whole.
    public init(_ call: consuming ControlCall) throws(ControlError) {
        var reader = ParameterReader(call.parameters, descriptors: call.descriptors)
        let asked = try AskedPolicy(&reader)
        let path = try reader.optionalAbsolutePath("path")
        let cwdPath = try reader.absolutePath("cwdPath")
        let home = try reader.optionalString("home")
        let runtime = try reader.optionalString("runtime")
        let user = try reader.optionalString("user")
        try reader.finish()
        self.init(
            policy: asked.policy, includes: asked.includes, inputs: asked.inputs, path: path, cwdPath: cwdPath, home: home,
            runtime: runtime,
            user: user)
    }
}

/// What came of it.
public struct CheckReply: Sendable, Hashable {
    public var isExact: Bool
    /// Of each reason against it.
    public var codes: [String]
    /// Of the ledger of refusals; nil where nothing was recorded.
    public var entry: String?
    /// Why nothing was, where it should have been.
    public var unrecorded: String?

    public init(isExact: Bool, codes: [String] = [], entry: String? = nil, unrecorded: String? = nil) {
        self.isExact = isExact
        self.codes = codes
        self.entry = entry
        self.unrecorded = unrecorded
    }

    public func encode() -> ControlMessage {
        let optional = { (text: String?) -> JSON in text.map(JSON.string) ?? .null }
        return ControlMessage(
            JSONObject([
                ("outcome", isExact ? "exact" : "refused"), ("codes", .array(codes.map(JSON.string))), ("entry", optional(entry)),
                ("unrecorded", optional(unrecorded)),
            ]))
    }

    public init(_ reply: consuming ControlMessage) throws(ControlCallFailure) {
        let parameters = reply.parameters
        guard let outcome = parameters["outcome"]?.string, ["exact", "refused"].contains(outcome), let codes = parameters["codes"]?.array
        else { throw .violation(.malformed) }
        self.init(
            isExact: outcome == "exact", codes: codes.compactMap(\.string), entry: parameters["entry"]?.string,
            unrecorded: parameters["unrecorded"]?.string)
    }
}
