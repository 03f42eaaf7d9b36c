import ControlProtocol
import Descriptors
import EventLoop
import Evidence
import Glibc
import KernelPlan
import Layers
import Policy
import StrictJSON

/// Reloads of policies and layers, one after another: asked for over the control API or by SIGHUP, and by a daemon that adopts sessions.
extension Daemon {
    func reload(_ connection: ControlConnection, _ call: borrowing ControlCall, _ peer: Peer) {
        do throws(ControlError) {
            let parameters = try ReloadParameters(call)
            reload(.asked(by: peer.user), isDry: parameters.isDry) { result in
                switch result {
                case .success(let report): connection.reply(report.encode())
                case .failure(let refusal): connection.fail(.refused(refusal))
                }
            }
        } catch {
            connection.fail(error)
        }
    }

    /// SIGHUP.
    func reloadBySignal() {
        reload(.signal, isDry: false) { result in
            if case .failure(let refusal) = result { Self.say(refusal) }
        }
    }

    /// Sessions that an earlier daemon started: layers and policies may be others by now, and it may have died in the middle of a reload.
    func holdAdopted(_ session: Session) {
        guard custody == .daemon else { return }
        reload(.adopted([session.id]), isDry: false) { result in
            if case .failure(let refusal) = result { Self.say(refusal) }
        }
    }

    private func reload(_ cause: Reload.Cause, isDry: Bool, finish: @escaping Reload.Finish) {
        reloads.append(
            Reload(self, cause, isDry: isDry) { [weak self] result in
                finish(result)
                // Not from within the one that is over.
                _ = self?.loop.after(nanoseconds: 0) { self?.reloadIsOver() }
            })
        if reloads.count == 1 { beginReload() }
    }

    private func beginReload() {
        guard let next = reloads.first else { return }
        if !next.isOfAdopting { serviceManager?.tell(.reloading) }
        next.begin()
    }

    private func reloadIsOver() {
        if !reloads.removeFirst().isOfAdopting { serviceManager?.tell(.ready) }
        beginReload()
    }

    // MARK: What is said of it

    /// Nothing was applied.
    func recordRefused(_ refusal: Refusal, _ cause: Reload.Cause, isDry: Bool) {
        guard !isDry else { return }
        var body = cause.json
        body["event"] = "reloaded"
        body["outcome"] = "refused"
        body["reasons"] = refusal.receipt
        record(.lifecycle, body, nil)
    }

    /// What was read, and what became of how many sessions; of each whose part changed there is a receipt of its own.
    func recordReloaded(_ report: ReloadReport, _ cause: Reload.Cause) {
        if case .adopted = cause { return }
        var body = cause.json
        body["documents"] = .array(report.documents.prefix(256).map(JSON.string))
        body["event"] = "reloaded"
        body["outcome"] = "applied"
        body["previous"] = lastReload.map { .string($0.hex) } ?? .null
        let digest = SHA256.digest(JSON.array(report.documents.map(JSON.string)).encoded())
        body["digest"] = .string(digest.hex)
        lastReload = digest
        for outcome in ReloadReport.Session.Outcome.allCases {
            let count = report.sessions.count { $0.outcome == outcome } + (outcome == .unchanged ? report.omitted : 0)
            if count > 0 { body[outcome.rawValue] = JSON(count) }
        }
        record(.lifecycle, body, nil)
    }

    /// For the journal.
    private static func say(_ refusal: Refusal) {
        for reason in refusal.reasons.all {
            let place = reason.location.map { "\($0.file):\($0.line):\($0.column): " } ?? ""
            let facts = reason.facts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            try? BorrowedDescriptor.standardError.writeWhole("sandboxd: reload refused: \(place)\(reason.code.rawValue) \(facts)\n")
        }
    }
}
