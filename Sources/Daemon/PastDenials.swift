import ControlProtocol
import Evidence

/// The last denials of sessions that are over, by whose they were.
struct PastDenials: Sendable {
    private var denials: [UInt32: [DenialSummary]] = [:]

    static let perCaller = 8
    static let callers = 256

    /// The latest first; of everybody's where no caller is named.
    func of(_ caller: UInt32?) -> [DenialSummary] {
        caller.map { denials[$0] ?? [] } ?? denials.values.flatMap(\.self)
    }

    mutating func add(_ ended: [DenialSummary], of caller: UInt32) {
        guard !ended.isEmpty else { return }
        let all = (denials[caller] ?? []) + ended
        denials[caller] = Array(all.sorted { $0.time > $1.time }.prefix(Self.perCaller))
        // Whoever was denied something longest ago is forgotten.
        guard denials.count > Self.callers, let oldest = denials.min(by: { ($0.value.first?.time ?? 0) < ($1.value.first?.time ?? 0) })
        else {
            return
        }
        denials[oldest.key] = nil
    }
}
