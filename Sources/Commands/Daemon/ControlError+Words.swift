import ControlProtocol
import Policy

extension ControlError {
    /// What was answered, in words. A refusal is shown by `RefusalText`, reason by reason.
    var words: (message: String, help: String?) {
        switch self {
        case .refused(let refusal, _): (refusal.reasons.all.map { ReasonWords($0).message }.joined(separator: "; "), nil)
        case .launchFailed(let fault): fault.words
        case .notPermitted(let problem): ("sandboxd does not permit this: \(Escaping.line(problem))", nil)
        case .noSuchSession(let id): ("no session runs under \(Escaping.quoted(id))", "`sandboxctl sessions` shows what runs")
        case .noSuchApproval(let id): ("no call waits under \(Escaping.quoted(id))", "`sandboxctl approvals list` shows what waits")
        case .noSuchPin(let id):
            (
                "nothing awaits a review under \(Escaping.quoted(id))",
                "the server may say another thing by now; `sandboxctl pins review` shows what it is"
            )
        case .noSuchRefusal(let id):
            ("the ledger of refusals has no \(Escaping.quoted(id)) that you may see", "`sandboxctl refusals list --all` shows what it has")
        case .notErased(let problem): ("nothing is erased: \(Escaping.line(problem))", nil)
        case .storeUnavailable(let problem):
            (
                "sandboxd cannot use what it keeps of earlier sessions: \(Escaping.line(problem))",
                "make room below its state directory; a damaged `store/sandboxd.sqlite` can be moved away"
            )
        case .logUnavailable(let problem):
            (
                "sandboxd cannot write its log of receipts: \(Escaping.line(problem))",
                "`sandboxctl receipts verify` says what is wrong with it"
            )
        case .invalidParameter(let name):
            ("sandboxd does not accept \(Escaping.quoted(name))", "sandboxctl and sandboxd may be of different versions")
        case .expectedMore: ("sandboxd answers this again and again alone", "sandboxctl and sandboxd may be of different versions")
        case .interfaceNotFound(let name), .methodNotFound(let name), .methodNotImplemented(let name):
            ("sandboxd does not know \(Escaping.quoted(name))", "sandboxctl and sandboxd are of different versions")
        }
    }
}

extension LaunchFault {
    fileprivate var words: (message: String, help: String?) {
        (
            "the server was not launched: step \(Escaping.quoted(step)) failed\(about)",
            "nothing is left running; `sandboxctl doctor` shows what works on this host"
        )
    }

    /// What is known beside the step: an errno, and what it was about.
    private var about: String {
        let isErrno = error.hasPrefix("E") && error.utf8.dropFirst().first.map { $0 > UInt8(ascii: "9") } == true
        let parts = [isErrno ? ErrnoWords.text(error) : nil, detail.isEmpty ? nil : Escaping.line(detail)].compactMap(\.self)
        return parts.isEmpty ? "" : ": " + parts.joined(separator: ", ")
    }
}
