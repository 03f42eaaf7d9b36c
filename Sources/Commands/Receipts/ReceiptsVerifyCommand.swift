import Descriptors
import Evidence
import StrictJSON

/// `sandboxctl receipts verify`: finds any change of a signed log, offline.
enum ReceiptsVerifyCommand {
    static let command = Command(
        "receipts verify", "find any change of a log of receipts, or of a proof, offline",
        options: [
            Option("key", .values("KEY"), "a public key that the log must be signed by: its text, or a file with it"),
            Option("checkpoint", .value("FILE"), "a checkpoint that was kept elsewhere: what it signed must still be there"),
            Option("minimum", .value("COUNT"), "so many receipts at least must be signed for"),
            Option("without-contents", .flag, "arguments that are kept are not looked at: a copy of the log is without them"),
        ] + ContentQuestion.options + [CommandTable.Shared.json, CommandTable.Shared.socket] + SignedFile.options,
        arguments: .several("[PATH]", 0...1),
        help: """
            \(LogPlace.paragraph)
            \(DaemonLog.paragraph)
            Or it is a bundle that `receipts bundle` wrote.
            Or it is a file that `receipts proof` wrote, which takes `--key`; one about a log's growth takes the earlier
            `--checkpoint`, too.

            \(SignedFile.paragraph)

            The exit status is 0 when all of it verifies, 1 when anything does not, 5 when there is no log.

            Without `--key` the signatures are checked with the key that lies beside the log: that shows changes by whoever
            does not hold the private key, not a log that was made anew. A log whose key was exchanged is verified by any of its
            keys: each exchange is a receipt that both keys signed. A proof is signed by one; `--key` may stand more than once.

            \(ContentQuestion.paragraph)
            """,
        run: { DaemonLog.run($0, $1, options: ["--without-contents"], run) })

    private static func run(_ invocation: Invocation, _ console: Console) -> ExitStatus {
        let path = invocation.arguments.first ?? "."
        var expectation: LogExpectation
        do { expectation = try self.expectation(invocation) } catch {
            console.warn(ProblemText.text(error.words, console.errorStyle))
            return .usage
        }
        do throws(ContentProblem) {
            let question = try ContentQuestion(invocation)
            if let file = ProofFile(SmallFile.bytes(path) ?? []) {
                return try judge(file, path, expectation, question, invocation, console)
            }
            if let file = SignedFile(path) {
                guard question == nil else { throw .receipt(.notReceipt) }
                return judge(file, path, expectation, invocation, console)
            }
            expectation.receipt = try question?.number(in: path)
            expectation.hasContents = !invocation.has("without-contents")
            return try judge(log: path, expectation, question, invocation, console)
        } catch {
            console.warn(ProblemText.text(error.words, console.errorStyle))
            return error.status
        }
    }

    private static func judge(
        _ file: SignedFile, _ path: String, _ expectation: LogExpectation, _ invocation: Invocation, _ console: Console
    ) -> ExitStatus {
        let keys = [expectation.key].compactMap(\.self) + expectation.otherKeys
        do { return try file.judge(path, keys, invocation, console) } catch {
            console.warn(ProblemText.text(error.words, console.errorStyle))
            return .usage
        }
    }

    private static func judge(
        log path: String, _ expectation: LogExpectation, _ question: ContentQuestion?, _ invocation: Invocation, _ console: Console
    ) throws(ContentProblem) -> ExitStatus {
        let report = verify(directory: path, expecting: expectation)
        if let error = report.directoryError {
            let words = (
                "cannot read a log in \(Escaping.quoted(path)): \(ErrnoWords.text(error.name))", LogPlace.help
            )
            console.warn(ProblemText.text(words, console.errorStyle))
            return .unreachable
        }
        // What does not verify is not held against anything.
        var answers: [ContentAnswer] = []
        if let question, let number = expectation.receipt, report.isGood {
            guard let line = report.receipt else { throw .notInLog(number) }
            answers = try question.answers(line, log: path)
        }
        write(report.json, report.text(console.outputStyle), answers, invocation, console)
        return report.isGood ? ContentAnswer.status(answers) : .finding
    }

    private static func judge(
        _ file: ProofFile, _ path: String, _ expectation: LogExpectation, _ question: ContentQuestion?, _ invocation: Invocation,
        _ console: Console
    ) throws(ContentProblem) -> ExitStatus {
        let verdict: ProofVerdict
        do { verdict = try file.verdict(expectation, path) } catch {
            console.warn(ProblemText.text(error.words, console.errorStyle))
            return .usage
        }
        var answers: [ContentAnswer] = []
        if let question, verdict.findings.isEmpty {
            guard case .receipt(let line, _)? = verdict.claim else { throw .receipt(.notReceipt) }
            answers = try question.answers(line, log: nil)
        }
        write(verdict.json, verdict.text(console.outputStyle), answers, invocation, console)
        return verdict.findings.isEmpty ? ContentAnswer.status(answers) : .finding
    }

    private static func write(_ json: JSON, _ text: String, _ answers: [ContentAnswer], _ invocation: Invocation, _ console: Console) {
        guard invocation.has("json"), var object = json.object else {
            console.write(text + answers.map { $0.text(console.outputStyle) + "\n" }.joined())
            return
        }
        if !answers.isEmpty { object["contents"] = .array(answers.map(\.json)) }
        console.write(JSON.object(object).encoded() + [UInt8(ascii: "\n")])
    }

    /// Why an option's value is of no use.
    private enum BadOption: Error {
        case key, minimum
        case algorithm(UInt8)
        case checkpoint(String)

        var words: (message: String, help: String?) {
            switch self {
            case .key: ("`--key` is neither a public key nor a file with one", "it looks like `NAME+HASH+KEY`")
            case .algorithm(let type):
                ("the key of `--key` is of an algorithm that this sandboxctl does not know (\(type))", "a later version may know it")
            case .minimum: ("`--minimum` takes a count", nil)
            case .checkpoint(let path): ("\(Escaping.quoted(path)) is not a checkpoint", "it is one signed note")
            }
        }
    }

    private static func key(_ text: String) throws(BadOption) -> VerifierKey {
        do { return try VerifierKey(parsing: text) } catch {
            if case .unknownAlgorithm(let type) = error { throw .algorithm(type) }
        }
        guard let written = SmallFile.text(text) else { throw .key }
        do { return try VerifierKey(parsing: written.trimmed) } catch {
            if case .unknownAlgorithm(let type) = error { throw .algorithm(type) }
            throw .key
        }
    }

    private static func expectation(_ invocation: Invocation) throws(BadOption) -> LogExpectation {
        var expectation = LogExpectation()
        let keys = try invocation.values("key").map { text throws(BadOption) in try key(text) }
        expectation.key = keys.first
        expectation.otherKeys = Array(keys.dropFirst())
        if let text = invocation.value("minimum") {
            guard let minimum = UInt64(text) else { throw .minimum }
            expectation.minimum = minimum
        }
        if let path = invocation.value("checkpoint") {
            guard let checkpoint = SmallFile.text(path).flatMap({ Checkpoint(text: $0) }) else { throw .checkpoint(path) }
            expectation.checkpoint = checkpoint
        }
        return expectation
    }
}

extension String {
    /// Without the line's end.
    fileprivate var trimmed: String { hasSuffix("\n") ? String(dropLast()) : self }
}
