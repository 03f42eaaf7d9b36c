import ControlProtocol
import Descriptors
import StrictJSON

/// `sandboxctl pins list`, `review`, `accept` and `reject`.
enum PinsCommands {
    private typealias Problem = DaemonQuestion.Problem

    private static let shared = [CommandTable.Shared.json, CommandTable.Shared.socket]

    static let list = Command(
        "pins list", "show what servers said of themselves, and what became of it",
        options: shared,
        help: """
            Each tool is held to what the server said of it when it was first seen under the policy's and the server's name
            (`pins: first-seen`), or to what you accepted (`pins: required`). Shown are your own, and to root all of them.

            The exit status is 0, or 5 when the daemon, or what it keeps, cannot be reached.
            """,
        run: { invocation, console in
            DaemonQuestion.perform(console) { () throws(DaemonQuestion.Problem) in
                let (pins, omitted) = try all(invocation)
                if invocation.has("json") {
                    write(["pins": .array(pins.map(\.json)), "omitted": JSON(omitted)], console)
                } else {
                    console.write(PinText.list(pins))
                    if omitted > 0 { console.write("… and \(omitted) more\n") }
                }
                return .success
            }
        })

    static let review = Command(
        "pins review", "show what servers say otherwise than what was accepted",
        options: shared, arguments: .several("ID…", 0...64),
        help: """
            Shows each definition that awaits a review, as a difference to what is accepted, or whole where nothing is. Until it
            is accepted or rejected its tool is not shown to clients, and its calls are blocked (D131, D132). Characters that
            could mislead are escaped.

            The exit status is 0 when nothing awaits a review, 1 when something does, or 5 when the daemon, or what it keeps,
            cannot be reached.
            """,
        run: { invocation, console in
            DaemonQuestion.perform(console) { () throws(DaemonQuestion.Problem) in
                var ids = invocation.arguments
                if ids.isEmpty { ids = try all(invocation).pins.filter { $0.state == .drifted || $0.state == .unreviewed }.map(\.id) }
                let shown = try ids.map { id throws(DaemonQuestion.Problem) in try show(id, invocation) }
                if invocation.has("json") {
                    let text = { (definition: String?) -> JSON in definition.map(JSON.string) ?? .null }
                    write(
                        ["pins": .array(shown.map { ["pin": $0.pin.json, "accepted": text($0.accepted), "told": text($0.told)] })], console)
                } else {
                    console.write(
                        shown.isEmpty
                            ? "nothing awaits a review\n" : shown.map { PinText.whole($0, console.outputStyle) }.joined(separator: "\n")
                    )
                }
                return shown.isEmpty ? .success : .finding
            }
        })

    static let accept = Command(
        "pins accept", "accept what a server says",
        options: [Option("all", .flag, "everything that awaits a review")] + shared, arguments: .several("ID…", 0...64),
        help: """
            From now on the tool is held to this definition. The id is that of `pins review`, and names exactly what was shown
            there. Sessions that run take the tool up again when their client lists the tools anew.

            The exit status is 0, 1 when nothing awaits a review under an id, or 5 when the daemon, or what it keeps, cannot be
            reached.
            """,
        run: { invocation, console in decide(.acceptPin, "accepted", invocation, console) })

    static let reject = Command(
        "pins reject", "do not accept what a server says",
        options: [Option("all", .flag, "everything that awaits a review")] + shared, arguments: .several("ID…", 0...64),
        help: """
            The tool stays held to what was accepted before, and in quarantine for as long as the server says another thing. It is
            not asked about again unless the server says something new.

            The exit status is 0, 1 when nothing awaits a review under an id, or 5 when the daemon, or what it keeps, cannot be
            reached.
            """,
        run: { invocation, console in decide(.rejectPin, "rejected", invocation, console) })

    private static func decide(
        _ method: ControlInterface.Method, _ word: String, _ invocation: Invocation, _ console: Console
    ) -> ExitStatus {
        guard invocation.has("all") != !invocation.arguments.isEmpty else {
            console.warn(ProblemText.text(("give ids, or `--all`", "`sandboxctl pins review` shows them"), console.errorStyle))
            return .usage
        }
        return DaemonQuestion.perform(console) { () throws(DaemonQuestion.Problem) in
            var ids = invocation.arguments
            if invocation.has("all") { ids = try all(invocation).pins.filter { $0.state == .drifted || $0.state == .unreviewed }.map(\.id) }
            var decided: [PinSummary] = []
            for id in ids {
                let reply = try DaemonQuestion.ask(method, ControlMessage(JSONObject([("pin", .string(id))])), invocation)
                guard let pin = PinSummary(reply["pin"]) else { throw .malformed }
                decided.append(pin)
                if !invocation.has("json") { console.write("\(word) \(PinText.subject(pin))\n") }
            }
            if invocation.has("json") { write(["pins": .array(decided.map(\.json))], console) }
            return .success
        }
    }

    private static func all(_ invocation: Invocation) throws(DaemonQuestion.Problem) -> (pins: [PinSummary], omitted: Int) {
        let reply = try DaemonQuestion.ask(.listPins, ControlMessage(), invocation)
        guard let list = reply["pins"]?.array, let omitted = reply["omitted"]?.int64 else { throw .malformed }
        let pins = list.compactMap { PinSummary($0) }
        guard pins.count == list.count else { throw .malformed }
        return (pins, Int(omitted))
    }

    private static func show(_ id: String, _ invocation: Invocation) throws(DaemonQuestion.Problem) -> PinText.Shown {
        let reply = try DaemonQuestion.ask(.showPin, ControlMessage(JSONObject([("pin", .string(id))])), invocation)
        guard let pin = PinSummary(reply["pin"]) else { throw .malformed }
        return PinText.Shown(pin: pin, accepted: reply["accepted"]?.string, told: reply["told"]?.string)
    }

    private static func write(_ json: JSON, _ console: Console) { console.write(json.encoded() + [UInt8(ascii: "\n")]) }
}
