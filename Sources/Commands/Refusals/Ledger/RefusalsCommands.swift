import ControlProtocol
import Descriptors
import Policy
import StrictJSON

/// `sandboxctl refusals list`, `show`, `note` and `close`.
enum RefusalsCommands {
    private typealias Problem = DaemonQuestion.Problem

    private static let shared = [CommandTable.Shared.json, CommandTable.Shared.socket]

    /// What a list is narrowed to.
    static let filters = [
        Option("all", .flag, "what is closed and what is resolved, too"), Option("policy", .value("NAME"), "only policies of this name"),
        Option("code", .value("CODE"), "only what was last refused for this reason, e.g. R203"),
    ]

    static let list = Command(
        "refusals list", "show which policies were refused, and are not exact since",
        options: filters + shared,
        help: """
            An entry is a policy's name and the user it was refused for, at `wrap` or at `check`: the same refusal again is counted.
            Shown are your own, and to root and members of `sandboxd-auditors` everybody's. Where no sandboxd answers, those of your
            private ones are shown.

            `open`: it is refused. `closed`: somebody has looked; that permits nothing, and another text, another reason or another
            host opens it again. `resolved`: a policy of this name was exact since.

            The exit status is 0, or 5 when the daemon, or what it keeps, cannot be reached.
            """,
        run: { invocation, console in
            DaemonQuestion.perform(console) { () throws(DaemonQuestion.Problem) in
                let (entries, omitted) = try LedgerSource.ask(invocation) { source throws(DaemonQuestion.Problem) in try source.list() }
                let selected = LedgerSelection(invocation).of(entries)
                if invocation.has("json") {
                    write(["refusals": .array(selected.map(\.json)), "omitted": .number(JSONNumber(omitted))], console)
                } else {
                    console.write(
                        LedgerText.list(
                            selected, isFiltered: LedgerSelection(invocation).isNarrow, omitted: omitted, width: console.columns,
                            console.outputStyle))
                }
                return .success
            }
        })

    static let show = Command(
        "refusals show", "show a refused policy: reasons, ways out, host, and what happened since",
        options: shared, arguments: .one("ID"),
        help: """
            Reasons are shown as they were at launch, with the lines that they stand in. The text of a layer is quoted only where it is
            still the same and you may read it.

            The exit status is 0, 1 when there is no such entry that you may see, or 5 when the daemon, or what it keeps, cannot be
            reached.
            """,
        run: { invocation, console in
            DaemonQuestion.perform(console) { () throws(DaemonQuestion.Problem) in
                let id = invocation.arguments.first ?? ""
                let entry = try LedgerSource.ask(invocation) { source throws(DaemonQuestion.Problem) in try source.show(id) }
                if invocation.has("json") {
                    write(LedgerJSON.json(entry), console)
                } else {
                    console.write(LedgerText.whole(entry, console.outputStyle))
                }
                return .success
            }
        })

    static let note = Command(
        "refusals note", "add a remark to a refused policy",
        options: shared, arguments: .several("ID TEXT", 2...2),
        help: """
            For whoever the policy was refused for, root, and members of `sandboxd-auditors`. The remark is shown with the entry, and
            recorded in a receipt.

            The exit status is 0, 1 when there is no such entry that you may see, or 5 when the daemon, or what it keeps, cannot be
            reached.
            """,
        run: { invocation, console in remark(.noteRefusal, invocation.arguments.last ?? "", invocation, console) })

    static let close = Command(
        "refusals close", "say that somebody has looked at a refused policy; permits nothing",
        options: [Option("reason", .value("TEXT"), "why; shown with the entry")] + shared, arguments: .one("ID"),
        help: """
            Closing permits nothing: the policy is refused as before, at `wrap` and at `check`. The entry leaves the list, and comes
            back when it is refused for another text, another reason or on another host. For root and members of
            `sandboxd-auditors`; of a private sandboxd, for its user. Who closed it, and why, is recorded in a receipt.

            The exit status is 0, 1 when you may not or there is no such entry, or 5 when the daemon, or what it keeps, cannot be
            reached.
            """,
        run: { invocation, console in
            guard let reason = invocation.value("reason"), !reason.isEmpty else {
                console.warn(ProblemText.text(("`--reason` is missing", "say why nothing is to be done about it"), console.errorStyle))
                return .usage
            }
            return remark(.closeRefusal, reason, invocation, console)
        })

    /// Bytes of a remark.
    private static let longest = 2_048

    private static func remark(
        _ method: ControlInterface.Method, _ words: String, _ invocation: Invocation, _ console: Console
    ) -> ExitStatus {
        guard !words.isEmpty, words.utf8.count <= longest else {
            console.warn(ProblemText.text(("a remark has 1 to \(longest) bytes", nil), console.errorStyle))
            return .usage
        }
        return DaemonQuestion.perform(console) { () throws(DaemonQuestion.Problem) in
            let id = invocation.arguments.first ?? ""
            let entry = try LedgerSource.ask(invocation) { source throws(DaemonQuestion.Problem) in try source.remark(method, words, on: id)
            }
            if invocation.has("json") {
                write(["refusal": entry.json], console)
            } else {
                let word = method == .closeRefusal ? "closed, which permits nothing" : "noted"
                console.write("\(word): policy \(Escaping.quoted(entry.policy)) of uid \(entry.caller)\n")
            }
            return .success
        }
    }

    private static func write(_ json: JSON, _ console: Console) { console.write(json.encoded() + [UInt8(ascii: "\n")]) }
}

/// The entries that a command line is about.
struct LedgerSelection {
    private let all: Bool
    private let policy: String?
    private let code: String?

    init(_ invocation: Invocation) {
        all = invocation.has("all")
        policy = invocation.value("policy")
        code = invocation.value("code")
    }

    var isNarrow: Bool { policy != nil || code != nil }

    func of(_ entries: [RefusalSummary]) -> [RefusalSummary] {
        entries.filter { entry in
            (all || entry.state == .open) && (policy == nil || entry.policy.utf8.elementsEqual(policy!.utf8))
                && (code == nil || entry.codes.contains(code!.uppercased()))
        }
    }
}
