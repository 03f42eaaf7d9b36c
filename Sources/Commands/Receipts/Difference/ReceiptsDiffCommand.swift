import Descriptors
import Evidence
import StrictJSON

/// `sandboxctl receipts diff`: what is otherwise in a second log, and whether that is worse.
enum ReceiptsDiffCommand {
    static let command = Command(
        "receipts diff", "compare what two logs show; for CI",
        options: [CommandTable.Shared.json],
        arguments: .several("BEFORE AFTER", 2...2),
        help: """
            Servers are told apart by name, messages by server, side, method and tool or prompt; arguments are not compared, since
            their commitments differ by session. A regression is one of these:

              custody-weaker       receipts kept by a user, where BEFORE has only those kept by the daemon
              laxer                what was blocked whenever it came is now held or forwarded, or what was held or blocked whenever
                                   it came is now forwarded without a person
              claim-lost           a claim about a server is weaker (observed, inferred, reported, absent), is not made any more by
                                   its launches, or is now said to be absent
              new-refusal          a policy is refused for a reason that BEFORE does not have for that server
              new-launch-failure   a launch fails at a step at which none failed
              new-violation        a gate breaks the protocol in a way that BEFORE does not have
              new-kernel-denial    the kernel stops an act, by kind and destination, that it did not stop of that server
              new-drift            a definition is not what was accepted, which was none of BEFORE's

            and that either does not verify. What a server did not do in AFTER is none. All other changes are listed.

            BEFORE and AFTER are each a PATH.
            \(LogPlace.paragraph)

            The exit status is 0, 1 on a regression, or when one of them does not verify or is too large to be compared, 5 when
            there is no log.
            """,
        run: run)

    private static func run(_ invocation: Invocation, _ console: Console) -> ExitStatus {
        do throws(DifferenceProblem) {
            let before = try read(invocation.arguments[0])
            let after = try read(invocation.arguments[1])
            let difference = ReceiptDifference(before, after)
            console.write(
                invocation.has("json") ? difference.json.encoded() + [UInt8(ascii: "\n")] : Array(difference.text(console.outputStyle).utf8)
            )
            return difference.regressions.isEmpty ? .success : .finding
        } catch {
            if invocation.has("json"), let json = error.json { console.write(json.encoded() + [UInt8(ascii: "\n")]) }
            console.warn(ProblemText.text(error.words, console.errorStyle))
            return error.status
        }
    }

    private static func read(_ path: String) throws(DifferenceProblem) -> ComparedLog {
        let verification = verify(directory: path)
        if let error = verification.directoryError { throw .noLog(path, .system(error)) }
        guard verification.isGood else { throw .unverified(path, verification.findings.first) }
        var log = ComparedLog()
        var reading = VerifiedReading(verification, of: path)
        do {
            try ReceiptLines(path: path).read { item in
                guard reading.goesOn(to: item) else { return false }
                if case .receipt(let record) = item { log.add(record) }
                return true
            }
        } catch {
            throw .noLog(path, error)
        }
        guard reading.isUnchanged else { throw .changed(path) }
        guard !log.isTooLarge else { throw .tooLarge(path) }
        return log
    }
}

/// Why two logs are not compared. Each but the first is a regression of its own.
private enum DifferenceProblem: Error {
    case noLog(String, ReceiptSourceError)
    case unverified(String, Finding?)
    case changed(String)
    case tooLarge(String)

    var words: (message: String, help: String?) {
        switch self {
        case .noLog(let path, let error): ReceiptLines.unreadable(path, error)
        case .unverified(let path, let finding):
            (
                "\(Escaping.quoted(path)) does not verify" + (finding.map { ": \($0.text)" } ?? ""),
                "nothing is compared with it: `sandboxctl receipts verify` says all that is wrong"
            )
        case .changed(let path): ("\(Escaping.quoted(path)) was not the same when it was read again", "it is being written, or changed")
        case .tooLarge(let path):
            ("\(Escaping.quoted(path)) has more than \(ComparedLog.limit) kinds of one thing", "compare bundles of shorter times")
        }
    }

    var status: ExitStatus {
        switch self {
        case .noLog(_, let error): ReceiptLines.status(error)
        case .unverified, .changed, .tooLarge: .finding
        }
    }

    /// As a regression, for machines.
    var json: JSON? {
        let named: (String, String)? =
            switch self {
            case .noLog: nil
            case .unverified(let path, _): ("unverified", path)
            case .changed(let path): ("changed", path)
            case .tooLarge(let path): ("too-large", path)
            }
        return named.map { code, path in
            [
                "regressions": [["code": .string(code), "server": "", "what": [.string(path)], "before": .null, "after": .null]],
                "changes": [],
            ]
        }
    }
}
