import ControlProtocol
import Evidence
import KernelPlan
import Layers
import Policy
import PolicyText
import Store

/// A policy that is judged as a launch would, by the same steps, with the caller's eyes and this host; nothing is started, and where it is exact
/// nothing is recorded either.
extension Session {
    /// What a receipt of the refusal names. Where it cannot be kept the receipt does without: there is nothing that would have to be ended.
    func keepWhatWasChecked() {
        guard checks else { return }
        daemon.hadSession = true
        facts.host = try? daemon.keepHost()
        if let texts { facts.policy = try? daemon.keep(texts.document) }
    }

    func isExact() {
        let asker = connection
        connection = nil
        daemon.resolveRefusal(of: texts?.expanded.name, for: caller.uid) { entry in
            asker?.reply(CheckReply(isExact: true, entry: entry).encode())
        }
        tearDown()
    }

    /// What the refusals ledger is told; nil where the host has no canonical form.
    func refused(_ refusal: Refusal, receipt: RefusedPolicy.Receipt?) -> RefusedPolicy? {
        guard let policy = request?.value.policy, let includes = request?.value.includes, let host = daemon.hostDocument else { return nil }
        return RefusedPolicy(
            refusal, policy, includes, texts, home: daemon.state.home(id), caller: caller.uid, host: host, layers: daemon.layers.path,
            stage: checks ? .check : .launch, receipt: receipt, place: daemon.storeKeeper.sharingHost)
    }
}

extension ControlConnection {
    /// A refused launch is an error of the call; a refused check is what was asked for.
    func answer(_ refusal: Refusal, _ recorded: RecordedRefusal, checks: Bool) {
        guard checks else { return fail(.refused(refusal, entry: recorded.entry)) }
        let codes = refusal.reasons.all.map(\.code.rawValue).reduce(into: [String]()) { codes, code in
            if !codes.contains(code) { codes.append(code) }
        }
        reply(CheckReply(isExact: false, codes: codes, entry: recorded.entry, unrecorded: recorded.problem).encode())
    }
}
