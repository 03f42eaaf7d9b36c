import KernelPlan
import Policy

/// One policy, compiled for one host: what `plan` and `explain` begin with.
struct CompiledPolicy {
    let local: LocalPolicy
    let host: HostChoice.Host
    let plan: KernelPlan

    /// Compiles the one policy of a command line and hands it to `body`; a refusal is printed, and so is why there is no host to ask.
    static func run(_ invocation: Invocation, _ console: Console, _ body: (CompiledPolicy) -> Void) -> ExitStatus {
        var texts: PolicyTexts?
        do throws(Failure) {
            body(try CompiledPolicy(invocation, .current(), &texts))
            return .success
        } catch {
            switch error {
            case .refused(let refusal):
                let source = { (name: String) in texts?.source(name) }
                console.warn(RefusalText(source: source, style: console.errorStyle).text(refusal.reasons.all))
                return .refused
            case .other(let failure):
                console.warn(ProblemText.text(failure.words, console.errorStyle))
                return failure.status
            }
        }
    }

    private enum Failure: Error {
        case refused(Refusal)
        case other(CompileFailure)
    }

    private init(_ invocation: Invocation, _ environment: CallerEnvironment, _ texts: inout PolicyTexts?) throws(Failure) {
        let inputs: [String: String]
        do { inputs = try invocation.assignments("set") } catch { throw .other(.usage(error)) }
        var hosts: HostChoice
        do { hosts = try HostChoice(invocation, environment) } catch { throw .other(.host(error)) }
        do {
            let found = try PolicyTexts(invocation.arguments.first ?? "", finder: PolicyFinder(environment))
            texts = found
            local = try LocalPolicy(found, inputs: inputs, environment)
        } catch {
            throw .refused(error)
        }
        do { host = try hosts.hosts()[0] } catch { throw .other(.host(error)) }
        do { plan = try local.plan(for: host.profile) } catch { throw .refused(error) }
    }
}
