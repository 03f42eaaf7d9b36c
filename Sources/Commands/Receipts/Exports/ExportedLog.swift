import Evidence

/// A log, or a bundle of one, that was verified in order to be exported, and how far it is signed.
struct ExportedLog: Sendable {
    let path: String
    let report: VerificationReport
    /// The log's last word.
    let checkpoint: Checkpoint
    /// Which signed that; a log whose key was exchanged has had others.
    let key: VerifierKey

    /// With `isTaken` a log that does not verify is exported as well; one without a checkpoint or a key never is, since nothing says whose it is.
    init(_ path: String, _ expectation: LogExpectation, unverified isTaken: Bool) throws(ExportProblem) {
        let report = verify(directory: path, expecting: expectation)
        if let error = report.directoryError { throw .unreadable(path, error) }
        guard report.isGood || isTaken else { throw .notVerified(path, report) }
        guard let checkpoint = (try? ReceiptSource(path))?.checkpoint, checkpoint.size > 0,
            let key = report.keys?.key(ofSize: checkpoint.size) ?? report.key
        else { throw .unsigned(path) }
        // The log may have grown meanwhile; what it says last is judged like the rest.
        guard checkpoint.isSigned(by: key) || !report.isGood else { throw .changed(path) }
        self.path = path
        self.report = report
        self.key = key
        self.checkpoint = checkpoint
    }

    /// All that the log has had: none of them signs anything but checkpoints and their succession.
    var keys: [VerifierKey] { (report.keys?.keys ?? []) + [key] }

    /// Receipts that are there and not signed yet: they are not exported, for nothing holds them.
    var pending: UInt64 { report.receipts > checkpoint.size ? report.receipts - checkpoint.size : 0 }

    /// Receipts that a bundle leaves out; 0 of a log.
    var leftOut: UInt64 { report.claims?.leftOut ?? 0 }

    /// Of a bundle: receipts were chosen when it was made.
    var isFiltered: Bool { report.claims.map { $0.filter != BundleFilter() } ?? false }

    /// Hands over each signed receipt, until one throws.
    func read(_ take: (ExportedReceipt) throws(ExportProblem) -> Void) throws(ExportProblem) {
        var failure: ExportProblem?
        var count: UInt64 = 0
        do {
            try SignedLines.read(path, under: checkpoint) { number, line in
                count += 1
                do throws(ExportProblem) {
                    if let receipt = ExportedReceipt(line) {
                        try take(receipt)
                    } else if report.isGood {
                        throw .notReceipt(number)
                    }
                } catch {
                    failure = error
                }
                return failure == nil
            }
        } catch {
            switch error {
            case .system(let error): throw .unreadable(path, error)
            // A log that does not verify was announced as one.
            case .short, .changed: if report.isGood { throw .changed(path) }
            }
        }
        if let failure { throw failure }
        // The same checkpoint signs for a bundle that leaves more out, and for a log of which more was removed.
        if report.isGood, count != verified { throw .changed(path) }
    }

    /// Signed receipts that were there when it was verified, and those that the log has got since.
    private var verified: UInt64 {
        if report.claims != nil { return report.receipts }
        return checkpoint.size > report.removed ? checkpoint.size - report.removed : 0
    }

    /// That a receipt is in the log.
    func proof(of number: UInt64) throws(ExportProblem) -> ReceiptProof {
        guard report.claims == nil else { throw .noProof(path) }
        guard let proof = try? LogProver(directory: path).receipt(number) else { throw .noSuchReceipt(number) }
        return proof
    }
}
