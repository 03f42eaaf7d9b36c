import KernelPlan
import PathFinding
import Policy

/// Says of acts whether a policy permits them: by the policy alone, whatever the host, and whatever ordinary permissions say.
struct ActJudge: Sendable {
    private let resolved: ResolvedPolicy
    private let meaning: PolicyMeaning

    init(_ resolved: ResolvedPolicy) {
        self.resolved = resolved
        meaning = PolicyMeaning(resolved.policy, launching: resolved.launch)
    }

    func permits(_ act: PolicyAct) -> Bool {
        switch act {
        case .connect(let address, let port): meaning.permits(.connect(.connect, address, port: port))
        case .connectNamed(let speech, let name, let port): meaning.permits(speech, with: name, port: port)
        case .send(let address, let port): resolved.endpoints(.sendUDP).contains(address, port)
        case .bind(let address, let port): resolved.endpoints(.listenTCP).contains(address, port)
        case .connectUnix(let path): resolved.connectsUnix(to: PresentPath.resolved(path))
        case .file(let verb, let path): permits(verb, PresentPath.resolved(path))
        case .spawn: meaning.permits(.makeProcess)
        }
    }

    private func permits(_ verb: PolicyAct.FileVerb, _ path: String) -> Bool {
        switch verb {
        case .read: meaning.permits(.file(.read, path: path))
        case .list: meaning.permits(.file(.list, path: path))
        case .write: meaning.permits(.file(.write, path: path))
        case .create: meaning.permits(.file(.makeFile, path: path))
        case .remove: meaning.permits(.file(.remove, path: path))
        case .execute: meaning.permits(.execute(path: path))
        case .chmod: meaning.permits(.metadata(.mode, path: path, of: .own))
        }
    }
}
