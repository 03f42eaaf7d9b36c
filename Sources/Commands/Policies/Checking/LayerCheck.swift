import Descriptors
import Layers
import PathFinding
import Policy
import PolicyText

/// A layer alone: whether it can be read, expanded and resolved here. What it leaves of a policy is the policy's matter.
struct LayerCheck {
    private let variables: PolicyVariables
    private let home: String?

    /// What only a session has is stood in for.
    init(_ environment: CallerEnvironment) {
        var variables = LocalPolicy.variables(nil, inputs: [:], environment)
        variables.server = variables.server ?? "/usr/bin"
        variables.runtime = variables.runtime ?? "/run"
        self.variables = variables
        home = environment.home
    }

    func check(_ file: String, _ bytes: [UInt8]) -> CheckedPolicy {
        let source = PolicySource(name: file, bytes: bytes)
        return CheckedPolicy(file: file, texts: nil, layer: source, verdicts: [PolicyVerdict(host: nil, reasons: reasons(source))])
    }

    private func reasons(_ source: PolicySource) -> [Reason] {
        do throws(Refusal) {
            let layers = try SessionLayers([try PolicyText.parseLayer(source)], variables)
            var question = PathQuestion([], command: nil, home: home, wantsNameservers: false)
            layers.ask(&question)
            var descriptors = DescriptorList()
            let answer = PathAnswer(question, keeping: &descriptors)
            _ = try layers.resolved(with: answer.findings[...], answer.nameservers)
            return []
        } catch {
            return error.reasons.all
        }
    }
}
