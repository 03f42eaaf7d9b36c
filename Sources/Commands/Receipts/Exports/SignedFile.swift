import Descriptors
import Evidence
import StrictJSON

/// A file in a format of others that is signed by whoever issued it.
enum SignedFile {
    case acta(ActaFile)
    case attestation(AttestationFile)

    /// Chains are read whole.
    private static let limit = 64 << 20

    /// nil for a file that does not say that it is one.
    init?(_ path: String) {
        guard let bytes = (try? WorkingDirectory().contents(of: path, limit: Self.limit)).flatMap({ $0 }), bytes.first == UInt8(ascii: "{")
        else {
            return nil
        }
        if let file = AttestationFile(bytes) {
            self = .attestation(file)
        } else if let file = ActaFile(bytes) {
            self = .acta(file)
        } else {
            return nil
        }
    }

    static let options = [
        Option("issuer", .value("KEYS"), "who signed an in-toto or acta file: a JWK Set, a public key in PEM or hexadecimal"),
        Option("after", .value("FILE"), "the acta receipt that the first one follows"),
        Option("log", .value("PATH"), "the log that an in-toto file is about, or a bundle of all of it"),
    ]

    static let paragraph = """
        An in-toto statement of `receipts export`, or receipts of draft-farley-acta-signed-receipts (-02 and -03; one, or a line each),
        take `--issuer`: keys that come along with what they signed are never used. What such files may have and is not judged here
        (other algorithms, older shapes, other profiles) is said, and is no success.
        """

    /// What is missing on the command line, or is of no use.
    enum BadOption: Error {
        case noIssuer
        case issuer(String)
        case after(String)

        var words: (message: String, help: String?) {
            switch self {
            case .noIssuer:
                (
                    "whoever issued this must be known from elsewhere",
                    "`--issuer KEYS`: a JWK Set, or a public key in PEM; what the file says itself proves nothing"
                )
            case .issuer(let path):
                ("\(Escaping.quoted(path)) has no public keys", "it is a JWK Set, a public key in PEM, or 64 hexadecimal digits")
            case .after(let path): ("\(Escaping.quoted(path)) is not an acta receipt", nil)
            }
        }
    }

    /// The text that is printed, and whether all is well.
    func judge(_ path: String, _ keys: [VerifierKey], _ invocation: Invocation, _ console: Console) throws(BadOption) -> ExitStatus {
        let issuers = try issuers(invocation)
        switch self {
        case .acta(let file):
            let verdict = file.verdict(issuers, after: try predecessor(invocation), path)
            return Self.tell(verdict.json, verdict.text(console.outputStyle), verdict.outcome == .verified, invocation, console)
        case .attestation(let file):
            let verdict = file.verdict(issuers, keys: keys, log: invocation.value("log"))
            return Self.tell(verdict.json, verdict.text(console.outputStyle, path), verdict.isVerified, invocation, console)
        }
    }

    private static func tell(_ json: JSON, _ text: String, _ isGood: Bool, _ invocation: Invocation, _ console: Console) -> ExitStatus {
        console.write(invocation.has("json") ? json.encoded() + [UInt8(ascii: "\n")] : Array(text.utf8))
        return isGood ? .success : .finding
    }

    private func issuers(_ invocation: Invocation) throws(BadOption) -> IssuerKeys {
        guard let path = invocation.value("issuer") else { throw .noIssuer }
        guard let keys = SmallFile.bytes(path).flatMap({ IssuerKeys($0) }) ?? IssuerKeys(Array(path.utf8)) else { throw .issuer(path) }
        return keys
    }

    private func predecessor(_ invocation: Invocation) throws(BadOption) -> ActaReceipt? {
        guard let path = invocation.value("after") else { return nil }
        guard let receipt = SmallFile.bytes(path).flatMap({ try? ActaReceipt($0) }) else { throw .after(path) }
        return receipt
    }
}
