import ControlProtocol
import SessionProtocol
import Store
import StrictJSON

/// Calls that wait for a person. Their arguments are here, in memory, and nowhere else.
///
/// A value that knows no clock, no file and no socket: what comes of each step is returned. INVARIANT: of one question comes at most one grant.
struct ApprovalDesk {
    /// A request of a gate.
    struct Waiter: Sendable, Hashable {
        let session: String
        let number: Int64
    }

    /// Whose call it is, as the daemon knows it.
    struct Asker: Sendable, Hashable {
        let caller: UInt32
        let server: String
        let policy: String
        let client: ClientProcess?
        let approvers: Approvers
    }

    struct Entry: Sendable {
        let id: String
        let call: HeldCall
        let asker: Asker
        let binding: GrantBinding
        /// Where it came from last.
        var origin: Waiter
        /// Whether the call still waits; else the decision is for the next one like it.
        var waits: Bool
        /// Seconds of the desk's clock.
        let asked: Int64
        let expires: Int64
        /// Grows from one to the next.
        let number: UInt64
        /// Somebody said no when the call did not wait any more.
        var denial: Denial?
        /// Somebody said yes then, and the grant is on its way into the store: until it is there nothing else comes of the question.
        var isKept = false
    }

    struct Denial: Sendable, Hashable {
        let by: String
        let why: String?
    }

    /// What a gate is told at once.
    enum Asked: Sendable, Hashable {
        case held(String)
        case denied(String, Denial)
        case tooMany
    }

    /// What was answered or stored for a waiter, until it is sure what came of that.
    private struct Settled {
        let entry: Entry
        let grant: Store.Grant
        let isStored: Bool
    }

    private var entries: [String: Entry] = [:]
    private var settled: [Waiter: Settled] = [:]
    /// What was approved last, by caller, server and tool.
    private var approved: [ToolKey: String] = [:]
    private var bytes = 0
    private var count: UInt64 = 0

    private struct ToolKey: Hashable {
        let caller: UInt32
        let server: [UInt8]
        let tool: [UInt8]

        init(_ entry: Entry) {
            caller = entry.asker.caller
            server = Array(entry.asker.server.utf8)
            tool = Array(entry.call.tool.utf8)
        }
    }

    /// For one caller, and bytes of arguments for all.
    static let entriesPerCaller = 256
    /// Of these, what servers ask for: they must not be able to keep calls from being asked about.
    static let messagesPerCaller = 64
    static let bytesLimit = 64 << 20
    private static let approvedLimit = 256

    // MARK: Gates

    /// A call asks, or what a server asks for. One that asked before, was answered and calls again finds its question where it was, or what was said to it: once.
    mutating func ask(_ call: HeldCall, _ binding: GrantBinding, _ asker: Asker, _ waiter: Waiter, id: String, now: Int64) -> Asked {
        if let known = entries.values.filter({ !$0.waits && !$0.isKept && $0.binding == binding && $0.expires > now }).min(by: {
            $0.number < $1.number
        }) {
            return askAgain(known, waiter)
        }
        let own = entries.values.filter { $0.asker.caller == asker.caller }
        let hasRoom = call.message == nil || own.filter { $0.call.message != nil }.count < Self.messagesPerCaller
        guard hasRoom, own.count < Self.entriesPerCaller, bytes + call.arguments.utf8.count <= Self.bytesLimit, entries[id] == nil else {
            return .tooMany
        }
        bytes += call.arguments.utf8.count
        count += 1
        entries[id] = Entry(
            id: id, call: call, asker: asker, binding: binding, origin: waiter, waits: true, asked: now,
            expires: now + Int64(asker.approvers.within), number: count, denial: nil)
        return .held(id)
    }

    private mutating func askAgain(_ known: Entry, _ waiter: Waiter) -> Asked {
        if let denial = known.denial {
            remove(known.id)
            return .denied(known.id, denial)
        }
        entries[known.id]?.origin = waiter
        entries[known.id]?.waits = true
        return .held(known.id)
    }

    /// The call is of no interest any more: nobody decides about it, and what was stored for it is to be taken back (an approval id).
    mutating func withdraw(_ waiter: Waiter) -> (entry: Entry?, stored: String?) {
        let past = settled.removeValue(forKey: waiter)
        guard let entry = entry(of: waiter) else { return (nil, past.flatMap { $0.isStored ? $0.grant.approval : nil }) }
        remove(entry.id)
        return (entry, nil)
    }

