import Descriptors

/// Verifies the log in a directory, or a bundle's file, offline; only reads. Finds any change of what was signed: edits of any byte, reordering, deletion,
/// truncation, re-chaining with another key, gaps in the numbers of the log and of each session, lines that are not canonical, bad
/// signatures.
///
/// Receipts behind the last checkpoint are judged by form and numbers only: the report counts them as pending.
public func verify(directory path: String, expecting expectation: LogExpectation = LogExpectation()) -> VerificationReport {
    if let status = try? WorkingDirectory().status(of: path), !status.isDirectory {
        var verification = BundleVerification(path, expectation)
        verification.run(path)
        return verification.report
    }
    var verification = Verification(expectation)
    verification.run(path)
    return verification.report
}
