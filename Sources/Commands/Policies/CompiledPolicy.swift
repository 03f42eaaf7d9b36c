import KernelPlan
import Policy

/// One policy, compiled for one host: what `plan` and `explain` begin with.
struct CompiledPolicy {
    let local: LocalPolicy
    let host: HostChoice.Host
    let plan: KernelPlan

    /// Why there is none.
    enum Failure: Error {
        /// With the texts that its places are in, as far as there are any.
        case refused(Refusal, PolicyTexts?)
        case other(CompileFailure)
    }

    /// Compiles the one policy of a command line and hands it to `body`; a refusal is printed, and so is why there is no host to ask.
    static func run(_ invocation: Invocation, _ console: Console, _ body: (CompiledPolicy) -> Void) -> ExitStatus {
        do throws(Failure) {
            let inputs = try Self.inputs(invocation)
            var hosts = try Self.hosts(invocation)
            let layers = LayerChoice(invocation)
            layers.warn(console)
            let policy = try CompiledPolicy(invocation.arguments.first ?? "", inputs: inputs, layers: layers) { () throws(Failure) in
                do throws(HostFailure) { return try hosts.hosts()[0] } catch { throw .other(.host(error)) }
            }
            body(policy)
            return .success
        } catch {
            return error.report(console)
        }
    }

    /// `host` is asked only when the policy is without fault whatever the host.
    init(
        _ name: String, inputs: [String: String], layers: LayerChoice, host: () throws(Failure) -> HostChoice.Host
    ) throws(Failure) {
        let environment = CallerEnvironment.current()
        let texts: PolicyTexts
        do { texts = try PolicyTexts(name, finder: PolicyFinder(environment), layers: layers) } catch { throw .refused(error, nil) }
        do { local = try LocalPolicy(texts, inputs: inputs, environment) } catch { throw .refused(error, texts) }
        self.host = try host()
        do { plan = try local.plan(for: self.host.profile) } catch { throw .refused(error, texts) }
    }

    static func inputs(_ invocation: Invocation) throws(Failure) -> [String: String] {
        do { return try invocation.assignments("set") } catch { throw .other(.usage(error)) }
    }

    static func hosts(_ invocation: Invocation) throws(Failure) -> HostChoice {
        do { return try HostChoice(invocation, .current()) } catch { throw .other(.host(error)) }
    }
}

extension CompiledPolicy.Failure {
    /// Prints it on standard error.
    func report(_ console: Console) -> ExitStatus {
        switch self {
        case .refused(let refusal, let texts):
            let source = { (name: String) in texts?.source(name) }
            console.warn(RefusalText(source: source, style: console.errorStyle).text(refusal.reasons.all))
            return .refused
        case .other(let failure):
            console.warn(ProblemText.text(failure.words, console.errorStyle))
            return failure.status
        }
    }
}
