import ControlProtocol
import Descriptors
import StrictJSON

/// `sandboxctl budgets list` and `budgets reset`.
enum BudgetsCommands {
    static let list = Command(
        "budgets list", "show what is spent of budgets per day",
        options: [CommandTable.Shared.json, CommandTable.Shared.socket],
        help: """
            Shown are your own, and to root all of them. A budget with `per: day` is shared by all sessions of a user under
            policies of its policy's name, or under its layer, and starts anew at midnight UTC. Where no sandboxd answers, those
            of your private ones are shown.

            The exit status is 0, or 5 when the daemon, or what it keeps, cannot be reached.
            """,
        run: { invocation, console in
            DaemonQuestion.perform(console) { () throws(DaemonQuestion.Problem) in
                let reply = try DaemonQuestion.ask(.listBudgets, ControlMessage(), invocation)
                guard let list = reply["budgets"]?.array else { throw .malformed }
                let budgets = list.compactMap(BudgetSummary.init)
                guard budgets.count == list.count else { throw .malformed }
                if invocation.has("json") {
                    let json: JSON = ["budgets": .array(budgets.map(\.json))]
                    console.write(json.encoded() + [UInt8(ascii: "\n")])
                } else {
                    console.write(text(budgets))
                }
                return .success
            }
        })

    static let reset = Command(
        "budgets reset", "let budgets per day start anew",
        options: [
            Option("budget", .value("NAME"), "only budgets of this name"),
            Option("document", .value("NAME"), "only those of the policy or layer of this name"),
            Option("uid", .value("UID"), "only those of this user; for root"), CommandTable.Shared.json, CommandTable.Shared.socket,
        ],
        help: """
            Without options all are, of your own with a private sandboxd, and of everybody for root. What the system's sandboxd
            keeps is for root to start anew.

            The exit status is 0, 1 when you may not, or 5 when the daemon, or what it keeps, cannot be reached.
            """,
        run: { invocation, console in
            var selection = BudgetSelection(document: invocation.value("document"), budget: invocation.value("budget"))
            if let text = invocation.value("uid") {
                guard let uid = UInt32(text) else {
                    console.warn(ProblemText.text(("\(Escaping.quoted(text)) is no uid", "give a number"), console.errorStyle))
                    return .usage
                }
                selection.caller = uid
            }
            return DaemonQuestion.perform(console) { () throws(DaemonQuestion.Problem) in
                let reply = try DaemonQuestion.ask(.resetBudgets, selection.encode(), invocation)
                guard let count = reply["reset"]?.int64 else { throw .malformed }
                if invocation.has("json") {
                    let json: JSON = ["reset": .number(JSONNumber(count))]
                    console.write(json.encoded() + [UInt8(ascii: "\n")])
                } else {
                    console.write(count == 1 ? "1 budget starts anew\n" : "\(count) budgets start anew\n")
                }
                return .success
            }
        })

    private static func text(_ budgets: [BudgetSummary]) -> String {
        guard !budgets.isEmpty else { return "nothing is spent today\n" }
        return budgets.map { one in
            let document = one.kind == .layer ? "layer \(Escaping.quoted(one.document))" : Escaping.quoted(one.document)
            return
                "\(Escaping.quoted(one.budget)) of \(document): \(Escaping.line(one.spent)) of \(Escaping.line(one.limit)) spent, by uid \(one.caller)\n"
        }.joined()
    }
}
