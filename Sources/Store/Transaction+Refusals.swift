import Evidence

extension Store {
    /// How much the refusals ledger keeps.
    enum RefusalLimits {
        /// Entries of one caller, and of all.
        static let callerEntries: Int64 = 256
        static let entries: Int64 = 4_096
        /// Findings and events of one entry; those that are oldest go.
        static let findings = 16
        static let events = 64
        /// Reasons of one finding, and their bytes.
        static let reasons = 64
        static let reasonBytes = 256 << 10
        /// Documents of one entry, and their bytes.
        static let documents = 24
        static let documentBytes: Int64 = 256 << 10
        /// Bytes of documents of one caller, and of all.
        static let callerBytes: Int64 = 4 << 20
        static let bytes: Int64 = 48 << 20
    }

    /// Bytes of a remark.
    public static let refusalNoteLimit = 2_048
}

// MARK: Recording

/// The refusals ledger. What an entry is, and what becomes of it, `RefusalEntry` says.
extension Transaction<String?> {
    /// Records a refusal; its entry's id, or `nil` where there is no room for one more. `omitted`: refusals of the same caller that could not be
    /// recorded before.
    public static func record(_ refused: RefusedPolicy, omitted: Int64 = 0) -> Transaction {
        let (id, host) = (refused.entry, refused.hostName)
        let omit = { (times: Int64, now: Int64) in RefusalRows.omit(times, of: refused.caller, on: host, now: now) }
        let first = [
            RefusalRows.find(id), RefusalRows.findFindings(of: id), RefusalRows.findEvents(of: id),
            RefusalRows.count(of: refused.caller, on: host), RefusalRows.count(of: nil, on: host),
            RefusalRows.findOldestDone(of: refused.caller, on: host), RefusalRows.findOldestDone(of: nil, on: host),
            RefusalRows.bytes(of: refused.caller, on: host, besides: id), RefusalRows.bytes(of: nil, on: host, besides: id),
        ]
        return Transaction(.refusals, excluding: .everybody, first: first) { findings throws(StoreError) in
            let known = try findings.rows(RefusalRows.entry).first
            let (own, all) = (try findings.number(of: 3), try findings.number(of: 4))
            var changes = omitted > 0 ? [omit(omitted, findings.now)] : []
            if known == nil, own >= Store.RefusalLimits.callerEntries || all >= Store.RefusalLimits.entries {
                let done = try findings.rows(of: own >= Store.RefusalLimits.callerEntries ? 5 : 6) { row throws(StoreError) in
                    try row.text(0)
                }
                guard let done = done.first else { return (nil, changes + [omit(1, findings.now)]) }
                changes += RefusalRows.remove(done)
            }
            let room = min(
                Store.RefusalLimits.documentBytes, Store.RefusalLimits.callerBytes - (try findings.number(of: 7)),
                Store.RefusalLimits.bytes - (try findings.number(of: 8)))
            changes += try findings.changes(by: refused, known, room: room)
            return (id, changes)
        }
    }
}

extension Findings {
    /// The entry and its finding, as the table of `RefusalEntry` says.
    fileprivate func changes(by refused: RefusedPolicy, _ known: RefusalEntry?, room: Int64) throws(StoreError) -> [Statement] {
        let seen = try rows(of: 1, RefusalRows.finding)
        let isKnown = seen.contains { $0.identity == refused.identity }, isLast = seen.first?.identity == refused.identity
        let turn = (known?.times ?? 0) + 1
        var history = RefusalHistory(try rows(of: 2, RefusalRows.event), of: refused.entry, caller: refused.caller)
        var changes: [Statement] = []
        if isKnown {
            changes = RefusalRows.count(refused, turn: turn, now: now, withReasons: !isLast)
        } else {
            let old = seen.dropFirst(Store.RefusalLimits.findings - 1).map { RefusalRows.remove($0, of: refused.entry) }
            changes = [RefusalRows.add(refused, turn: turn, now: now)] + old + [RefusalRows.keepHost(of: refused), RefusalRows.forgetHosts]
            history.add(RefusalEntry.Event(kind: .refused, time: now, author: nil, words: seen.first.map { refused.change(since: $0) }))
        }
        let staysClosed = isKnown && known?.state == .closed
        if let known, known.state != .open, !staysClosed {
            history.add(RefusalEntry.Event(kind: .reopened, time: now, author: nil, words: "it was \(known.state.rawValue)"))
        }
        changes += [RefusalRows.write(refused.entry(known, staysClosed ? .closed : .open, now: now))] + history.changes
        // A client that starts its server again and again is refused for the same each time.
        return isLast ? changes : changes + RefusalRows.write(refused.documents, of: refused.entry, room: room)
    }
}

extension RefusedPolicy {
    fileprivate func entry(_ known: RefusalEntry?, _ state: RefusalEntry.State, now: Int64) -> RefusalEntry {
        let listed = codes.reduce(into: [String]()) { listed, code in if !listed.contains(code) { listed.append(code) } }
        return RefusalEntry(
            id: entry, caller: caller, policy: policy, hostName: hostName, state: state, firstSeen: known?.firstSeen ?? now, lastSeen: now,
            times: (known?.times ?? 0) + 1, codes: listed)
    }

