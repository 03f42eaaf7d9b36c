import Evidence
import StrictJSON

/// `sandboxctl receipts policy`: the policy, plan or host profile that receipts name by digest.
enum ReceiptsPolicyCommand {
    static let command = Command(
        "receipts policy", "print the policy, plan or host profile that receipts name",
        options: [
            Option("log", .value("PATH"), "the log, or a bundle; without it the daemon's log, \(ReceiptPlace.daemonLog)"),
            Option("of", .choice(DocumentRole.allCases.map(\.rawValue)), "of a receipt: its policy (as without it), plan or host profile"),
            Option("json", .flag, "print the very bytes whose SHA-256 is the digest, and nothing else"),
        ],
        arguments: .one("DIGEST|RECEIPT"),
        help: """
            DIGEST is the 64 digits that a receipt has in `policy`, `plan` or `host`; RECEIPT is its number in the log, or
            SESSION:NUMBER. What is printed was expanded and judged by sandboxd: the policy has its variables replaced, the
            plan is what the kernel was given. Its hash is checked; that the receipt is the log's is for `receipts verify`.

            The exit status is 0, 1 when the document was changed or is not kept, 2 when no receipt names it, 5 when there is
            no log.
            """,
        run: run)

    private static func run(_ invocation: Invocation, _ console: Console) -> ExitStatus {
        do {
            let found = try document(invocation, console)
            if invocation.has("json") {
                console.write(found.content)
            } else {
                console.write("\(found.kind.words) \(found.digest.hex)\n")
                console.write(ArgumentText.lines(String(decoding: found.content, as: UTF8.self)).map { $0 + "\n" }.joined())
            }
            return .success
        } catch {
            console.warn(ProblemText.text(error.words, console.errorStyle))
            return error.status
        }
    }

    private struct Document {
        let kind: DocumentRole
        let digest: Digest
        let content: [UInt8]
    }

    private static func document(_ invocation: Invocation, _ console: Console) throws(DocumentProblem) -> Document {
        let place = ReceiptPlace(log: invocation.value("log"), input: console.input)
        let source: ReceiptSource
        do { source = try ReceiptSource(place.directory) } catch { throw .source(place.directory, error) }
        let (kind, digest) = try named(invocation.arguments.first ?? "", invocation.value("of"), place, source)
        let content: [UInt8]?
        do { content = try source.document(digest) } catch { throw .source(place.directory, error) }
        guard let content else { throw .absent(kind, digest) }
        guard SHA256.digest(content) == digest else { throw .changed(kind, digest) }
        return Document(kind: kind, digest: digest, content: content)
    }

    private static func named(
        _ subject: String, _ asked: String?, _ place: ReceiptPlace, _ source: ReceiptSource
    ) throws(DocumentProblem) -> (DocumentRole, Digest) {
        if let digest = Digest(hex: subject) {
            if asked != nil { throw .usage }
            let kind: DocumentRole?
            do { kind = try source.kind(of: digest) } catch { throw .source(place.directory, error) }
            guard let kind else { throw .unnamed(digest) }
            return (kind, digest)
        }
        let kind = asked.flatMap { DocumentRole(rawValue: $0) } ?? .policy
        let receipt: JSONObject
        do { receipt = try place.receipt(ExplainSubject(subject)) } catch { throw .receipt(error) }
        guard let digest = receipt[kind.rawValue]?.string.flatMap({ Digest(hex: $0) }) else { throw .none(kind) }
        return (kind, digest)
    }
}

extension DocumentRole {
    /// For people.
    var words: String {
        switch self {
        case .policy: "policy"
        case .plan: "plan"
        case .host: "host profile"
        }
    }
}

/// Why no document is printed, in words.
private enum DocumentProblem: Error {
    case usage
    case source(String, ReceiptSourceError)
    case receipt(ReceiptProblem)
    /// The receipt names none of this kind.
    case none(DocumentRole)
    case unnamed(Digest)
    case absent(DocumentRole, Digest)
    case changed(DocumentRole, Digest)

    var words: (message: String, help: String?) {
        switch self {
        case .usage: ("`--of` is for a receipt", "a digest names one document by itself")
        case .source(let path, let error): ReceiptLines.unreadable(path, error)
        case .receipt(.notReceipt): ("this is neither a digest nor a receipt", "`sandboxctl receipts policy --help` says how they look")
        case .receipt(let problem): problem.words
        case .none(let kind): ("the receipt names no \(kind.words)", nil)
        case .unnamed(let digest):
            ("no receipt here names \(Escaping.quoted(digest.hex))", "`sandboxctl receipts show --json` prints what they name")
        case .absent(let kind, let digest):
            ("the \(kind.words) \(digest.hex) is not kept here", "logs from before sandboxd kept such documents have none")
        case .changed(let kind, let digest): ("what is kept as the \(kind.words) \(digest.hex) has another hash: it was changed", nil)
        }
    }

    var status: ExitStatus {
        switch self {
        case .usage, .none, .unnamed: .usage
        case .source(_, let error): ReceiptLines.status(error)
        case .receipt(let problem): problem.status
        case .absent, .changed: .finding
        }
    }
}
