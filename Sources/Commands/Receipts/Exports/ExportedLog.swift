import Evidence

/// A log that was verified in order to be exported, and how far it is signed.
struct ExportedLog: Sendable {
    let directory: String
    let report: VerificationReport
    /// The log's last word.
    let checkpoint: Checkpoint
    /// Which signed that; a log whose key was exchanged has had others.
    let key: VerifierKey

    /// With `isTaken` a log that does not verify is exported as well; one without a checkpoint or a key never is, since nothing says whose it is.
    init(directory: String, _ expectation: LogExpectation, unverified isTaken: Bool) throws(ExportProblem) {
        let report = verify(directory: directory, expecting: expectation)
        if let error = report.directoryError { throw .unreadable(directory, error) }
        guard report.isGood || isTaken else { throw .notVerified(directory, report) }
        guard let prover = try? LogProver(directory: directory), prover.checkpoint.size > 0,
            let key = report.keys?.key(ofSize: prover.checkpoint.size) ?? report.key
        else { throw .unsigned(directory) }
        // The log may have grown meanwhile; what it says last is judged like the rest.
        guard prover.checkpoint.isSigned(by: key) || !report.isGood else { throw .changed(directory) }
        self.directory = directory
        self.report = report
        self.key = key
        checkpoint = prover.checkpoint
    }

    /// All that the log has had: none of them signs anything but checkpoints and their succession.
    var keys: [VerifierKey] { (report.keys?.keys ?? []) + [key] }

    /// Receipts that are there and not signed yet: they are not exported, for nothing holds them.
    var pending: UInt64 { report.receipts > checkpoint.size ? report.receipts - checkpoint.size : 0 }

    /// Hands over each signed receipt, until one throws.
    func read(_ take: (ExportedReceipt) throws(ExportProblem) -> Void) throws(ExportProblem) {
        var failure: ExportProblem?
        do {
            try SignedLines.read(directory: directory, under: checkpoint) { number, line in
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
            case .system(let error): throw .unreadable(directory, error)
            // A log that does not verify was announced as one.
            case .short, .changed: if report.isGood { throw .changed(directory) }
            }
        }
        if let failure { throw failure }
    }

    /// That a receipt is in the log.
    func proof(of number: UInt64) throws(ExportProblem) -> ReceiptProof {
        guard let proof = try? LogProver(directory: directory).receipt(number) else { throw .noSuchReceipt(number) }
        return proof
    }
}
