import ControlProtocol

/// What is refused before there is anything to ask for is handed in, so that it is judged and recorded like what sandboxd refuses.
extension WrapPreparation {
    /// The same failure, with its entry in the ledger where it has one now. What another host would refuse is not this one's to record.
    func recorded(_ failure: WrapFailure) -> WrapFailure {
        guard case .refused(let refusal) = failure, let texts, !invocation.has("host"), !invocation.has("layers") else { return failure }
        let reporter = RefusalReporter(DaemonLine(DaemonChoice(invocation, environment), environment), environment)
        defer { reporter.finish() }
        guard case .recorded(let entry)? = reporter.refused(texts, inputs: inputs, for: invocation.value("user")) else { return failure }
        return .call(.answered(.refused(refusal, entry: entry)))
    }

    /// The call that hands it in; nil where there is nothing to hand in, or no way to.
    func question(about failure: WrapFailure) -> ControlMessage? {
        guard case .refused = failure, let texts else { return nil }
        return try? CheckRequest(texts, inputs, environment, for: invocation.value("user")).encode()
    }
}
