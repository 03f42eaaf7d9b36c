import Descriptors
import EventLoop
import Kernel
import KernelPlan
import PathFinding
import Policy
import PolicyText

/// What becomes of one session, decided: paths that its new documents name are looked for with its caller's eyes first.
final class SessionDeciding {
    enum Outcome {
        case unchanged
        case superseded(Superseding)
        case refused(Refusal)
        case hopeless(String)
    }

    private let session: Session
    private var documents: SessionDocuments
    private let new: SessionDocuments.Generation?
    private let finish: (Outcome) -> Void
    private var search: PathSearch?
    private var deadline: TimerToken?
    private var isOver = false

    /// Nanoseconds that looking may take.
    private static let patience: UInt64 = 5_000_000_000

    init(
        _ session: Session, _ documents: SessionDocuments, _ new: SessionDocuments.Generation?, finish: @escaping (Outcome) -> Void
    ) {
        self.session = session
        self.documents = documents
        self.new = new
        self.finish = finish
    }

    func begin() {
        do throws(Refusal) {
            guard let new, !documents.generations.map(\.digest).contains(new.digest) else { return try decide() }
            let generation = try HeldGeneration(new, of: documents, home: session.home(of:))
            let missing = generation.missing(from: documents)
            let wantsNameservers = generation.needsNameservers(besides: documents)
            guard !missing.isEmpty || wantsNameservers else { return try decide() }
            try look(for: missing, wantsNameservers)
        } catch {
            end(.refused(error))
        }
    }

    private func look(for paths: [RequestedPath], _ wantsNameservers: Bool) throws(Refusal) {
        // They are only looked at: nothing of them is started or written.
        let question = PathQuestion(
            paths: paths.map(\.path), command: nil, home: documents.variables.home, wantsNameservers: wantsNameservers)
        deadline = session.daemon.loop.after(nanoseconds: Self.patience) { [weak self] in
            self?.deadline = nil
            self?.end(.refused(Refusal(Reason(.unreadable, ["file": "the paths of the new documents", "error": "ETIMEDOUT"]))))
        }
        do throws(LaunchFailure) {
            search = try PathSearch.start(question, as: session.finderIdentity(of: documents), in: session.daemon) { [weak self] answer in
                self?.found(answer, paths)
            }
        } catch {
            throw Refusal(Reason(.unreadable, ["file": "the paths of the new documents", "error": error.error?.name ?? ""]))
        }
    }

    private func found(_ answer: consuming PathSearch.Answer, _ paths: [RequestedPath]) {
        guard !isOver else { return }
        switch consume answer {
        case .failed(let failure):
            end(.refused(Refusal(Reason(.unreadable, ["file": "the paths of the new documents", "error": failure.error?.name ?? ""]))))
        case .found(let found):
            documents.note(paths, found.answer.findings)
            if let nameservers = found.answer.nameservers { documents.nameservers = nameservers }
            do throws(Refusal) { try decide() } catch { end(.refused(error)) }
        }
    }

    private func decide() throws(Refusal) {
        let superseding = try Superseding(
            documents, adding: new, user: documents.caller.uid == 0 ? .session : .caller, on: session.daemon.host, home: session.home(of:))
        end(superseding.map(Outcome.superseded) ?? .unchanged)
    }

    private func end(_ outcome: Outcome) {
        guard !isOver else { return }
        isOver = true
        if let deadline { session.daemon.loop.cancel(deadline) }
        deadline = nil
        search = nil
        finish(outcome)
    }
}
