import ControlProtocol
import Descriptors
import EventLoop
import Evidence
import KernelPlan
import Policy
import Store
import StrictJSON

/// What the ledger says of a refusal that it was told of.
struct RecordedRefusal: Sendable, Hashable {
    /// Its entry.
    var entry: String?
    /// Why there is none.
    var problem: String?
}

/// The refusals ledger, as the daemon uses it.
///
/// INVARIANT: whatever becomes of it, a refused policy is refused: its receipt is written before the ledger is asked, and its answer is given
/// whether the ledger takes it or not. Nothing that decides about a launch reads the ledger.
extension Daemon {
    /// Tells the ledger of a refusal; `then` is called in any case, once.
    func recordRefusal(
        of session: Session, _ refusal: Refusal, receipt: RefusedPolicy.Receipt?, then: @escaping (RecordedRefusal) -> Void
    ) {
        guard let refused = session.refused(refusal, receipt: receipt) else {
            return then(RecordedRefusal(problem: "the host profile has no canonical form"))
        }
        let caller = refused.caller
        // What was exact before is not any more.
        resolvable.remove(refused.entry)
        let omitted = unrecordedRefusals.removeValue(forKey: caller) ?? 0
        let answer = answerInTime(RecordedRefusal(problem: "the ledger did not answer in time"), then)
        storeKeeper.perform(.record(refused, omitted: omitted)) { [weak self] result in
            switch result {
            case .success(let entry?): answer(RecordedRefusal(entry: entry))
            case .success(nil): answer(RecordedRefusal(problem: "the ledger has no room for another policy of this caller"))
            case .failure(let error):
                self?.remember(omitted + 1, of: caller)
                answer(RecordedRefusal(problem: "the ledger cannot be written: \(error.text)"))
            }
        }
    }

    /// Callers whose refusals are counted while the ledger cannot be written.
    private static let callersRemembered = 1_024

    private func remember(_ unrecorded: Int64, of caller: UInt32) {
        guard unrecordedRefusals[caller] != nil || unrecordedRefusals.count < Self.callersRemembered else { return }
        unrecordedRefusals[caller, default: 0] += unrecorded
    }

    /// Whoever is refused does not wait for a ledger that does not answer. Returns what takes its answer, the first alone.
    private func answerInTime<Answer>(
        _ late: Answer, within patience: UInt64 = Daemon.patience, _ then: @escaping (Answer) -> Void
    ) -> (Answer) -> Void {
        var isAnswered = false
        var timer: TimerToken?
        let answer = { [loop] (given: Answer) in
            guard !isAnswered else { return }
            isAnswered = true
            if let timer { loop.cancel(timer) }
            then(given)
        }
        timer = loop.after(nanoseconds: patience) {
            timer = nil
            answer(late)
        }
        return answer
    }

    private static let patience: UInt64 = 5_000_000_000
    /// Whoever asks how it is does not wait that long either.
    private static let countingPatience: UInt64 = 1_000_000_000

    /// Open entries that the peer may see; nil where the ledger cannot be read. Where nothing was ever kept, nothing is made for it.
    func countOpenRefusals(of peer: Peer, then: @escaping (Int64?) -> Void) {
        guard storeKeeper.isMade else { return then(0) }
        let answer = answerInTime(nil, within: Self.countingPatience, then)
        storeKeeper.perform(.openRefusals(ofCaller: peer.only)) { answer(try? $0.get()) }
    }

    /// A policy of this name is exact for this caller: says which entry that resolves, if one. `then` is called in any case. A refusal that comes
    /// meanwhile is not resolved by what was exact before it.
    func resolveRefusal(of policy: String?, for caller: UInt32, then: @escaping (String?) -> Void) {
        guard let policy else { return then(nil) }
        resolve(policy, for: caller, isKnown: false, then: then)
    }

