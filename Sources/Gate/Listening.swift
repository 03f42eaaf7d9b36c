import MCP

/// What a client asked to be told in one `subscriptions/listen` of the modern era.
struct Listening {
    var tools = false
    var prompts = false
    var resourceLists = false
    /// URIs as written.
    var resources: Set<[UInt8]> = []
    /// Ids of tasks of this session.
    var tasks: Set<[UInt8]> = []
    /// What the client can do when it is asked in one of them.
    var abilities: ClientAbilities = []
    /// The server said what of it it does: it may tell nothing before.
    var isAcknowledged = false

    /// Bytes of a URI.
    static let longestURI = 4_096
    /// Streams that are open at a time.
    static let limit = 16

    /// The stream that a notification belongs to.
    enum Stream {
        /// It names none.
        case none
        case open(Listening)
        /// It names one that is not there.
        case unknown
    }
}
