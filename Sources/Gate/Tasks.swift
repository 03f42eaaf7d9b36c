import MCP
import SessionProtocol

/// The tasks of this session, by the ids that the server gave them: those of calls that were forwarded, and no others.
///
/// Those whose outcome is recorded give way to new ones, the oldest first; the others stay, and when there are too many of them no further
/// call may become a task. An id is good for one call, also when its task is forgotten.
struct Tasks {
    private var all: [[UInt8]: CallTask] = [:]
    /// Hashes, under a key that nobody knows, of all ids that were given.
    private var given: Set<Int> = []
    /// Of what is asked for in them.
    private var bytes = 0

    /// So many are remembered.
    static let limit = 1_024
    /// So many may be made in a session.
    static let mostGiven = 65_536
    private static let bytesLimit = 1 << 20
    /// What a question takes beside its name.
    private static let questionSize = 128

    subscript(_ id: [UInt8]) -> CallTask? { all[id] }

    /// Whether one more call may become a task. `promised`: those that may already, and are not answered.
    func hasRoom(promised: Int) -> Bool {
        guard given.count + promised < Self.mostGiven else { return false }
        return all.count + promised < Self.limit || all.values.count(where: { $0.settled == nil }) + promised < Self.limit
    }

    /// No call has it, or ever had.
    func isFree(_ id: [UInt8]) -> Bool { all[id] == nil && !given.contains(id.hashValue) }

    /// The id is used up, though no task is remembered.
    mutating func use(_ id: [UInt8]) {
        if given.count < Self.mostGiven { given.insert(id.hashValue) }
    }

    /// False when there are too many.
    mutating func add(_ id: [UInt8], _ task: CallTask) -> Bool {
        guard given.count < Self.mostGiven else { return false }
        if all.count >= Self.limit {
            guard let oldest = all.filter({ $0.value.settled != nil }).min(by: { $0.value.record < $1.value.record })?.key else {
                return false
            }
            remove(oldest)
        }
        given.insert(id.hashValue)
        all[id] = task
        return true
    }

    mutating func remove(_ id: [UInt8]) {
        guard let task = all.removeValue(forKey: id) else { return }
        bytes -= task.questions.keys.reduce(0) { $0 + Self.size($1) }
    }

    // MARK: What is said of them

    mutating func note(_ status: TaskState.Status, _ id: [UInt8]) {
        guard all[id]?.status.isFinal == false else { return }
        all[id]?.status = status
    }

    /// Its outcome is recorded. `told`: of the result or error that was passed on.
    mutating func settle(_ id: [UInt8], told: [UInt8]?, record: UInt64) {
        if all[id]?.settled == nil { all[id]?.settled = record }
        if let told { all[id]?.told = told }
    }

    /// Of those that may still run: the one that a token belongs to.
    func isProgress(_ token: RequestID) -> Bool {
        all.values.contains { $0.isRunning && $0.call.era == .legacy && $0.call.progressToken == token }
    }

    // MARK: Questions

    func hasRoom(forQuestions names: some Sequence<[UInt8]>) -> Bool { names.reduce(bytes) { $0 + Self.size($1) } <= Self.bytesLimit }

    mutating func add(_ question: CallTask.Question, _ name: [UInt8], _ id: [UInt8]) {
        guard all[id]?.questions.updateValue(question, forKey: name) == nil, all[id] != nil else { return }
        bytes += Self.size(name)
    }

    /// Whether answers to these may be sent.
    mutating func setOpen(_ isOpen: Bool, _ names: [[UInt8]], _ id: [UInt8]) {
        for name in names { all[id]?.questions[name]?.isOpen = isOpen }
    }

    private static func size(_ name: [UInt8]) -> Int { name.count + questionSize }

    // MARK: What the kernel denied

    /// The decisions of those that were running at that time.
    func running(at time: UInt64) -> [UInt64] {
        all.values.filter { $0.isRunning && $0.call.since <= time }.compactMap(\.call.decision)
    }

    func isRunning(_ id: [UInt8]) -> Bool { all[id]?.isRunning ?? false }

    mutating func add(_ number: UInt64, _ denial: CountedDenial, to suspects: Suspects) {
        for (id, task) in all where task.call.decision.map(suspects.calls.contains) == true {
            all[id]?.call.denials.add(number, denial, isOwn: suspects.onlyCall != nil)
        }
    }

    // MARK: Ends

    /// Records beyond this one are not in the spool: what they tell did not happen.
    mutating func takeBack(after lastNumber: UInt64) {
        for (id, task) in all {
            if task.record > lastNumber {
                remove(id)
                continue
            }
            all[id]?.call.denials.remove(after: lastNumber)
            if let settled = task.settled, settled > lastNumber {
                all[id]?.settled = nil
                all[id]?.told = nil
            }
            for (name, question) in task.questions where question.record > lastNumber {
                all[id]?.questions[name] = nil
                bytes -= Self.size(name)
            }
        }
    }

    /// Those without an outcome, in the order of their calls.
    var unsettled: [(id: [UInt8], task: CallTask)] {
        all.filter { $0.value.settled == nil }.sorted { ($0.value.call.decision ?? 0) < ($1.value.call.decision ?? 0) }
            .map { (id: $0.key, task: $0.value) }
    }
}
