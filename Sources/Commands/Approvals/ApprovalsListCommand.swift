import ControlProtocol
import Descriptors
import StrictJSON

/// `sandboxctl approvals list`: the calls that wait for a person.
enum ApprovalsListCommand {
    static let command = Command(
        "approvals list", "show the calls, and what servers ask for, that wait for a person",
        options: [CommandTable.Shared.json, CommandTable.Shared.socket],
        help: """
            Shown are your own calls and what your servers ask clients for, and those that you may decide about; root sees all.
            Where no sandboxd answers, your private ones are asked one by one.

            The exit status is 0, or 5 when the daemon cannot be reached.
            """,
        run: { invocation, console in
            ApprovalQuestion.perform(console) { () throws(ApprovalQuestion.Problem) in try list(invocation, console) }
        })

    private static func list(_ invocation: Invocation, _ console: Console) throws(ApprovalQuestion.Problem) -> ExitStatus {
        var found: [ApprovalSummary] = []
        var omitted = 0
        for source in try ApprovalQuestion.sources(invocation) {
            let (own, left) = try waiting(at: source)
            found += own
            omitted += left
        }
        if invocation.has("json") {
            let json: JSON = ["approvals": .array(found.map(\.json)), "omitted": JSON(omitted)]
            console.write(json.encoded() + [UInt8(ascii: "\n")])
        } else {
            let now = Int64(Clock.realtime / 1_000_000_000)
            console.write(ApprovalText.list(found, now: now, width: console.columns, console.outputStyle))
            if omitted > 0 { console.write("… and \(omitted) more\n") }
        }
        return .success
    }

    /// What waits at one daemon, and how much more there is.
    static func waiting(at source: ApprovalSource) throws(ApprovalQuestion.Problem) -> ([ApprovalSummary], Int) {
        let reply: ControlMessage
        do { reply = try source.call(.listApprovals) } catch { throw .failed(error, source: source.name) }
        guard let list = reply.parameters["approvals"]?.array, let omitted = reply.parameters["omitted"]?.int64 else {
            throw .malformed(source: source.name)
        }
        let found = list.compactMap { ApprovalSummary($0) }
        guard found.count == list.count else { throw .malformed(source: source.name) }
        return (found, Int(omitted))
    }
}
