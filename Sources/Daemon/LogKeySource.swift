import Descriptors
import Evidence
import Glibc
import KernelPlan

/// Where the private key of the log comes from.
enum LogKeySource {
    /// Made on the first start, and kept beside the log.
    case kept
    /// Handed over by the service manager (systemd.exec(5), LoadCredential=), and the one before it while they are exchanged.
    case credential(SigningKey, previous: SigningKey?)

    static let name = "sandboxd-key"
    static let previousName = "sandboxd-key-previous"

    /// As the environment says; a private daemon keeps its key itself. Errors: a credential that is none.
    static func of(_ custody: HostCustody) throws(DaemonFailure) -> LogKeySource {
        guard custody == .daemon, let directory = getenv("CREDENTIALS_DIRECTORY").map({ String(cString: $0) }) else { return .kept }
        return try LogKeySource(in: directory)
    }

    init(in directory: String) throws(DaemonFailure) {
        let key = try Self.read(Self.name, directory), previous = try Self.read(Self.previousName, directory)
        switch (key, previous) {
        case (let key?, let previous): self = .credential(key, previous: previous)
        case (nil, .some): throw .credential(Self.previousName, .missingKey)
        case (nil, nil): self = .kept
        }
    }

    private static func read(_ name: String, _ directory: String) throws(DaemonFailure) -> SigningKey? {
        let bytes: [UInt8]
        do throws(Errno) {
            guard let found = try WorkingDirectory().contents(of: directory + "/" + name, limit: 65_536) else { throw .fileTooLarge }
            bytes = found
        } catch {
            if error == .noEntry { return nil }
            throw .credential(name, .system(error))
        }
        do { return try SigningKey(parsing: String(decoding: bytes, as: UTF8.self)) } catch { throw .credential(name, error) }
    }

    func open(_ path: String, _ custody: Evidence.Custody) throws(LogError) -> ReceiptLog {
        switch self {
        case .kept: try ReceiptLog.open(keepingKeyIn: path, custody: custody)
        case .credential(let key, let previous): try ReceiptLog.open(in: path, signedBy: key, previously: previous, custody: custody)
        }
    }

    var isKept: Bool {
        if case .kept = self { true } else { false }
    }
}