    /// The same behind a launch, whose server is not to wait for it.
    func resolveRefusalLater(of policy: String?, for caller: UInt32) {
        guard let policy else { return }
        resolvable.insert(RefusedPolicy.entry(of: policy, for: caller, at: storeKeeper.sharingHost))
        _ = loop.after(nanoseconds: Self.resolvingDelay) { [weak self] in self?.resolve(policy, for: caller, isKnown: true) { _ in } }
    }

    /// `isKnown`: it was said before, and may not be so any more.
    private func resolve(_ policy: String, for caller: UInt32, isKnown: Bool, then: @escaping (String?) -> Void) {
        let place = storeKeeper.sharingHost
        let entry = RefusedPolicy.entry(of: policy, for: caller, at: place)
        guard storeKeeper.isMade, !isKnown || resolvable.contains(entry) else {
            resolvable.remove(entry)
            return then(nil)
        }
        resolvable.insert(entry)
        let answer = answerInTime(nil, then)
        storeKeeper.perform(.unresolvedRefusal(of: policy, for: caller, at: place)) { [weak self] found in
            guard let self, resolvable.remove(entry) != nil, case .success(_?) = found else { return answer(nil) }
            storeKeeper.perform(.resolveRefusal(of: policy, for: caller, at: place)) { resolved in
                answer(((try? resolved.get()) ?? nil)?.id)
            }
        }
    }

    private static let resolvingDelay: UInt64 = 50_000_000

    /// Where the receipt lies that was recorded last.
    var lastReceipt: RefusedPolicy.Receipt { RefusedPolicy.Receipt(log: state.evidence, number: Int64(clamping: log.size) - 1) }

    // MARK: Looking

    /// Bytes of a reply that lists.
    private static let listLimit = 256 << 10

    func listRefusals(_ connection: ControlConnection, _ call: borrowing ControlCall, _ peer: Peer) {
        do throws(ControlError) {
            let after = try RefusalParameters.after(call)
            let caller = peer.only
            let untold = unrecordedRefusals.filter { caller == nil || $0.key == caller }.values.reduce(0, +)
            perform(.refusals(ofCaller: caller, after: after ?? ""), for: connection) { found in
                connection.reply(Self.list(found, untold))
            }
        } catch {
            connection.fail(error)
        }
    }

    private static func list(_ found: ListedRefusals, _ untold: Int64) -> ControlMessage {
        var listed: [JSON] = []
        var bytes = 0
        for entry in found.entries {
            let json = RefusalSummary(entry).json
            bytes += json.encoded().count
            guard bytes <= listLimit else { break }
            listed.append(json)
        }
        return ControlMessage(
            JSONObject([
                ("refusals", .array(listed)), ("more", .bool(listed.count < found.entries.count)),
                ("omitted", .number(JSONNumber(found.omitted + untold))),
            ]))
    }

    func showRefusal(_ connection: ControlConnection, _ call: borrowing ControlCall, _ peer: Peer) {
        do throws(ControlError) {
            let id = try RefusalParameters(call, withWords: false).refusal
            perform(.wholeRefusal(id, ofCaller: peer.only), for: connection) { whole in
                guard let whole else { return connection.fail(.noSuchRefusal(id)) }
                guard let reply = try? RefusalDetails(whole).encode() else {
                    return connection.fail(.storeUnavailable(problem: "the texts cannot be passed"))
                }
                connection.reply(reply)
            }
        } catch {
            connection.fail(error)
        }
    }

    // MARK: Reviewing

    /// Whoever is refused may say something to it.
    func noteRefusal(_ connection: ControlConnection, _ call: borrowing ControlCall, _ peer: Peer) {
        do throws(ControlError) {
            let (id, words) = try remark(call)
            let note = Transaction.noteRefusal(words, on: id, ofCaller: peer.only, by: peer.user)
            perform(note, "refusal-noted", id, words, connection, peer)
        } catch {
            connection.fail(error)
        }
    }

