import ControlProtocol
import Policy

extension ControlError {
    /// What was answered, in words. A refusal is shown by `RefusalText`, reason by reason.
    var words: (message: String, help: String?) {
        switch self {
        case .refused(let refusal): (refusal.reasons.all.map { ReasonWords($0).message }.joined(separator: "; "), nil)
        case .launchFailed(let fault): fault.words
        case .notPermitted(let problem): ("sandboxd does not permit this: \(Escaping.line(problem))", nil)
        case .invalidParameter(let name):
            ("sandboxd does not accept \(Escaping.quoted(name))", "sandboxctl and sandboxd may be of different versions")
        case .interfaceNotFound(let name), .methodNotFound(let name), .methodNotImplemented(let name):
            ("sandboxd does not know \(Escaping.quoted(name))", "sandboxctl and sandboxd are of different versions")
        }
    }
}

extension LaunchFault {
    fileprivate var words: (message: String, help: String?) {
        let about = detail.isEmpty ? "" : " (\(Escaping.line(detail)))"
        return (
            "the server was not launched: step \(Escaping.quoted(step)) failed: \(ErrnoWords.text(error))\(about)",
            "nothing is left running; `sandboxctl doctor` shows what works on this host"
        )
    }
}
