import Descriptors
import Evidence
import StrictJSON

/// `sandboxctl receipts bundle`: what an auditor takes away, in one file.
enum ReceiptsBundleCommand {
    static let command = Command(
        "receipts bundle", "put receipts, what they name and what proves them into one file",
        options: [
            Option("from", .value("TIME"), "only receipts of this time and later: any beginning of 2026-01-31T08:05:00.000000, in UTC"),
            Option("to", .value("TIME"), "only receipts of this time and earlier"),
            Option("session", .value("ID"), "only this session's receipts"),
            Option("server", .value("NAME"), "only receipts of sessions that ran this server, or were refused it"),
            Option("output", .value("FILE"), "write to FILE, not to standard output"), CommandTable.Shared.socket,
        ],
        arguments: .several("[PATH]", 0...1),
        help: """
            \(LogPlace.paragraph)
            \(DaemonLog.paragraph)

            The bundle is of what the log's last checkpoint signs. It holds the receipts byte for byte, hashes in the place of those that
            are left out, the checkpoint, the public key, and each policy, plan and host profile that a receipt in it names.
            `sandboxctl receipts verify FILE` judges it without the log, and so does scripts/verify-bundle, which shares no code with it.

            What it proves: that each receipt in it was in the log that was signed, at its place; and of a session, unless --from
            or --to was given, that none is missing from its first receipt to its last one here. That nothing else matched a filter
            is the word of whoever made it. The receipts that name the log's key are always in it.

            The exit status is 0, 1 when the log is not what was signed, 2 for a filter that is none, 5 when there is no log.
            """,
        run: { DaemonLog.run($0, $1, run) })

    private static func run(_ invocation: Invocation, _ console: Console) -> ExitStatus {
        do {
            let counts = try write(invocation, console)
            let absent = counts.absentDocuments > 0 ? ", \(counts.absentDocuments) that they name are not kept by the log" : ""
            console.say("\(counts.receipts) of \(counts.size) signed receipts, \(counts.documents) documents\(absent)")
            return .success
        } catch {
            console.warn(ProblemText.text(error.words, console.errorStyle))
            return error.status
        }
    }

    private static func write(_ invocation: Invocation, _ console: Console) throws(BundleProblem) -> BundleWriter.Counts {
        let path = invocation.arguments.first ?? "."
        let filter = BundleFilter(
            from: time(invocation.value("from")), to: time(invocation.value("to")), session: invocation.value("session"),
            server: invocation.value("server"))
        guard let filter else { throw .filter }
        let writer: BundleWriter
        do { writer = try BundleWriter(directory: path, filter: filter) } catch { throw .log(path, error) }
        guard let file = invocation.value("output") else {
            do { return try writer.write { console.write($0) } } catch { throw .log(path, error) }
        }
        return try write(writer, path, to: file)
    }

    /// Times are written with their zone elsewhere.
    private static func time(_ text: String?) -> String? {
        text.map { $0.utf8.last == UInt8(ascii: "Z") ? String($0.dropLast()) : $0 }
    }

    /// Whole or not at all.
    private static func write(_ writer: BundleWriter, _ path: String, to file: String) throws(BundleProblem) -> BundleWriter.Counts {
        let output: UnfinishedFile
        do { output = try UnfinishedFile(file) } catch { throw .output(file, error) }
        let counts: BundleWriter.Counts
        do { counts = try writer.write { output.take($0) } } catch {
            output.discard()
            if let failure = output.failure { throw .output(file, failure) }
            throw .log(path, error)
        }
        do { try output.finish() } catch { throw .output(file, error) }
        return counts
    }
}

/// Why there is no bundle, in words.
private enum BundleProblem: Error {
    case filter
    case log(String, BundleWriter.Problem)
    case output(String, Errno)

    var words: (message: String, help: String?) {
        switch self {
        case .filter:
            (
                "`--from` and `--to` take the beginning of a time, `--session` an identifier, `--server` a name",
                "a time looks like 2026-01-31, or 2026-01-31T08:05"
            )
        case .output(let file, let error): ("cannot write \(Escaping.quoted(file)): \(ErrnoWords.text(error.name))", nil)
        case .log(let path, let problem): Self.words(path, problem)
        }
    }

    private static func words(_ path: String, _ problem: BundleWriter.Problem) -> (message: String, help: String?) {
        let verify = "`sandboxctl receipts verify` says what is wrong with it"
        let log = Escaping.quoted(path)
        return switch problem {
        case .system(let error): ("cannot read a log in \(log): \(ErrnoWords.text(error.name))", LogPlace.help)
        case .unsigned: ("nothing in \(log) is signed", LogPlace.help)
        case .malformedKey: ("\(log) does not say which key signs it", verify)
        case .notReceipt(let number): ("\(log) has no receipt \(number) where one was signed", verify)
        case .short(let found): ("\(log) has only \(found) receipts, and more were signed", verify)
        case .changed: ("\(log) is not what was signed", verify)
        case .changedDocument(let digest): ("the document \(digest.hex) in \(log) is not what its digest says", verify)
        case .output: ("standard output took no more", nil)
        }
    }

    var status: ExitStatus {
        switch self {
        case .filter: .usage
        case .output: .finding
        case .log(_, .system), .log(_, .unsigned): .unreachable
        case .log(_, .malformedKey), .log(_, .notReceipt), .log(_, .short), .log(_, .changed), .log(_, .changedDocument), .log(_, .output):
            .finding
        }
    }
}
