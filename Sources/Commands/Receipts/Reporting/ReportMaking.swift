import Descriptors
import Evidence

/// Verifies a log, and counts what it says.
struct ReportMaking {
    private let path: String
    private let criteria: ReceiptCriteria
    private let expectation: LogExpectation

    init(_ invocation: Invocation) throws(ReportProblem) {
        path = invocation.arguments.first ?? "."
        do { criteria = try ReceiptCriteria(invocation) } catch { throw .criteria(error) }
        expectation = LogExpectation(key: try Self.key(invocation))
    }

    init(path: String, criteria: ReceiptCriteria = ReceiptCriteria(), expectation: LogExpectation = LogExpectation()) {
        self.path = path
        self.criteria = criteria
        self.expectation = expectation
    }

    private static func key(_ invocation: Invocation) throws(ReportProblem) -> VerifierKey? {
        guard let text = invocation.value("key") else { return nil }
        let content = SmallFile.text(text).map { $0.hasSuffix("\n") ? String($0.dropLast()) : $0 }
        guard let key = VerifierKey(text: text) ?? content.flatMap({ VerifierKey(text: $0) }) else { throw .key }
        return key
    }

    func report() throws(ReportProblem) -> ReceiptReport {
        let verification = verify(directory: path, expecting: expectation)
        if let error = verification.directoryError { throw .noLog(path, .system(error)) }
        var reading = VerifiedReading(verification, of: path)
        var filter = ReceiptFilter(criteria)
        var cards = SessionCards.usual
        var figures = ReportFigures()
        do {
            try ReceiptLines(path: path).read { item in
                guard reading.goesOn(to: item) else { return false }
                guard case .receipt(let record) = item else { return true }
                cards.note(record)
                guard filter.takes(record) else { return true }
                let server = cards.card(of: record)?.server
                figures.add(record, server: server, isSigned: record.number < verification.signedSize)
                return true
            }
        } catch {
            throw .noLog(path, error)
        }
        let subject = ReportSubject(
            verification: verification, criteria: criteria, documents: ReportDocuments(of: path, named: figures.policies),
            missing: reading.missing, isUnchanged: reading.isUnchanged)
        return ReceiptReport(subject, figures)
    }
}
