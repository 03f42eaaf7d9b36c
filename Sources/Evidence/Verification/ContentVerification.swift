import Descriptors

/// Holds what is kept of arguments against what receipts commit to.
struct ContentVerification {
    private let log: String
    private var directory: BorrowedDescriptor?
    /// A receipt commits to them, and they are not there: an erasure may be told of later.
    private var missing: [(name: ContentName, file: String, line: Int)] = []
    private var erased: Set<ContentName> = []
    private var findings: [Finding] = []
    private var kept = 0
    /// The key asked for last: receipts of one session mostly come in runs.
    private var recent: (session: String, key: [UInt8]?)?
    /// Nothing is said of what the next receipts commit to.
    var isPassingOver = false

    init(log: String) {
        self.log = log
    }

    mutating func begin(in directory: borrowing OwnedDescriptor) {
        self.directory = directory.borrowed
    }

    mutating func take(_ line: ReceiptLine, _ bytes: UnsafeRawBufferPointer, _ file: String, _ number: Int) {
        if let notice = ErasureNotice(line, bytes) { erased.insert(notice.name) }
        guard !isPassingOver, let code = KeptContent.code(line, bytes), let place = line.place, let own = place.spoolNumber else { return }
        judge(ContentName(session: place.session, number: own), code, file, number)
    }

    private mutating func judge(_ name: ContentName, _ code: Digest, _ file: String, _ line: Int) {
        guard let directory else { return }
        do {
            guard let content = try LogContents(in: directory).content(name) else { return missing.append((name, file, line)) }
            guard let key = key(of: name.session) else { return }
            var mac = HMACSHA256(key: key)
            if mac.code(content) == code {
                kept += 1
            } else {
                findings.append(Finding(.contentMismatch(session: name.session, number: name.number), file, line))
            }
        } catch {
            findings.append(Finding(.unreadable(error), name.path))
        }
    }

    /// A missing one is told of once for each run of its session's receipts.
    private mutating func key(of session: String) -> [UInt8]? {
        if let recent, recent.session == session { return recent.key }
        let key = (try? CommitmentKeys(log: log).key(of: session))?.bytes
        if key == nil { findings.append(Finding(.contentKeyMissing(session: session), "\(LogFiles.commitmentKeys)/\(session)")) }
        recent = (session, key)
        return key
    }

    func finish(_ report: inout VerificationReport) {
        for finding in findings { report.add(finding) }
        for one in missing where !erased.contains(one.name) {
            report.add(Finding(.contentMissing(session: one.name.session, number: one.name.number), one.file, one.line))
        }
        report.contents = kept
        report.erasedContents = erased.count
    }
}
