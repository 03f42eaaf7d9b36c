import ControlProtocol
import Descriptors

/// What is refused before there is anything to ask for is handed in, so that it is judged and recorded like what sandboxd refuses.
extension WrapPreparation {
    /// The same failure, with its entry in the ledger where it has one now. What another host would refuse is not this one's to record.
    func recorded(_ failure: WrapFailure) -> WrapFailure {
        recordChange(failure)
        guard case .refused(let refusal) = failure, let texts, !invocation.has("host"), !invocation.has("layers") else { return failure }
        let reporter = RefusalReporter(DaemonLine(DaemonChoice(invocation, environment), environment), environment)
        defer { reporter.finish() }
        guard case .recorded(let entry)? = reporter.refused(texts, inputs: inputs, for: invocation.value("user")) else { return failure }
        return .call(.answered(.refused(refusal, entry: entry)))
    }

    /// That a prepared package is not what it was. Where nobody takes it, it is refused all the same.
    private func recordChange(_ failure: WrapFailure) {
        guard case .unprepared(.changed(let install, let change, _)) = failure else { return }
        let line = DaemonLine(DaemonChoice(invocation, environment), environment)
        defer { line.finish() }
        guard (try? line.open()) != nil else { return }
        _ = try? line.call(
            .recordPreparation, install.report(.changed, change: change).encode(), deadline: Clock.monotonic + Self.answerTime)
    }

    /// Nanoseconds for an answer.
    private static let answerTime: UInt64 = 5_000_000_000

    /// The call that hands it in; nil where there is nothing to hand in, or no way to.
    func question(about failure: WrapFailure) -> ControlMessage? {
        guard case .refused = failure, let texts else { return nil }
        return try? CheckRequest(texts, inputs, environment, for: invocation.value("user")).encode()
    }
}
