import Descriptors
import Evidence
import StrictJSON

/// `receipts verify … --arguments FILE --result FILE`: is this what a receipt commits to?
struct ContentQuestion {
    /// What was given, in this order.
    private let contents: [(subject: Commitment.Subject, file: String)]
    /// The receipt of a log; a proof has its own.
    let receipt: String?
    private let key: String?

    static let options = [
        Option("receipt", .value("RECEIPT"), "the receipt that contents are held against: its number, or SESSION:NUMBER"),
        Option("arguments", .value("FILE"), "whether the receipt commits to these arguments, as JSON"),
        Option("result", .value("FILE"), "whether the receipt commits to this answer: the whole JSON-RPC message"),
        Option("commitment-key", .value("KEY"), "the session's key, or a file with it; without it the one that the log keeps"),
    ]

    static let paragraph = """
        Receipts hold no contents, but codes of them: HMAC-SHA-256 under the session's key, which the log keeps in
        `commitment-keys/SESSION` (64 hexadecimal digits, 32 bytes). `arguments` of a decision or hold is the code of the
        canonical JSON (RFC 8785) of what was asked: of tools/call `params.arguments` (`{}` where there are none), of other
        requests the object of the members of `params` that say what is asked for (of resources/read `{"uri":…}`); all as the
        client sent them, before anything was masked. `response` of an outcome is the code of `response`, a line feed, and the
        JSON-RPC message as it was handed on: one line without white space, members in their order, numbers as they were
        sent, strings with the fewest escapes (of RFC 8785), without its line feed. FILE may be spelled in other ways, but
        for the order of a message's members.

        With `--receipt`, and of a proof, contents are compared once all verifies. Then the exit status is 0 when all
        contents match, 1 when one does not, 2 when the receipt commits to no such content.
        """

    /// nil when nothing is asked. Errors: what is asked cannot be answered as it stands.
    init?(_ invocation: Invocation) throws(ContentProblem) {
        contents = [(.arguments, "arguments"), (.response, "result")].compactMap { subject, option in
            invocation.value(option).map { (subject, $0) }
        }
        receipt = invocation.value("receipt")
        key = invocation.value("commitment-key")
        if contents.isEmpty {
            guard receipt == nil, key == nil else { throw .nothingAsked }
            return nil
        }
    }

    /// The number of the receipt in a log.
    func number(in log: String) throws(ContentProblem) -> UInt64 {
        guard let receipt else { throw .noReceipt }
        switch ExplainSubject(receipt) {
        case .receipt(let number): return UInt64(number)
        case .receiptOfSession(let session, let place):
            let wanted = ExplainSubject.receiptOfSession(session, number: place)
            do throws(ReceiptProblem) {
                let found = try ReceiptPlace(log: log, input: .standardInput).receipt(wanted)
                guard let number = found[ReceiptFields.number]?.int64, number >= 0 else { throw .notReceipt }
                return UInt64(number)
            } catch {
                throw .receipt(error)
            }
        case .code, .receiptText, .policy: throw .noReceipt
        }
    }

    /// One answer a content. `log`: where the session's key lies, unless it was given.
    func answers(_ line: [UInt8], log: String?) throws(ContentProblem) -> [ContentAnswer] {
        guard let receipt = CommittedReceipt(line: line) else { throw .receipt(.notReceipt) }
        var answers: [ContentAnswer] = []
        for (subject, file) in contents {
            guard receipt.commits(to: subject) else {
                answers.append(ContentAnswer(subject: subject, file: file, answer: .noCommitment))
                continue
            }
            let key = try key(of: receipt, log)
            guard let content = SmallFile.bytes(file) else { throw .unreadable(file) }
            do throws(Commitment.Problem) {
                answers.append(ContentAnswer(subject: subject, file: file, answer: try receipt.holds(content, as: subject, key: key)))
            } catch {
                throw .content(file, error)
            }
        }
        return answers
    }

