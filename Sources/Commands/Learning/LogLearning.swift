import Evidence
import Policy
import StrictJSON

/// What a log tells of a server: which calls and messages passed, what was blocked, and what the kernel denied. What was permitted and used of files and
/// endpoints is in no log.
struct LogLearning {
    private(set) var sightings = Sightings()
    /// Of the sessions that were read.
    private(set) var servers: Set<String> = []
    private(set) var sessions = 0
    /// The policy of the last of them.
    private(set) var policy: Digest?
    private(set) var policies: Set<String> = []
    private(set) var environment: [String] = []
    /// Decisions about resources, whose addresses are not in a log.
    private(set) var resources: UInt64 = 0
    private(set) var foreign: UInt64 = 0
    /// `NAME:PORT` each, that the name proxy connected to.
    private(set) var names: Set<String> = []
    private var calls: RecordedCalls
    private var filter: ReceiptFilter

    private static let mostServers = 1_000

    init(_ criteria: ReceiptCriteria, log: String?) {
        calls = RecordedCalls(criteria, log: log)
        filter = ReceiptFilter(criteria)
    }

    mutating func add(_ item: ReceiptLines.Item) {
        guard case .receipt(let record) = item else {
            foreign += 1
            return
        }
        if let call = calls.call(record) { add(call) }
        guard filter.takes(record) else { return }
        switch record.kind {
        case .launch: addLaunch(record)
        case .decision: addMessage(record)
        case .kernelDenial: addDenial(record)
        case .connection: addConnection(record)
        case .refusal, .hold, .grant, .outcome, .drift, .exit, .preparation, .lifecycle: break
        }
    }

    private mutating func add(_ call: RecordedCall) {
        guard call.outcome.word != "block" else { return sightings.block(call.tool) }
        let isAsked = call.outcome.word == "hold"
        switch call.arguments {
        case .kept(let bytes): sightings.call(call.tool, arguments: try? JSON(parsing: bytes), isAsked: isAsked)
        case .none: sightings.call(call.tool, arguments: nil, isAsked: isAsked)
        case .unknown: sightings.call(call.tool, arguments: nil, isKnown: false, isAsked: isAsked)
        }
    }

    private mutating func addLaunch(_ record: ReceiptRecord) {
        guard record.says("outcome", "released") else { return }
        sessions += 1
        if let server = record.text("server"), servers.count < Self.mostServers { servers.insert(server) }
        if let digest = record.policy {
            if policies.count < Self.mostServers { policies.insert(digest) }
            policy = Digest(hex: digest)
        }
        environment = (record.body["environment"]?.array ?? []).compactMap(\.string)
    }

    private mutating func addMessage(_ record: ReceiptRecord) {
        guard record.says("decision", "forward"), record.text("tool") == nil else { return }
        if let prompt = record.text("prompt") { return sightings.prompt(prompt) }
        switch record.text("method") {
        case "resources/read", "resources/subscribe": resources += 1
        case "sampling/createMessage": sightings.message(.sampling)
        case "elicitation/create": sightings.message(.elicitation)
        case "roots/list": sightings.message(.roots)
        case _: break
        }
    }

    /// What the name proxy connected to.
    private mutating func addConnection(_ record: ReceiptRecord) {
        guard record.says("state", "opened"), let name = record.text("name"), let port = record.body["port"]?.int64,
            names.count < Self.mostServers
        else { return }
        names.insert("\(name):\(port)")
    }

    private mutating func addDenial(_ record: ReceiptRecord) {
        let summary = KernelDenialSummary(record.body)
        guard case .act(let what, _) = summary.subject else { return }
        for act in Self.acts(record.body, what) { sightings.deny(act, .unknown, summary.count) }
    }

    /// The acts that a denial is of, as far as a policy has words for them.
    private static func acts(_ body: JSONObject, _ what: String) -> [PolicyAct] {
        if let path = body["path"]?.string, path.hasPrefix("/") {
            let verbs: [(String, PolicyAct.FileVerb)] = [
                ("fs.read_file", .read), ("fs.read_dir", .list), ("fs.write_file", .write), ("fs.truncate", .write), ("fs.make_", .create),
                ("fs.remove_", .remove), ("fs.execute", .execute), ("execution", .execute),
            ]
            return verbs.filter { what.contains($0.0) }.map { .file($0.1, path: path) }
        }
        guard let address = body["address"]?.string.flatMap({ IPAddress($0) }),
            let port = body["port"]?.int64.flatMap({ UInt16(exactly: $0) })
        else { return [] }
        if what.contains("bind") || what.contains("listen") { return [.bind(address, port: port)] }
        return [body["transport"] == "udp" ? .send(address, port: port) : .connect(address, port: port)]
    }
}
