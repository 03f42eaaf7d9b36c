import Evidence
import StrictJSON

/// Picks receipts of a log. It must be shown all of them, in their order: what a session is is said at its beginning, and an outcome does not
/// repeat what it is the outcome of.
struct ReceiptFilter: Sendable {
    let criteria: ReceiptCriteria
    private var cards = SessionCards.usual
    /// Decisions and holds that were taken, of which more may come.
    private var taken = BoundedMemory<ReceiptRecord.Place, Bool>(capacity: 65_536)

    init(_ criteria: ReceiptCriteria) { self.criteria = criteria }

    mutating func takes(_ record: ReceiptRecord) -> Bool {
        cards.note(record)
        guard isOfSession(record), isOfDecision(record) else { return false }
        return isInTime(record) && (criteria.kind.map { $0 == record.kind } ?? true)
    }

    private func isInTime(_ record: ReceiptRecord) -> Bool {
        (criteria.from?.isReached(by: record.time) ?? true) && (criteria.to?.isNotPassed(by: record.time) ?? true)
    }

    private func isOfSession(_ record: ReceiptRecord) -> Bool {
        if let wanted = criteria.session, !(record.session.map { $0.utf8.starts(with: wanted.utf8) } ?? false) { return false }
        guard criteria.server != nil || criteria.client != nil else { return true }
        guard let card = cards.card(of: record) ?? SessionCard(record) else { return false }
        let isServer = criteria.server.map { wanted in card.server.map { $0.utf8.elementsEqual(wanted.utf8) } ?? false } ?? true
        return isServer && (criteria.client.map(card.isClient) ?? true)
    }

    private mutating func isOfDecision(_ record: ReceiptRecord) -> Bool {
        guard criteria.isAboutDecisions else { return true }
        if isDecidedSo(record) {
            if let place = record.place, !record.says("decision", "block") { taken.set(place, true) }
            return true
        }
        let earlier = record.earlier.filter { taken[$0] != nil }
        if record.kind == .outcome, let over = earlier.first { taken.remove(over) }
        return !earlier.isEmpty
    }

    private func isDecidedSo(_ record: ReceiptRecord) -> Bool {
        let isTool = criteria.tool.map { record.says("tool", $0) || record.kind == .drift && record.says("name", $0) } ?? true
        return isTool && (criteria.decision.map { record.says("decision", $0) } ?? true)
            && (criteria.rule.map { isRule($0, record) } ?? true)
    }

    private func isRule(_ wanted: String, _ record: ReceiptRecord) -> Bool {
        switch record.kind {
        case .decision, .hold, .grant, .drift: record.says("rule", wanted) || record.says("reason", wanted)
        case .refusal: (record.body["reasons"]?.array ?? []).contains { $0["code"] == .string(wanted) }
        case .launch, .outcome, .kernelDenial, .exit, .connection, .preparation, .lifecycle: false
        }
    }
}
