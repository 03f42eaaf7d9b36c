import Evidence
import StrictJSON

/// Finds the tool calls in a log's receipts, each once: what a person let pass is the call that was held, or a later one that uses the grant.
struct RecordedCalls {
    private let log: String?
    private var filter: ReceiptFilter
    private var cards = SessionCards.usual
    private var keys = BoundedMemory<String, CommitmentKey>(capacity: 1024)
    /// Calls that wait for a person, by what their decision will name.
    private var held = BoundedMemory<HeldName, Bool>(capacity: 65_536)
    private var holds = BoundedMemory<ReceiptRecord.Place, String>(capacity: 65_536)
    /// Grants for calls that are still to come: session and commitment.
    private var grants = BoundedMemory<String, Bool>(capacity: 65_536)
    /// Decisions about other messages.
    private(set) var others: UInt64 = 0
    private(set) var sessions: Set<String> = []

    private struct HeldName: Hashable {
        let session: String
        let id: JSON
        let tool: String
    }

    /// `log`: the directory, where contents and keys lie beside the receipts; nil for a bundle.
    init(_ criteria: ReceiptCriteria, log: String?) {
        filter = ReceiptFilter(criteria)
        self.log = log
    }

    /// The call that a receipt tells of; nil where it tells of none, or of one that was told already.
    mutating func call(_ record: ReceiptRecord) -> RecordedCall? {
        cards.note(record)
        guard filter.takes(record), let session = record.session else { return nil }
        switch record.kind {
        case .hold: return holdCall(record, session)
        case .decision: return decidedCall(record, session)
        case .launch, .refusal, .grant, .outcome, .kernelDenial, .drift, .exit, .connection, .preparation, .lifecycle: return nil
        }
    }

    private mutating func holdCall(_ record: ReceiptRecord, _ session: String) -> RecordedCall? {
        guard record.says("decision", "hold") else {
            noteEnd(record, session)
            return nil
        }
        guard let tool = record.text("tool") else {
            others += 1
            return nil
        }
        if let id = record.body["id"] { held.set(HeldName(session: session, id: id, tool: tool), true) }
        if let place = record.place, let arguments = record.text("arguments") { holds.set(place, arguments) }
        return made(record, session, tool, word: "hold")
    }

    /// What became of a hold: a grant may be used by a call of its own.
    private mutating func noteEnd(_ record: ReceiptRecord, _ session: String) {
        guard record.says("outcome", "granted"), let place = record.earlier.first, let arguments = holds[place] else { return }
        grants.set(session + arguments, true)
    }

    private mutating func decidedCall(_ record: ReceiptRecord, _ session: String) -> RecordedCall? {
        guard let tool = record.text("tool"), let word = record.text("decision") else {
            if record.body["decision"] != nil { others += record.count("count") ?? 1 }
            return nil
        }
        let grant = record.text("arguments").map { session + $0 }
        if let id = record.body["id"] {
            let name = HeldName(session: session, id: id, tool: tool)
            if held[name] != nil {
                held.remove(name)
                if let grant { grants.remove(grant) }
                return nil
            }
        }
        guard word == "forward", let grant, grants[grant] != nil else { return made(record, session, tool, word: word) }
        grants.remove(grant)
        return made(record, session, tool, word: "hold")
    }

    private mutating func made(_ record: ReceiptRecord, _ session: String, _ tool: String, word: String) -> RecordedCall {
        if sessions.count < 65_536 { sessions.insert(session) }
        return RecordedCall(
            number: record.number, time: record.time, session: session, server: cards[session]?.server, tool: tool,
            outcome: .init(word: word, rule: record.text("rule"), layer: record.text("layer"), reason: record.text("reason")),
            arguments: arguments(record, session))
    }

    // MARK: Arguments

    private mutating func arguments(_ record: ReceiptRecord, _ session: String) -> RecordedCall.Arguments {
        if isEmptyObject(record, session) { return .none }
        guard let code = record.text(KeptContent.member) else { return .unknown(.notKept) }
        guard code == record.text("arguments") else { return .unknown(.masked) }
        guard let log, let place = record.place,
            let bytes = try? KeptContent.read(log: log, session: session, number: place.spoolNumber)
        else { return .unknown(.missing) }
        return .kept(bytes)
    }

    private mutating func isEmptyObject(_ record: ReceiptRecord, _ session: String) -> Bool {
        guard let receipt = CommittedReceipt(line: record.line), let key = key(of: session) else { return false }
        return (try? receipt.holds(Array("{}".utf8), as: .arguments, key: key)) == .match
    }

    private mutating func key(of session: String) -> CommitmentKey? {
        if let key = keys[session] { return key }
        guard let log, let key = (try? CommitmentKeys(log: log).key(of: session)) ?? nil else { return nil }
        keys.set(session, key)
        return key
    }
}