    private func key(of receipt: CommittedReceipt, _ log: String?) throws(ContentProblem) -> CommitmentKey {
        if let key {
            guard let key = CommitmentKey(text: key) ?? SmallFile.text(key).flatMap({ CommitmentKey(text: $0) }) else { throw .badKey }
            return key
        }
        guard let log else { throw .noKey(nil) }
        guard let session = receipt.session else { throw .noKey(nil) }
        do throws(Errno) {
            guard let key = try CommitmentKeys(log: log).key(of: session) else { throw .noEntry }
            return key
        } catch {
            throw error == .noEntry ? .noKey(session) : .keyUnreadable(session, error)
        }
    }
}

/// Whether one content is what a receipt commits to.
struct ContentAnswer: Sendable, Hashable {
    let subject: Commitment.Subject
    let file: String
    let answer: CommittedReceipt.Answer

    func text(_ style: Style) -> String {
        let file = Escaping.quoted(file)
        return switch answer {
        case .match: style(.good, "match:") + " \(file) is what the receipt commits to as \(subject.words)"
        case .noMatch: style(.error, "no match:") + " \(file) is not what the receipt commits to as \(subject.words)"
        case .noCommitment: style(.error, "no commitment:") + " this receipt commits to no \(subject.words)"
        }
    }

    var json: JSON { ["subject": .string(subject.rawValue), "file": .string(file), "answer": .string(answer.rawValue)] }

    static func status(_ answers: [ContentAnswer]) -> ExitStatus {
        if answers.contains(where: { $0.answer == .noCommitment }) { return .usage }
        return answers.allSatisfy { $0.answer == .match } ? .success : .finding
    }
}

extension Commitment.Subject {
    fileprivate var words: String {
        switch self {
        case .arguments: "arguments"
        case .response: "an answer"
        }
    }
}

/// Why contents cannot be compared, in words.
enum ContentProblem: Error, Sendable, Hashable {
    case nothingAsked, noReceipt, badKey
    case receipt(ReceiptProblem)
    case notInLog(UInt64)
    case unreadable(String)
    case content(String, Commitment.Problem)
    /// `nil`: there is no log to look in.
    case noKey(String?)
    case keyUnreadable(String, Errno)

    var words: (message: String, help: String?) {
        switch self {
        case .nothingAsked: ("`--receipt` and `--commitment-key` are for contents", "`--arguments FILE` or `--result FILE` names one")
        case .noReceipt: ("contents are held against one receipt", "`--receipt` names it by its number in the log, or SESSION:NUMBER")
        case .badKey: ("`--commitment-key` is neither a session's key nor a file with one", "it is 64 hexadecimal digits")
        case .receipt(let problem): problem.words
        case .notInLog(let number): ("the log has no receipt \(number)", "`sandboxctl receipts show` lists them")
        case .unreadable(let file): ("cannot read \(Escaping.quoted(file))", nil)
        case .content(let file, .notJSON): ("\(Escaping.quoted(file)) is not one strict JSON document", nil)
        case .content(let file, .notCanonical):
            ("\(Escaping.quoted(file)) has a number that canonical JSON cannot carry: nobody commits to such arguments", nil)
        case .noKey(nil): ("contents are held against a receipt with its session's key", "`--commitment-key KEY` gives it")
        case .noKey(let session?):
            (
                "the log keeps no key of session \(Escaping.quoted(session)): what its receipts commit to cannot be held against anything",
                "`--commitment-key KEY` gives one that was kept elsewhere"
            )
        case .keyUnreadable(let session, let error):
            ("cannot read the key of session \(Escaping.quoted(session)): \(ErrnoWords.text(error.name))", nil)
        }
    }

    var status: ExitStatus {
        switch self {
        case .receipt(let problem): problem.status
        case .keyUnreadable: .unreachable
        case .nothingAsked, .noReceipt, .badKey, .notInLog, .unreadable, .content, .noKey: .usage
        }
    }
}
