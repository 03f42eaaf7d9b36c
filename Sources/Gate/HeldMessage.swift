import Decision
import MCP

/// A message of the server that waits for a person, and all that is needed to pass it on later.
struct HeldMessage {
    /// Under whose id it waits: ids of one side are nothing to the other.
    enum Key: Hashable {
        /// A request of the server.
        case request(RequestID)
        /// The response to a request of the client, within which the server asks for something.
        case response(RequestID)
    }

    /// One thing that the server asks for, and that a person is asked about.
    struct Question {
        let method: Method
        let rule: RuleID
        /// The number of its receipt.
        let record: UInt64
        /// Of the request to the daemon; nil once that is another one's, which knows nothing of it.
        var request: Int64?
        /// The daemon has more to say.
        var isOpen = true
        var isGranted = false
        /// Once somebody can decide about it.
        var approval: String?
    }

    /// A question in the client's window about the question of the server.
    struct Form {
        let message: String
        /// Of the gate's own request, once it is sent.
        var id: RequestID?
    }

    /// What was received.
    let input: Input
    /// What a response answers.
    var pending: Pending?
    /// Written anew from what was read, and judged again when it is passed on.
    let line: [UInt8]
    /// Where the answer to a request belongs when that was part of a batch.
    let slot: BatchSlot?
    /// Of a request.
    let progressToken: RequestID?
    /// Never empty.
    var questions: [Question] = []
    /// Nil where the client cannot be asked.
    var form: Form?
    /// Monotonic nanoseconds.
    let since: UInt64
    /// After which it waits no longer.
    let due: UInt64

    var isGranted: Bool { questions.allSatisfy(\.isGranted) }
}

/// The messages of the server that wait for a person.
struct HeldMessages {
    typealias Key = HeldMessage.Key

    private(set) var waiting: [Key: HeldMessage] = [:]
    /// By the id of the gate's own question about them.
    private var forms: [RequestID: Key] = [:]
    /// Of all lines that are kept.
    private var bytes = 0
    /// When those who wait for the server are told next that it waits for a person.
    private(set) var progressDue: UInt64?

    /// Questions at a time: a server must not be able to keep calls from being asked about.
    static let questionsLimit = 32
    /// Bytes of all lines.
    static let bytesLimit = 4 << 20

    var nextDue: UInt64? { (waiting.values.map(\.due) + (progressDue.map { [$0] } ?? [])).min() }

    /// In the order in which they came.
    var inOrder: [Key] { waiting.sorted { ($0.value.questions.first?.record ?? 0) < ($1.value.questions.first?.record ?? 0) }.map(\.key) }

    var requestCount: Int { waiting.keys.count { if case .request = $0 { true } else { false } } }

    var responseCount: Int { waiting.count - requestCount }

    func hasRoom(for line: Int, questions: Int) -> Bool {
        waiting.values.reduce(questions) { $0 + $1.questions.count } <= Self.questionsLimit && bytes + line <= Self.bytesLimit
    }

    mutating func add(_ key: Key, _ message: HeldMessage) {
        waiting[key] = message
        bytes += message.line.count
    }

    /// It waits no longer.
    mutating func remove(_ key: Key) -> HeldMessage? {
        guard let message = waiting.removeValue(forKey: key) else { return nil }
        bytes -= message.line.count
        if let form = message.form?.id { forms[form] = nil }
        if waiting.isEmpty { progressDue = nil }
        return message
    }

    // MARK: Questions

    func question(_ key: Key, _ index: Int) -> HeldMessage.Question? {
        guard let questions = waiting[key]?.questions, questions.indices.contains(index) else { return nil }
        return questions[index]
    }

    mutating func update(_ key: Key, _ index: Int, _ change: (inout HeldMessage.Question) -> Void) {
        guard var question = question(key, index) else { return }
        change(&question)
        waiting[key]?.questions[index] = question
    }

    /// Another daemon answers: what an earlier one granted is nothing to it.
    mutating func forgetDaemon() {
        for (key, message) in waiting {
            for index in message.questions.indices where !message.questions[index].isOpen { update(key, index) { $0.request = nil } }
        }
    }

    // MARK: Progress

    mutating func tellProgress(at due: UInt64) { progressDue = due }

    var firstApproval: String? { inOrder.lazy.compactMap { waiting[$0]?.questions.compactMap(\.approval).first }.first }

    /// Of the request that a response answers.
    mutating func nextNotice(_ key: Key) -> Pending.Notice? { waiting[key]?.pending?.nextNotice() }

    // MARK: Forms

    mutating func ask(about key: Key, as form: RequestID) {
        waiting[key]?.form?.id = form
        forms[form] = key
    }

    func isForm(_ id: RequestID) -> Bool { forms[id] != nil }

    /// The message that a form was about; it is answered once.
    mutating func answered(_ form: RequestID) -> Key? {
        guard let key = forms.removeValue(forKey: form) else { return nil }
        waiting[key]?.form = nil
        return key
    }
}