    /// The same, of a call that its own caller has approved: what was asked, later approvers compare with.
    mutating func accept(_ waiter: Waiter) -> (entry: Entry?, stored: String?) {
        let gone = withdraw(waiter)
        if let entry = gone.entry { remember(entry) }
        return gone
    }

    /// The call waits no longer. A grant that was on its way to it and came too late is returned: it is for the next call.
    mutating func detach(_ waiter: Waiter) -> (entry: Entry, grant: Store.Grant)? {
        if let entry = entry(of: waiter) {
            entries[entry.id]?.waits = false
            return nil
        }
        guard let past = settled[waiter], !past.isStored else { return nil }
        settled[waiter] = Settled(entry: past.entry, grant: past.grant, isStored: true)
        return (past.entry, past.grant)
    }

    /// A session is over: what waited in it is gone; what was answered stays.
    mutating func leave(session: String) -> [Entry] {
        settled = settled.filter { $0.key.session != session }
        let gone = entries.values.filter { $0.waits && $0.origin.session == session }
        for entry in gone { remove(entry.id) }
        return gone
    }

    private func entry(of waiter: Waiter) -> Entry? { entries.values.first { $0.origin == waiter } }

    // MARK: People

    /// Those that can be decided, the oldest first.
    func open(now: Int64) -> [Entry] {
        entries.values.filter { $0.denial == nil && $0.expires > now }.sorted { $0.number < $1.number }
    }

    func entry(_ id: String, now: Int64) -> Entry? {
        guard let entry = entries[id], entry.denial == nil, entry.expires > now else { return nil }
        return entry
    }

    /// Canonical arguments of the last call of this tool that was approved.
    func lastApproved(like entry: Entry) -> String? { approved[ToolKey(entry)] }

    /// Approved. INVARIANT: the entry is on the desk; where it does not wait, the grant is in the store.
    mutating func approve(_ entry: Entry, by approver: String) {
        remove(entry.id)
        remember(entry)
        let grant = Store.Grant(approval: entry.id, approver: approver)
        settled[entry.origin] = Settled(entry: entry, grant: grant, isStored: !entry.waits)
    }

    /// Approved, and does not wait: a grant is being kept for it.
    mutating func beginKeeping(_ entry: Entry) { entries[entry.id]?.isKept = true }

    /// It is kept, or could not be. Whether the question is still on the desk: it may have been withdrawn.
    mutating func endKeeping(_ entry: Entry) -> Bool {
        entries[entry.id]?.isKept = false
        return entries[entry.id] != nil
    }

    private mutating func remember(_ entry: Entry) {
        if approved.count < Self.approvedLimit || approved[ToolKey(entry)] != nil { approved[ToolKey(entry)] = entry.call.arguments }
    }

    /// Denied. A call that does not wait hears of it when it calls again.
    mutating func deny(_ entry: Entry, _ denial: Denial) {
        if entry.waits { remove(entry.id) } else { entries[entry.id]?.denial = denial }
    }

    /// Those whose answer is still owed, or whose decision is for the next one like it.
    var waiting: [Entry] { entries.values.filter { $0.denial == nil } }

    /// Those of one session, the oldest first.
    func waiting(in session: String) -> [Entry] { waiting.filter { $0.origin.session == session }.sorted { $0.number < $1.number } }

    /// Those that something may still be recorded of.
    var sessions: Set<String> { Set(entries.values.map(\.origin.session)).union(settled.keys.map(\.session)) }

    // MARK: Time

    var nextExpiry: Int64? { entries.values.map(\.expires).min() }

    /// Those that nobody decided in time.
    mutating func expire(now: Int64) -> [Entry] {
        settled = settled.filter { $0.value.entry.expires > now - Int64($0.value.entry.asker.approvers.within) }
        let late = entries.values.filter { $0.expires <= now && !$0.isKept }.sorted { $0.id < $1.id }
        for entry in late { remove(entry.id) }
        return late
    }

    private mutating func remove(_ id: String) {
        guard let entry = entries.removeValue(forKey: id) else { return }
        bytes -= entry.call.arguments.utf8.count
    }
}

extension ApprovalDesk {
    /// Short to type, and not to be guessed: 50 bits, in an alphabet without letters that look alike.
    static func id(_ random: [UInt8]) -> String {
        let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
        let letters = random.prefix(10).map { alphabet[Int($0 & 31)] }
        return String(decoding: letters.prefix(5) + [UInt8(ascii: "-")] + letters.dropFirst(5), as: UTF8.self)
    }
}
