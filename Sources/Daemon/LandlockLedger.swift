import Evidence
import Kernel
import StrictJSON

/// Which session each of Landlock's records is about, and what is not told of it yet. A value: who reads the audit log hands records in, and
/// writes down what comes out.
///
/// A record of an act names the domain that denied it by a number that nobody else tells. A second record, which follows the first act of a
/// domain, says which process made it. A session's is the one that its server made of itself before it was executed, known by its process, by
/// the program that it then was, and by its time: numbers of processes are given again. Domains of other software, and those that a server makes
/// of itself later, are none of a session's, and passed over.
struct LandlockLedger {
    /// A receipt to be written.
    struct Statement: Hashable {
        let facts: SessionFacts
        let kind: ReceiptKind
        let body: JSONObject
    }

    fileprivate struct Entry {
        let facts: SessionFacts
        let process: Int32
        /// CLOCK_REALTIME, milliseconds: when the process was seen, confined and not yet released.
        let since: UInt64
        var domain: UInt64?
        var untold = UntoldActs()
        var received: UInt64 = 0
        /// What the kernel counted, once the domain is gone.
        var counted: UInt64?
        var wasOverrun = false
        /// When its session was closed, CLOCK_MONOTONIC.
        var closed: UInt64?
    }

    private var entries: [Entry] = []
    /// Acts of domains that no record has named yet.
    private var unnamed: [LandlockRecord.Denial] = []
    /// Domains that are no session's.
    private var foreign: [UInt64] = []

    /// The record with a domain's name is written right behind its first act: what waits longer is another's.
    private static let mostUnnamed = 64
    private static let mostForeign = 256
    /// A domain ends when the kernel comes to it, after its last process has.
    static let patience: UInt64 = 10_000_000_000
    private static let mostClosed = 1_024
    /// The kernel's time of a record is that of its last tick.
    private static let tick: UInt64 = 20
    /// The program of a server before it is executed.
    private static let program = Array("/sandbox-keeper".utf8)

    /// Whether anything may still be said of a session.
    var isEmpty: Bool { entries.isEmpty }

    /// Whether the end of a closed session's domain is awaited.
    var awaitsEnds: Bool { entries.contains { $0.closed != nil && $0.domain != nil && $0.counted == nil } }

    func awaits(_ session: String) -> Bool { entries.contains { $0.facts.session == session } }

    /// The server of a session is confined from here on.
    mutating func expect(_ facts: SessionFacts, process: Int32, at milliseconds: UInt64) {
        entries.append(Entry(facts: facts, process: process, since: milliseconds))
    }

    mutating func take(_ record: LandlockRecord) {
        switch record {
        case .denied(let denial): take(denial)
        case .named(let name): take(name)
        case .gone(let domain, let denials): take(domain, gone: denials)
        }
    }

    private mutating func take(_ domain: UInt64, gone denials: UInt64) {
        if let index = entries.firstIndex(where: { $0.domain == domain }) {
            entries[index].counted = denials
        } else if let index = foreign.firstIndex(of: domain) {
            foreign.remove(at: index)
        } else {
            // Whose it was, was not told, or did not come.
            lose()
        }
    }

    private mutating func take(_ denial: LandlockRecord.Denial) {
        if let index = entries.firstIndex(where: { $0.domain == denial.domain }) {
            entries[index].add(denial)
        } else if !foreign.contains(denial.domain) {
            if unnamed.count >= Self.mostUnnamed { unnamed.removeFirst() }
            unnamed.append(denial)
        }
    }

    private mutating func take(_ name: LandlockRecord.Name) {
        let acts = unnamed.filter { $0.domain == name.domain }
        unnamed.removeAll { $0.domain == name.domain }
        guard let index = session(of: name) else {
            if foreign.count >= Self.mostForeign { foreign.removeFirst() }
            foreign.append(name.domain)
            return
        }
        entries[index].domain = name.domain
        entries[index].received = 0
        entries[index].untold = UntoldActs()
        for act in acts { entries[index].add(act) }
    }

    /// The latest session whose server had that process before the record was written; where only one had it, its time, which may be set
    /// meanwhile, does not matter. Numbers of domains ascend: of several that one process made the lowest is ours.
    private func session(of name: LandlockRecord.Name) -> Int? {
        guard name.program.count > Self.program.count, name.program.suffix(Self.program.count).elementsEqual(Self.program) else {
            return nil
        }
        let candidates = entries.indices.filter { entries[$0].process == name.process }
        let index = candidates.count == 1 ? candidates[0] : candidates.last { entries[$0].since <= name.time + Self.tick }
        guard let index, entries[index].domain.map({ $0 > name.domain }) ?? true else { return nil }
        return index
    }

    /// Records were lost, anybody's.
    mutating func lose() {
        for index in entries.indices { entries[index].wasOverrun = true }
    }

    /// All processes of a session are dead. What the kernel still has to say of it may come later.
    mutating func close(_ session: String, at now: UInt64) {
        guard let index = entries.firstIndex(where: { $0.facts.session == session && $0.closed == nil }) else { return }
        entries[index].closed = now
        if entries.count(where: { $0.closed != nil }) > Self.mostClosed, let oldest = entries.firstIndex(where: { $0.closed != nil }) {
            entries[oldest].closed = 0
        }
    }

    /// What is to be told by now.
    mutating func statements(at now: UInt64) -> [Statement] {
        var told: [Statement] = []
        for index in entries.indices {
            told += entries[index].acts()
            if entries[index].isOver(by: now) { told += entries[index].end() }
        }
        entries.removeAll { $0.isOver(by: now) }
        return told
    }

    /// That receipts were promised, and do not tell all.
    static func uncounted(_ why: String) -> JSONObject {
        ["error": .string(why), "event": "denials-uncounted", "mechanism": "landlock"]
    }

    /// Nothing will be heard any more: says so of each session that it was promised for, and forgets all.
    mutating func abandon(_ why: String) -> [Statement] {
        var told: [Statement] = []
        for index in entries.indices {
            told += entries[index].acts() + (entries[index].counted == nil ? [entries[index].uncounted(why)] : entries[index].end())
        }
        self = LandlockLedger()
        return told
    }
}

extension LandlockLedger.Entry {
    fileprivate mutating func add(_ denial: LandlockRecord.Denial) {
        received += 1
        untold.add(denial)
    }

    fileprivate func isOver(by now: UInt64) -> Bool {
        guard let closed else { return false }
        return counted != nil || now >= closed + LandlockLedger.patience
    }

    fileprivate mutating func acts() -> [LandlockLedger.Statement] {
        untold.take().map { LandlockLedger.Statement(facts: facts, kind: .kernelDenial, body: $0) }
    }

    /// What the kernel counted, held against what came.
    fileprivate func end() -> [LandlockLedger.Statement] {
        guard let counted else {
            if domain != nil { return [uncounted("the kernel did not say that the domain is gone")] }
            return wasOverrun ? [uncounted("records were lost")] : []
        }
        guard counted > received else { return [] }
        let body = LandlockAct.statement(["lost": JSON(Int64(clamping: counted - received))])
        return [LandlockLedger.Statement(facts: facts, kind: .kernelDenial, body: body)]
    }

    fileprivate func uncounted(_ why: String) -> LandlockLedger.Statement {
        LandlockLedger.Statement(facts: facts, kind: .lifecycle, body: LandlockLedger.uncounted(why))
    }
}
