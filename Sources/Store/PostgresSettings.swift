import CPostgres
public import Descriptors
import Glibc
import Policy

/// How the database is reached: libpq's connection string, judged before anybody connects. It may hold a password, and is never said again.
///
/// What the string leaves open is taken neither from the environment nor from a service file. Who answers is known: beyond this host by the certificate (libpq's
/// `verify-full`), on a unix socket by the user who listens (`requirepeer`, without a word `postgres`); a port of this host anybody can take. Names of hosts are not looked up, since that would block: beside `host`,
/// which a certificate is held against, stands `hostaddr`.
public struct PostgresSettings {
    /// Why it cannot be used.
    public enum Problem: Error, Sendable, Hashable {
        /// No libpq, or an old one.
        case noLibrary(Errno)
        case notRead(Errno)
        /// It is no regular file, or another's, or others may read it.
        case notOurs
        case tooLong
        /// libpq does not understand it; what it says of that may hold a part of it.
        case notUnderstood
        /// This keyword names what lies elsewhere.
        case unwanted(keyword: String)
        case noHost
        /// A name without an address.
        case unresolved(host: String)
        /// Whoever answers there is not sure to be the database.
        case unverified(host: String, sslmode: String)
        /// Whoever listens on a unix socket would be taken for it.
        case unverifiedPeer
    }

    let libpq: PostgresLibrary
    let keywords: [(keyword: String, value: String)]

    static let limit = 16_384

    /// Reads a file that is this user's alone.
    public init(readingFrom path: String) throws(Problem) {
        let text: String
        do throws(Errno) {
            let file = try WorkingDirectory().open(path, [.read, .noFollow, .nonBlocking])
            let status = try file.status()
            guard status.isRegularFile, status.owner == 0 || status.owner == geteuid(), status.permissions & 0o077 == 0 else {
                throw .exists
            }
            guard status.size <= Self.limit else { throw .fileTooLarge }
            text = String(decoding: try file.bytes(at: 0, count: status.size), as: UTF8.self)
        } catch {
            throw error == .exists ? .notOurs : error == .fileTooLarge ? .tooLong : .notRead(error)
        }
        try self.init(text)
    }

    /// Reads libpq's own grammar: `key=value …`, or `postgresql://…`.
    public init(_ text: String) throws(Problem) {
        do throws(Errno) { libpq = try PostgresLibrary() } catch { throw .noLibrary(error) }
        var given = try Self.parse(Self.trimmed(text), libpq)
        // Of the latter a part is beyond us, and what Kerberos does may take long.
        for keyword in ["service", "replication", "client_encoding", "fallback_application_name", "gssencmode", "krbsrvname", "gsslib"]
        where given[keyword] != nil {
            throw .unwanted(keyword: keyword)
        }
        if given["requirepeer"]?.isEmpty == true { throw .unverifiedPeer }
        for host in try Self.hosts(given) { try Self.judge(host, sslmode: given["sslmode"]) }
        let own = [
            "sslmode": "verify-full", "requirepeer": "postgres", "gssencmode": "disable", "target_session_attrs": "read-write",
            "application_name": "sandboxd", "tcp_user_timeout": "5000", "keepalives_idle": "10", "keepalives_interval": "5", "port": "5432",
            "options": "",
        ]
        given.merge(own) { given, _ in given }
        given["client_encoding"] = "UTF8"
        keywords = given.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private static func trimmed(_ text: String) -> String {
        var lines = text.split(whereSeparator: \.isNewline)
        lines.removeAll { $0.allSatisfy(\.isWhitespace) }
        return lines.joined(separator: " ")
    }

    private static func parse(_ text: String, _ library: PostgresLibrary) throws(Problem) -> [String: String] {
        var said: UnsafeMutablePointer<CChar>?
        let options = library.pq.conninfo_parse(text, &said)
        if let said { library.pq.free_memory(said) }
        guard let options else { throw .notUnderstood }
        defer { library.pq.conninfo_free(options) }
        var given: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            // libpq would take from there what nobody has judged.
            if let variable = option.pointee.envvar { unsetenv(variable) }
            if let value = option.pointee.val { given[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return given
    }

    /// PQconnectStartParams.
    func connect() -> OpaquePointer? {
        let names = keywords.map { strdup($0.keyword) }, values = keywords.map { strdup($0.value) }
        defer { for copy in names + values { free(copy) } }
        return libpq.pq.connect_start(names.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil], 0)
    }

    // MARK: Hosts

    private struct Host {
        let name: String
        let address: String?

        var isSocket: Bool { name.hasPrefix("/") || name.hasPrefix("@") }
        /// Where libpq connects to, if that is no name.
        var numeric: IPAddress? { IPAddress(address ?? name) }
    }

    private static func hosts(_ given: [String: String]) throws(Problem) -> [Host] {
        let names = list(given["host"]), addresses = list(given["hostaddr"])
        guard !names.isEmpty || !addresses.isEmpty, names.isEmpty || addresses.isEmpty || names.count == addresses.count else {
            throw .noHost
        }
        return (0..<max(names.count, addresses.count)).map { index in
            let address = addresses.isEmpty ? nil : addresses[index]
            return Host(name: names.isEmpty ? address ?? "" : names[index], address: address)
        }
    }

    private static func list(_ text: String?) -> [String] {
        text.map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) } ?? []
    }

    private static func judge(_ host: Host, sslmode: String?) throws(Problem) {
        if host.isSocket { return }
        guard !host.name.isEmpty || host.address?.isEmpty == false else { throw .noHost }
        guard host.numeric != nil else { throw .unresolved(host: host.name) }
        if let sslmode, sslmode != "verify-full" { throw .unverified(host: host.name, sslmode: sslmode) }
    }
}

extension PostgresSettings.Problem {
    /// For the part of a sentence behind a colon.
    public var text: String {
        switch self {
        case .noLibrary(.noEntry): "libpq is not installed; install libpq5"
        case .noLibrary: "libpq is older than version 14"
        case .notRead(let error): "it cannot be read: \(error.name)"
        case .notOurs: "it must be a regular file of root's that nobody else may read"
        case .tooLong: "it is longer than \(PostgresSettings.limit) bytes"
        case .notUnderstood: "it is no connection string of libpq's"
        case .unwanted(let keyword): "`\(keyword)` must not stand in it"
        case .noHost: "it names no host: the directory of a socket, or an address"
        case .unresolved(let host): "`\(host)` is a name, and names are not looked up; give its address too, as hostaddr"
        case .unverified(let host, let mode):
            "with sslmode \(mode) whoever answers at `\(host)` is not known to be the database; leave it out, or write verify-full"
        case .unverifiedPeer: "without a requirepeer anybody could listen for the database; leave it out, or name the user that it runs as"
        }
    }
}
