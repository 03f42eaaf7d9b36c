import Descriptors
import Evidence
import StrictJSON

/// `sandboxctl receipts export`: receipts in the formats of others. The log is verified first.
struct ReceiptsExportCommand {
    static let command = Command(
        "receipts export", "write receipts in the formats of others: SARIF, in-toto, acta, the journal's",
        options: [
            Option("format", .choice(ExportFormat.allCases.map(\.rawValue)), "what is written"),
            Option("output", .value("FILE"), "where to; without it standard output"),
            Option("signing-key", .value("FILE"), "your own Ed25519 key, in PEM: signs in-toto and acta"),
            Option("session", .value("ID"), "only receipts of this session"),
            Option("kind", .choice(ReceiptKind.allCases.map(\.rawValue)), "only receipts of this kind"),
            Option("from", .value("TIME"), "only receipts from this day or moment on (UTC)"),
            Option("to", .value("TIME"), "only receipts up to the end of this day or moment (UTC)"),
            Option("receipt", .value("NUMBER"), "one receipt alone; an in-toto statement then proves it"),
            Option("key", .value("KEY"), "the public key that the log must be signed by: its text, or a file with it"),
            Option("unverified", .flag, "export a log that does not verify, and say so in what is written"),
        ],
        arguments: .one("PATH"),
        help: """
            \(LogPlace.paragraph)
            The file of a bundle is taken as well; in-toto statements are made of bundles without a filter, and prove nothing of one receipt.

            The log is verified first; when it does not verify nothing is written, and the exit status is 1. Whoever reads an export
            cannot see what was wrong with the log, so that taking one all the same must be asked for: `--unverified`. What no
            checkpoint signs yet is left out, and said.

            sarif    SARIF 2.1.0: what was blocked, what the kernel denied, refused policies; at most 25,000 results, as
                     readers take. What is beyond is said on standard error and in the file.
            in-toto  a Statement v1 in a DSSE envelope. Its subject is the text that `receipts show --json` prints for the same
                     filters, by SHA-256; its predicate, of type https://sandboxd.io/receipts/v1, has the log's key and last
                     checkpoint, the selection, counts by kind, decision and reason, and the digests of policies, plans and
                     hosts; with `--receipt` the proof that the log has it.
            acta     draft-farley-acta-signed-receipts-03: each decision as a receipt of one chain, a line each.
            journal  the journal export format, an entry each: `systemd-journal-remote -o FILE.journal FILE` takes it, and
                     `journalctl --file FILE.journal SANDBOXD_REASON=D102` finds in it.

            in-toto and acta are signed by whoever exports, with a key of their own: `openssl genpkey -algorithm ed25519 -out FILE`,
            0600. The log's key signs checkpoints and nothing else, so that none of its signatures means anything else, and is
            refused here. `receipts verify FILE --issuer KEYS` judges both; `--issuer` takes what `openssl pkey -pubout` prints.

            The exit status is 0, 1 when the log does not verify, 2 for a key or file that is not one, 5 when there is no log.
            """,
        run: { invocation, console in
            do throws(ExportProblem) {
                try ReceiptsExportCommand(invocation, console).run()
                return .success
            } catch {
                console.warn(ProblemText.text(error.words, console.errorStyle))
                return error.status
            }
        })

    private let invocation: Invocation
    private let console: Console
    private let format: ExportFormat
    private let selection: ExportSelection

    private init(_ invocation: Invocation, _ console: Console) throws(ExportProblem) {
        self.invocation = invocation
        self.console = console
        guard let format = invocation.value("format").flatMap({ ExportFormat(rawValue: $0) }) else { throw .noFormat }
        self.format = format
        selection = try ExportSelection(invocation)
    }

    private func run() throws(ExportProblem) {
        let log = try ExportedLog(
            invocation.arguments.first ?? ".", try expectation(), unverified: invocation.has("unverified"))
        if !log.report.isGood {
            console.say("the log does not verify: what is written says so, and is worth no more than whoever hands it on")
        }
        if log.pending > 0 { console.say("not signed yet, and left out: \(log.pending) receipts") }
        if log.leftOut > 0 { console.say("of a bundle: \(log.leftOut) receipts of its log are not in it") }
        var export = try export(of: log)
        var output = try ExportOutput(invocation.value("output"), console)
        try log.read { receipt throws(ExportProblem) in
            if selection.takes(receipt) { try output.write(export.take(receipt)) }
        }
        try output.write(export.finish())
        try output.finish()
        for remark in export.remarks { console.say(remark) }
    }

    private func expectation() throws(ExportProblem) -> LogExpectation {
        guard let text = invocation.value("key") else { return LogExpectation() }
        let words = SmallFile.text(text).map { $0.hasSuffix("\n") ? String($0.dropLast()) : $0 }
        guard let key = VerifierKey(text: text) ?? words.flatMap({ VerifierKey(text: $0) }) else { throw .key }
        return LogExpectation(key: key)
    }

    private func export(of log: ExportedLog) throws(ExportProblem) -> any ReceiptExport {
        switch format {
        case .sarif: return SARIFExport(of: log, directory: CallerEnvironment.workingDirectory ?? "/")
        case .inToto:
            guard !log.isFiltered else { throw .filtered(log.path) }
            return AttestationExport(of: log, selection, key: try signingKey(log))
        case .acta: return ActaExport(of: log, key: try signingKey(log))
        case .journal: return JournalExport(of: log)
        }
    }

    private func signingKey(_ log: ExportedLog) throws(ExportProblem) -> ExporterKey {
        guard let path = invocation.value("signing-key") else { throw .noSigningKey(format) }
        guard let status = try? WorkingDirectory().status(of: path), let key = SmallFile.text(path).flatMap({ ExporterKey(pem: $0) }) else {
            throw .signingKey(path)
        }
        guard status.permissions & 0o077 == 0 else { throw .openSigningKey(path) }
        guard !log.keys.contains(where: { $0.publicKey == key.publicKey }) else { throw .logsKey(path) }
        return key
    }
}
