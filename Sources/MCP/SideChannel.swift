/// Members of messages by which data could pass beside what rules look at, and what the gate does with each. This is the one table of them:
/// README shows it, and what is decided about names stands here.
public enum SideChannel: String, Sendable, Hashable, CaseIterable {
    case protocolMeta, traceParent, relatedTask, otherClientMeta, ownMeta, serverMeta
    case deniedCapabilities, taskCapabilities, otherCapabilities
    case dataIcons, otherIcons, instructions, identities, annotations, resourceLinks
    case allServers, inputResponses, task, otherParameters

    public enum Treatment: String, Sendable, Hashable {
        case passed, stripped, refused
    }

    /// What it is and who sends it, in Markdown.
    public var members: String {
        switch self {
        case .protocolMeta: "`_meta` of the client: `progressToken`, and what MCP defines"
        case .traceParent: "`_meta` of the client: `traceparent` of W3C's form"
        case .relatedTask: "`_meta` of either side: `io.modelcontextprotocol/related-task`, of a task of this session"
        case .otherClientMeta: "`_meta` of the client: all else, `tracestate` and `baggage` too"
        case .ownMeta: "`_meta` of the server: `io.sandboxd/…`"
        case .serverMeta: "`_meta` of the server: all else"
        case .deniedCapabilities: "capabilities, of either side, that the policy denies"
        case .taskCapabilities: "`tasks` of a server: `list`, `cancel`, `tools/call`; of a client: that it is there; the extension of tasks"
        case .otherCapabilities: "capabilities that the gate does not know, `experimental`, other `extensions`, more of `tasks`"
        case .dataIcons: "`icons` with `data:` addresses"
        case .otherIcons: "`icons` with other addresses"
        case .instructions: "`instructions`, titles and descriptions of the server"
        case .identities: "`clientInfo`, `serverInfo`"
        case .annotations: "`annotations`"
        case .resourceLinks: "resource links and embedded resources in results"
        case .allServers: "`includeContext: allServers` of a sampling request"
        case .inputResponses: "`inputResponses`, `requestState`"
        case .task: "`task` of a call: how long it is to be kept, `ttl`"
        case .otherParameters: "other members of `params` of what is decided about one by one"
        }
    }

    public var treatment: Treatment {
        switch self {
        case .protocolMeta, .traceParent, .relatedTask, .serverMeta, .taskCapabilities, .dataIcons, .instructions, .identities,
            .annotations,
            .resourceLinks, .task:
            .passed
        case .otherClientMeta, .ownMeta, .deniedCapabilities, .otherCapabilities, .otherIcons, .allServers: .stripped
        case .inputResponses, .otherParameters: .refused
        }
    }

    /// In Markdown.
    public var reason: String {
        switch self {
        case .protocolMeta: "the protocol needs it"
        case .traceParent: "ids of a fixed form, so that calls can be followed"
        case .relatedTask: "it says what belongs together; of other tasks it is left out"
        case .otherClientMeta: "it reaches the server like arguments, and no rule looks at it"
        case .ownMeta: "only the gate says what it decided"
        case .serverMeta: "it is for programs, and part of the result"
        case .deniedCapabilities: "nobody is offered what will be denied"
        case .taskCapabilities: "what comes of a task is decided as its call was"
        case .otherCapabilities: "their methods are denied"
        case .dataIcons: "showing them fetches nothing"
        case .otherIcons: "a client that fetches them carries data out for a server that has no network"
        case .instructions: "they are what the server is; read them as a stranger's words"
        case .identities: "what a program says of itself; no rule looks at it"
        case .annotations: "hints that nothing here relies on"
        case .resourceLinks: "reading what they name is decided when it is asked for"
        case .allServers: "it would hand this server what others said"
        case .inputResponses: "but as the one answer to what the server asked for, with its state unchanged"
        case .task: "the result is inspected as the call's, whichever way it comes"
        case .otherParameters: "a server might find more in a message than was judged"
        }
    }
}

extension SideChannel {
    /// Names of `_meta` that a client may send.
    public static let clientMeta: [StaticString] = [
        "progressToken", ModernMeta.version, ModernMeta.capabilities, "io.modelcontextprotocol/clientInfo", ModernMeta.logLevel,
    ]

    /// The prefix of names in `_meta` that only the gate writes.
    public static let ownPrefix = Array("io.sandboxd/".utf8)

    /// `traceparent` (W3C Trace Context, version 00): ids in lower-case hex.
    public static func isTraceParent(_ text: [UInt8]) -> Bool {
        let parts = text.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        return parts.map(\.count) == [2, 32, 16, 2]
            && parts.allSatisfy { $0.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) } }
    }
}
