import ControlProtocol
import Descriptors
import StrictJSON

/// The refusals ledger of the daemon that the command line names, or of this user's private ones where none is there.
struct LedgerSource {
    private let line: DaemonLine

    /// Nanoseconds for an answer.
    private static let patience: UInt64 = 15_000_000_000
    /// Pages of a list; each has more than one entry.
    private static let mostPages = 1_024

    init(_ invocation: Invocation) throws(DaemonQuestion.Problem) {
        let environment = CallerEnvironment.current()
        line = DaemonLine(DaemonChoice(invocation, environment), environment)
        do { try line.open() } catch { throw .noDaemon(error) }
    }

    private init(over line: DaemonLine) { self.line = line }

    /// All entries, over a connection that goes on.
    static func list(over line: DaemonLine) throws(DaemonQuestion.Problem) -> [RefusalSummary] {
        let source = LedgerSource(over: line)
        return try source.list().entries
    }

    /// Asks in one connection, and ends it.
    static func ask<Answer>(
        _ invocation: Invocation, _ body: (LedgerSource) throws(DaemonQuestion.Problem) -> Answer
    ) throws(DaemonQuestion.Problem) -> Answer {
        let source = try LedgerSource(invocation)
        let answer: Answer
        do { answer = try body(source) } catch {
            source.finish()
            throw error
        }
        source.finish()
        return answer
    }

    private func finish() { line.finish() }

    private func call(
        _ method: ControlInterface.Method, _ parameters: JSONObject
    ) throws(DaemonQuestion.Problem) -> ControlMessage {
        do { return try line.call(method, ControlMessage(parameters), deadline: Clock.monotonic + Self.patience) } catch {
            throw .failed(error)
        }
    }

    /// All entries that whoever asks may see: what was refused last comes first.
    func list() throws(DaemonQuestion.Problem) -> (entries: [RefusalSummary], omitted: Int64) {
        var entries: [RefusalSummary] = []
        var omitted: Int64 = 0
        for _ in 0..<Self.mostPages {
            let after = entries.last.map { JSON.string($0.id) } ?? .null
            let reply = try call(.listRefusals, JSONObject([("after", after)])).parameters
            guard let list = reply["refusals"]?.array, let more = reply["more"]?.bool, let count = reply["omitted"]?.int64 else {
                throw .malformed
            }
            let page = list.compactMap { RefusalSummary($0) }
            guard page.count == list.count, !more || !page.isEmpty else { throw .malformed }
            entries += page
            omitted = count
            if !more { break }
        }
        return (entries.sorted { ($1.lastSeen, $0.id) < ($0.lastSeen, $1.id) }, omitted)
    }

    func show(_ id: String) throws(DaemonQuestion.Problem) -> LedgerEntry {
        let reply = try call(.showRefusal, JSONObject([("refusal", .string(id))]))
        do { return LedgerEntry(try RefusalDetails(reply)) } catch { throw .failed(error) }
    }

    func remark(
        _ method: ControlInterface.Method, _ words: String, on id: String
    ) throws(DaemonQuestion.Problem) -> RefusalSummary {
        let reply = try call(method, JSONObject([("refusal", .string(id)), ("words", .string(words))])).parameters
        guard let entry = RefusalSummary(reply["refusal"]) else { throw .malformed }
        return entry
    }
}
