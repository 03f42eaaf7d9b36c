public import StrictJSON

/// What `_meta` says of a request.
public struct RequestMeta: Sendable, Hashable {
    public enum Problem: Error, Sendable, Hashable {
        /// `_meta` is no object, or a member that the protocol defines has a wrong form.
        case badMeta
        /// A modern request without `io.modelcontextprotocol/clientCapabilities`.
        case missingCapabilities
        /// A version that is not known, or that does not say itself in `_meta`.
        case unknownVersion([UInt8])
    }

    public let era: Era
    public let progressToken: RequestID?
    /// Of a modern request: whether the server may send log messages while it works on it.
    public let wantsLogs: Bool

    /// Reads `_meta` of a request's params.
    public init(_ params: JSONNode?, in tape: borrowing JSONTape) throws(Problem) {
        guard let params, let meta = tape.member("_meta", of: params) else {
            (era, progressToken, wantsLogs) = (.legacy, nil, false)
            return
        }
        guard tape.kind(of: meta) == .object else { throw .badMeta }
        era = try Self.era(meta, tape)
        progressToken = try Self.token(meta, tape)
        wantsLogs = tape.member(ModernMeta.logLevel, of: meta).map { tape.kind(of: $0) == .string } ?? false
    }

    private static func era(_ meta: JSONNode, _ tape: borrowing JSONTape) throws(Problem) -> Era {
        guard let version = tape.member(ModernMeta.version, of: meta) else { return .legacy }
        guard let name = tape.stringBytes(version) else { throw .badMeta }
        guard ProtocolVersion(name)?.era == .modern else { throw .unknownVersion(name) }
        guard let capabilities = tape.member(ModernMeta.capabilities, of: meta) else { throw .missingCapabilities }
        guard tape.kind(of: capabilities) == .object else { throw .badMeta }
        return .modern
    }

    private static func token(_ meta: JSONNode, _ tape: borrowing JSONTape) throws(Problem) -> RequestID? {
        guard let node = tape.member("progressToken", of: meta) else { return nil }
        guard let token = RequestID(node, in: tape) else { throw .badMeta }
        return token
    }
}