    /// That somebody has looked is for others to say.
    func closeRefusal(_ connection: ControlConnection, _ call: borrowing ControlCall, _ peer: Peer) {
        do throws(ControlError) {
            let (id, words) = try remark(call)
            let close = Transaction.closeRefusal(words, on: id, ofCaller: peer.only, by: peer.user)
            perform(close, "refusal-closed", id, words, connection, peer)
        } catch {
            connection.fail(error)
        }
    }

    private func remark(_ call: borrowing ControlCall) throws(ControlError) -> (id: String, words: String) {
        let asked = try RefusalParameters(call, withWords: true)
        guard let words = asked.words, !words.isEmpty, words.utf8.count <= Store.refusalNoteLimit else { throw .invalidParameter("words") }
        return (asked.refusal, words)
    }

    private func perform(
        _ remark: Transaction<RefusalEntry?>, _ event: String, _ id: String, _ words: String, _ connection: ControlConnection,
        _ peer: Peer
    ) {
        perform(remark, for: connection) { [weak self] entry in
            guard let entry else { return connection.fail(.noSuchRefusal(id)) }
            self?.record(
                .lifecycle,
                [
                    "event": .string(event), "by": JSON(Int(peer.user)), "refusal": .string(entry.id), "caller": JSON(Int(entry.caller)),
                    "policy": .string(entry.policy), "words": .string(words),
                ], nil)
            connection.reply(ControlMessage(JSONObject([("refusal", RefusalSummary(entry).json)])))
        }
    }
}

extension RefusalSummary {
    fileprivate init(_ entry: RefusalEntry) {
        let state: State =
            switch entry.state {
            case .open: .open
            case .closed: .closed
            case .resolved: .resolved
            }
        self.init(
            id: entry.id, caller: entry.caller, policy: entry.policy, hostname: entry.hostName.isEmpty ? nil : entry.hostName, state: state,
            codes: entry.codes, times: entry.times,
            firstSeen: entry.firstSeen, lastSeen: entry.lastSeen)
    }
}

extension RefusalDetails {
    fileprivate init(_ whole: RefusalEntry.Whole) {
        self.init(
            summary: RefusalSummary(whole.entry), findings: whole.findings.map(Finding.init), events: whole.events.map(Event.init),
            documents: whole.documents.map { Document(name: $0.name, size: $0.size, bytes: $0.bytes) },
            host: whole.host.flatMap { try? JSON(parsing: $0) })
    }
}

extension RefusalDetails.Finding {
    fileprivate init(_ finding: RefusalEntry.Finding) {
        let listed = (try? JSON(parsing: finding.reasons))?.array ?? []
        // A reason of a later version's is one that cannot be shown.
        let reasons = listed.compactMap { Reason(json: $0) }
        var layers: [String: String] = [:]
        for member in (try? JSON(parsing: finding.layers))?.object?.members ?? [] { layers[member.name] = member.value.string }
        self.init(
            subject: finding.subject, isExpanded: finding.isExpanded, host: finding.host, reasons: reasons,
            leftOut: finding.reasonsLeftOut + Int64(listed.count - reasons.count), layers: layers,
            stage: finding.stage == .check ? .check : .launch, times: finding.times, firstSeen: finding.firstSeen,
            lastSeen: finding.lastSeen, firstReceipt: finding.firstReceipt.map(RefusalDetails.Receipt.init),
            lastReceipt: finding.lastReceipt.map(RefusalDetails.Receipt.init))
    }
}

extension RefusalDetails.Receipt {
    fileprivate init(_ receipt: RefusedPolicy.Receipt) { self.init(log: receipt.log, number: receipt.number) }
}

extension RefusalDetails.Event {
    fileprivate init(_ event: RefusalEntry.Event) {
        let kind: Kind =
            switch event.kind {
            case .refused: .refused
            case .reopened: .reopened
            case .noted: .noted
            case .closed: .closed
            case .resolved: .resolved
            }
        self.init(kind: kind, time: event.time, author: event.author, words: event.words)
    }
}
