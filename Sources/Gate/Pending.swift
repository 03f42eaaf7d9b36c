import MCP

/// A request that was forwarded and not answered yet.
struct Pending {
    let method: Method
    let era: Era
    /// Monotonic nanoseconds.
    let since: UInt64
    /// The number of its decision in the spool; nil for what needs none.
    let decision: UInt64?
    let progressToken: RequestID?
    /// The other side may send log messages meanwhile, though none were agreed on.
    let wantsLogs: Bool
    /// Where the answer belongs when the request was part of a batch.
    private(set) var slot: BatchSlot?
    /// The answer is no longer wanted; the id stays taken until one was given.
    private(set) var isCancelled = false
    /// What the kernel denied meanwhile.
    var denials = CallDenials()
    /// What the client said that it can do, with this request.
    var abilities: ClientAbilities = []
    /// Of a request that may be made again with what the server asks for.
    var subject: InputRound.Subject?
    /// Of a call that may be answered with a task.
    var origin: CallTask.Origin?
    /// Of a request about a task: the task's id, and what it answers of what was asked in it.
    var task: [UInt8]?
    var answered: [[UInt8]] = []
    /// Of a request to be told of changes.
    var listening: Listening?

    /// So often was it told that the server waits for a person; nil once the server tells of progress itself, in numbers of its own.
    private var notices: Int? = 0

    /// What it is to be told, while it wants to be.
    var openListening: Listening? { isCancelled ? nil : listening }

    /// At most so many at a time, cancelled ones included.
    static let limit = 1_024

    /// `meta`: nil for requests of a server, which have none that matters.
    init(_ method: Method, _ meta: RequestMeta?, since: UInt64, decision: UInt64? = nil, slot: BatchSlot?) {
        self.method = method
        self.since = since
        self.decision = decision
        self.slot = slot
        era = meta?.era ?? .legacy
        progressToken = meta?.progressToken
        wantsLogs = meta?.wantsLogs ?? false
    }

    /// A notice of progress that is the gate's own.
    struct Notice {
        let token: RequestID
        let count: Int
    }

    /// Nil where none is wanted, or numbers would not grow.
    mutating func nextNotice() -> Notice? {
        guard let progressToken, !isCancelled, let count = notices else { return nil }
        notices = count + 1
        return Notice(token: progressToken, count: count + 1)
    }

    mutating func serverToldProgress() { notices = nil }

    /// Returns the place in a batch that stays empty now.
    mutating func cancel() -> BatchSlot? {
        isCancelled = true
        defer { slot = nil }
        return slot
    }
}