    /// What is another since the entry's last finding.
    fileprivate func change(since last: RefusalEntry.Finding) -> String {
        var changed: [String] = []
        if last.subject != subject.hex { changed.append("policy") }
        if last.host != hostDigest.hex { changed.append("host") }
        return "the " + (changed.isEmpty ? "reasons" : changed.joined(separator: " and the ")) + " changed"
    }
}

// MARK: Looking

/// Some entries, and how many refusals there was no room for.
public struct ListedRefusals: Sendable, Hashable {
    public var entries: [RefusalEntry]
    public var omitted: Int64
}

extension Transaction<ListedRefusals> {
    /// Those of one caller, or of all, by their ids; `after`: only those behind this one.
    public static func refusals(ofCaller caller: UInt32?, after id: String = "") -> Transaction {
        let first = [RefusalRows.find(of: caller, after: id), RefusalRows.countOmitted(of: caller)]
        return Transaction(.refusals, excluding: .nobody, isRepeatable: true, first: first) { findings throws(StoreError) in
            (ListedRefusals(entries: try findings.rows(RefusalRows.entry), omitted: try findings.number(of: 1)), [])
        }
    }
}

extension Transaction<Int64> {
    /// How many entries of one caller's, or of all, are open.
    public static func openRefusals(ofCaller caller: UInt32?) -> Transaction {
        Transaction(.refusals, isRepeatable: true, RefusalRows.countOpen(of: caller)) { findings throws(StoreError) in
            try findings.number(of: 0)
        }
    }
}

extension Transaction<RefusalEntry.Whole?> {
    /// An entry with all that is kept of it; `nil` where there is none, or it is another caller's.
    public static func wholeRefusal(_ id: String, ofCaller caller: UInt32?) -> Transaction {
        let first = [
            RefusalRows.find(id), RefusalRows.findFindings(of: id), RefusalRows.findEvents(of: id), RefusalRows.findDocuments(of: id),
            RefusalRows.findHost(of: id),
        ]
        return Transaction(.refusals, excluding: .nobody, isRepeatable: true, first: first) { findings throws(StoreError) in
            guard let entry = try findings.rows(RefusalRows.entry).first, caller == nil || entry.caller == caller else { return (nil, []) }
            let whole = RefusalEntry.Whole(
                entry: entry, findings: try findings.rows(of: 1, RefusalRows.finding),
                events: try findings.rows(of: 2, RefusalRows.event).map(\.event),
                documents: try findings.rows(of: 3, RefusalRows.document),
                host: try findings.rows(of: 4) { row throws(StoreError) in try row.bytes(0) }.first)
            return (whole, [])
        }
    }
}

// MARK: What becomes of it

extension Transaction<RefusalEntry?> {
    /// The entry that an exact policy of this name would resolve. Most policies were never refused: whoever asks this first keeps nobody out.
    public static func unresolvedRefusal(of policy: String, for caller: UInt32, at place: LedgerHost? = nil) -> Transaction {
        let find = RefusalRows.find(RefusedPolicy.entry(of: policy, for: caller, at: place))
        return Transaction(.refusals, isRepeatable: true, find) { findings throws(StoreError) in
            try findings.rows(RefusalRows.entry).first { $0.state != .resolved }
        }
    }

    /// A policy of this name is exact for this caller there. The entry that this resolves, if one.
    public static func resolveRefusal(of policy: String, for caller: UInt32, at place: LedgerHost? = nil) -> Transaction {
        change(RefusedPolicy.entry(of: policy, for: caller, at: place), caller, .resolved) { entry in
            guard entry.state != .resolved else { return nil }
            entry.state = .resolved
            return (nil, nil)
        }
    }

    /// Adds a remark of somebody's. `nil` where there is no such entry, or it is another caller's.
    public static func noteRefusal(_ words: String, on id: String, ofCaller caller: UInt32?, by author: UInt32) -> Transaction {
        change(id, caller, .noted) { _ in (author, words) }
    }

    /// Somebody has looked: what is known so far does not open the entry again. It permits nothing.
    public static func closeRefusal(_ words: String, on id: String, ofCaller caller: UInt32?, by author: UInt32) -> Transaction {
        change(id, caller, .closed) { entry in
            entry.state = .closed
            return (author, words)
        }
    }

    /// `body` says who does it and in which words, and nil where there is nothing to do.
    private static func change(
        _ id: String, _ caller: UInt32?, _ kind: RefusalEntry.Event.Kind,
        _ body: @escaping (inout RefusalEntry) -> (author: UInt32?, words: String?)?
    ) -> Transaction {
        let first = [RefusalRows.find(id), RefusalRows.findEvents(of: id)]
        return Transaction(.refusals, excluding: .everybody, first: first) { findings throws(StoreError) in
            guard var entry = try findings.rows(RefusalRows.entry).first, caller == nil || entry.caller == caller,
                let said = body(&entry)
            else { return (nil, []) }
            var history = RefusalHistory(try findings.rows(of: 1, RefusalRows.event), of: id, caller: entry.caller)
            history.add(RefusalEntry.Event(kind: kind, time: findings.now, author: said.author.map(Int64.init), words: said.words))
            return (entry, [RefusalRows.write(entry)] + history.changes)
        }
    }
}
