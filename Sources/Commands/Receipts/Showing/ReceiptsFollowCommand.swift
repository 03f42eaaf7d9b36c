import Descriptors
import Evidence

/// `sandboxctl receipts follow`: receipts as they come.
enum ReceiptsFollowCommand {
    static let command = Command(
        "receipts follow", "print receipts as they come",
        options: ReceiptCriteria.Options.all + [
            Option("json", .flag, "print the lines of the log as they are"), CommandTable.Shared.socket,
        ],
        arguments: .several("[PATH]", 0...1),
        help: """
            KIND is one of \(ReceiptKind.allCases.map(\.rawValue).joined(separator: ", ")).

            \(LogPlace.paragraph)
            \(DaemonLog.paragraph)

            Begins with the next receipt; with `--from` those since that time come first. What a gate states is in the log within
            a second or two. Ends when it is interrupted, or nobody reads any more. Nothing is verified: see `receipts verify`.

            The exit status is 0, 1 when a line is no receipt, or receipts are missing or were removed, 5 when there is no log.
            """,
        run: { DaemonLog.run($0, $1, growing: true, run) })

    private static func run(_ invocation: Invocation, _ console: Console) -> ExitStatus {
        let path = invocation.arguments.first ?? ReceiptPlace.daemonLog
        do throws(FollowProblem) {
            let criteria = try criteria(invocation)
            let pause = try pause()
            var following = Following(criteria, isJSON: invocation.has("json"), console)
            try following.run(path, pause)
            return following.isWhole ? .success : .finding
        } catch {
            console.warn(ProblemText.text(error.words(path), console.errorStyle))
            return error.status
        }
    }

    private static func criteria(_ invocation: Invocation) throws(FollowProblem) -> ReceiptCriteria {
        do { return try ReceiptCriteria(invocation) } catch { throw .criteria(error) }
    }

    private static func pause() throws(FollowProblem) -> FollowPause {
        do { return try FollowPause() } catch { throw .noSignals(error) }
    }
}

/// Why a log cannot be followed, or no longer.
enum FollowProblem: Error {
    case criteria(ReceiptCriteria.Problem)
    case noSignals(Errno)
    case log(ReceiptSourceError)

    func words(_ path: String) -> (message: String, help: String?) {
        switch self {
        case .criteria(let problem): problem.words
        case .noSignals(let error): ("cannot wait for signals: \(ErrnoWords.text(error.name))", nil)
        case .log(let error): ReceiptLines.unreadable(path, error)
        }
    }

    var status: ExitStatus {
        switch self {
        case .criteria: .usage
        case .noSignals: .unreachable
        case .log(let error): ReceiptLines.status(error)
        }
    }
}

/// One following of a log.
private struct Following {
    private var showing: ReceiptShowing
    private let hasPast: Bool
    private let console: Console
    private var next: UInt64?
    /// Retention removes receipts from what is there already, and from nothing that comes.
    private var isLive = false
    private var areAll = true

    init(_ criteria: ReceiptCriteria, isJSON: Bool, _ console: Console) {
        // What comes is hardly ever signed yet: that says nothing here.
        showing = ReceiptShowing(criteria, isJSON: isJSON, signedSize: .max, window: 0, console)
        hasPast = criteria.from != nil
        self.console = console
    }

    var isWhole: Bool { areAll && showing.areReceipts }

    mutating func run(_ path: String, _ pause: borrowing FollowPause) throws(FollowProblem) {
        do {
            var reader = try ReceiptSource(path).reader()
            // Of what is there already it must be known what later receipts refer to.
            var goesOn = try read(&reader, pause, isPast: !hasPast)
            isLive = true
            while goesOn, pause.wait(for: console.output) { goesOn = try read(&reader, pause, isPast: false) }
        } catch {
            throw .log(error)
        }
    }

    /// To the present end; false when it is time to end.
    private mutating func read(
        _ reader: inout ReceiptReader, _ pause: borrowing FollowPause, isPast: Bool
    ) throws(ReceiptSourceError) -> Bool {
        while let stored = try reader.next() {
            if pause.isInterrupted || !take(ReceiptLines.Item(stored), isPast: isPast) { return false }
        }
        return true
    }

    private mutating func take(_ item: ReceiptLines.Item, isPast: Bool) -> Bool {
        if case .receipt(let record) = item { follow(record.number) }
        if isPast {
            showing.pass(item)
            return true
        }
        return showing.show(item)
    }

    private mutating func follow(_ number: UInt64) {
        if isLive, let next, number != next {
            console.say("receipt \(number) comes where \(next) follows: receipts are missing, or were moved")
            areAll = false
        }
        next = number &+ 1
    }
}
