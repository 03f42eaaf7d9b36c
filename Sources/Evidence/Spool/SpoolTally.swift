public import StrictJSON

/// What receipts come to: decisions by what was decided, denials by what denied, and how long calls took. What a gate declared void counts, too:
/// its receipts are there.
///
/// A gate is bound to nothing in what it writes: names are counted only where they have the form of one, and not more than so many.
public struct SpoolTally: Hashable, Sendable {
    public private(set) var forwarded: Int64 = 0
    /// So often a person was asked.
    public private(set) var held: Int64 = 0
    public private(set) var blocked: Int64 = 0
    /// By the code of the reason.
    public private(set) var blocks: [String: Int64] = [:]
    /// Acts that the kernel denied, by what denied them.
    public private(set) var kernel: [String: Int64] = [:]
    /// From a call's decision to its outcome.
    public private(set) var calls = DurationHistogram.standard
    /// What gates themselves took for decisions, where receipts say so.
    public private(set) var decisions = DurationHistogram.decisions
    /// The last denials, the latest last.
    public private(set) var denials: [Denial] = []

    /// What was denied.
    public struct Denial: Hashable, Sendable {
        /// Nanoseconds since 1970, by whoever stated it.
        public let time: UInt64
        public let isKernels: Bool
        /// The tool, the method, or the act.
        public let what: String
        public let reason: String?
        public let rule: String?
    }

    public static let denialsKept = 8
    /// Distinct names that are counted by themselves; the rest is `other`.
    static let namesLimit = 128
    static let other = "other"

    public init() {}

    public var kernelDenials: Int64 { kernel.values.reduce(0, +) }

    public mutating func add(_ tally: SpoolTally) {
        forwarded += tally.forwarded
        held += tally.held
        blocked += tally.blocked
        for (name, count) in tally.blocks { Self.count(name, count, &blocks) }
        for (name, count) in tally.kernel { Self.count(name, count, &kernel) }
        calls.add(tally.calls)
        decisions.add(tally.decisions)
        denials = (denials + tally.denials).suffix(Self.denialsKept)
    }

    /// Takes what a receipt says.
    public mutating func take(_ kind: ReceiptKind, _ body: JSONObject, time: UInt64) {
        switch kind {
        case .decision: takeDecision(body, time)
        case .hold:
            guard body["decision"]?.string == "hold" else { break }
            held += 1
            takeTime(body)
        case .outcome: if let duration = body["microseconds"]?.int64 { calls.add(microseconds: duration) }
        case .kernelDenial: takeKernelDenial(body, time)
        case .launch, .refusal, .grant, .drift, .exit, .connection, .preparation, .lifecycle: break
        }
    }

    private mutating func takeDecision(_ body: JSONObject, _ time: UInt64) {
        let count = Self.count(in: body)
        takeTime(body)
        switch body["decision"]?.string {
        case "forward"?: forwarded += count
        case "hold"?: held += count
        case "block"?:
            blocked += count
            let reason = body["reason"]?.string
            Self.count(reason.flatMap(Self.code) ?? Self.other, count, &blocks)
            let what = ["tool", "unknownMethod", "method"].lazy.compactMap { body[$0]?.string }.first ?? "a message"
            keep(
                Denial(
                    time: time, isKernels: false, what: Self.clipped(what), reason: reason.map(Self.clipped), rule: Self.text(body["rule"]))
            )
        default: break
        }
    }

    private mutating func takeTime(_ body: JSONObject) {
        if let nanoseconds = body["nanoseconds"]?.int64 { decisions.add(nanoseconds: nanoseconds) }
    }

    private mutating func takeKernelDenial(_ body: JSONObject, _ time: UInt64) {
        // What was lost is counted by whoever lost it.
        guard body["lost"] == nil, body["ring"] == nil else { return }
        let mechanism = body["mechanism"]?.string
        Self.count(mechanism.flatMap(Self.name) ?? Self.other, Self.count(in: body), &kernel)
        keep(Denial(time: time, isKernels: true, what: Self.clipped(Self.act(body)), reason: mechanism.map(Self.clipped), rule: nil))
    }

    private mutating func keep(_ denial: Denial) {
        if denials.count == Self.denialsKept { denials.removeFirst() }
        denials.append(denial)
    }

    /// Nobody makes so many that a sum of them would not fit.
    private static func count(in body: JSONObject) -> Int64 { min(max(body["count"]?.int64 ?? 1, 0), 1 << 32) }

    private static func count(_ name: String, _ count: Int64, _ counts: inout [String: Int64]) {
        let name = counts[name] == nil && counts.count >= namesLimit ? other : name
        counts[name, default: 0] += count
    }

    /// A letter and three digits.
    private static func code(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        let isCode = bytes.count == 4 && (0x41...0x5A).contains(bytes[0]) && bytes.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
        return isCode ? text : nil
    }

    /// Small letters and dashes.
    private static func name(_ text: String) -> String? {
        let isName = (1...32).contains(text.utf8.count) && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x2D }
        return isName ? text : nil
    }

    /// `connect4 192.0.2.1:443`, `execution /bin/sh`, `fs.read_file /etc/shadow`.
    private static func act(_ body: JSONObject) -> String {
        let blockers = (body["blockers"]?.array ?? []).compactMap(\.string).joined(separator: ",")
        let verb = body["act"]?.string ?? body["hook"]?.string ?? (blockers.isEmpty ? "an act" : blockers)
        if let path = body["path"]?.string { return "\(verb) \(path)" }
        guard let port = body["port"]?.int64 else { return verb }
        let address = body["address"]?.string ?? "*"
        return "\(verb) \(address.utf8.contains(UInt8(ascii: ":")) ? "[\(address)]" : address):\(port)"
    }

    private static func text(_ json: JSON?) -> String? { json?.string.map(clipped) }

    private static func clipped(_ text: String) -> String {
        let limit = 128
        return text.unicodeScalars.count <= limit ? text : String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit - 1))) + "…"
    }
}
