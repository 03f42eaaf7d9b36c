import Descriptors
import Evidence
import StrictJSON

/// `sandboxctl receipts verify`: finds any change of a signed log, offline.
enum ReceiptsVerifyCommand {
    static let command = Command(
        "receipts verify", "find any change of a log of receipts, or of a proof, offline",
        options: [
            Option("key", .value("KEY"), "the public key that the log must be signed by: its text, or a file with it"),
            Option("checkpoint", .value("FILE"), "a checkpoint that was kept elsewhere: what it signed must still be there"),
            Option("minimum", .value("COUNT"), "so many receipts at least must be signed for"),
            CommandTable.Shared.json,
        ] + SignedFile.options,
        arguments: .one("PATH"),
        help: """
            \(LogPlace.paragraph)
            Or it is a file that `receipts proof` wrote, which takes `--key`; one about a log's growth takes the earlier
            `--checkpoint`, too.

            \(SignedFile.paragraph)

            The exit status is 0 when all of it verifies, 1 when anything does not, 5 when there is no log.

            Without `--key` the signatures are checked with the key that lies beside the log: that shows changes by whoever
            does not hold the private key, not a log that was made anew.
            """,
        run: run)

    private static func run(_ invocation: Invocation, _ console: Console) -> ExitStatus {
        let path = invocation.arguments.first ?? "."
        let expectation: LogExpectation
        do { expectation = try self.expectation(invocation) } catch {
            console.warn(ProblemText.text(error.words, console.errorStyle))
            return .usage
        }
        if let file = ProofFile(SmallFile.bytes(path) ?? []) { return judge(file, path, expectation, invocation, console) }
        if let file = SignedFile(path) {
            do { return try file.judge(path, expectation.key, invocation, console) } catch {
                console.warn(ProblemText.text(error.words, console.errorStyle))
                return .usage
            }
        }
        let report = verify(directory: path, expecting: expectation)
        if let error = report.directoryError {
            let words = (
                "cannot read a log in \(Escaping.quoted(path)): \(ErrnoWords.text(error.name))", LogPlace.help
            )
            console.warn(ProblemText.text(words, console.errorStyle))
            return .unreachable
        }
        if invocation.has("json") {
            console.write(report.json.encoded() + [UInt8(ascii: "\n")])
        } else {
            console.write(report.text(console.outputStyle))
        }
        return report.isGood ? .success : .finding
    }

    private static func judge(
        _ file: ProofFile, _ path: String, _ expectation: LogExpectation, _ invocation: Invocation, _ console: Console
    ) -> ExitStatus {
        let verdict: ProofVerdict
        do { verdict = try file.verdict(expectation, path) } catch {
            console.warn(ProblemText.text(error.words, console.errorStyle))
            return .usage
        }
        console.write(
            invocation.has("json") ? verdict.json.encoded() + [UInt8(ascii: "\n")] : Array(verdict.text(console.outputStyle).utf8))
        return verdict.findings.isEmpty ? .success : .finding
    }

    /// Why an option's value is of no use.
    private enum BadOption: Error {
        case key, minimum
        case checkpoint(String)

        var words: (message: String, help: String?) {
            switch self {
            case .key: ("`--key` is neither a public key nor a file with one", "it looks like `NAME+HASH+KEY`")
            case .minimum: ("`--minimum` takes a count", nil)
            case .checkpoint(let path): ("\(Escaping.quoted(path)) is not a checkpoint", "it is one signed note")
            }
        }
    }

    private static func expectation(_ invocation: Invocation) throws(BadOption) -> LogExpectation {
        var expectation = LogExpectation()
        if let text = invocation.value("key") {
            guard let key = VerifierKey(text: text) ?? SmallFile.text(text).flatMap({ VerifierKey(text: $0.trimmed) }) else { throw .key }
            expectation.key = key
        }
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
