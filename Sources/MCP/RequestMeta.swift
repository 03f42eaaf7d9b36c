public import StrictJSON

/// What `_meta` says of a request.
public struct RequestMeta: Sendable, Hashable {
    public enum Problem: Error, Sendable, Hashable {
        /// `_meta` is no object, or a member that the protocol defines has a wrong form.
        case badMeta
        /// A modern request without `io.modelcontextprotocol/clientCapabilities`.
        case missingCapabilities
    }

    public let era: Era
    public let progressToken: RequestID?

    /// Reads `_meta` of a request's params.
    public init(_ params: JSONNode?, in tape: borrowing JSONTape) throws(Problem) {
        guard let params, let meta = tape.member("_meta", of: params) else {
            (era, progressToken) = (.legacy, nil)
            return
        }
        guard tape.kind(of: meta) == .object else { throw .badMeta }
        era = try Self.era(meta, tape)
        progressToken = try Self.token(meta, tape)
    }

    private static func era(_ meta: JSONNode, _ tape: borrowing JSONTape) throws(Problem) -> Era {
        guard let version = tape.member(ModernMeta.version, of: meta) else { return .legacy }
        guard tape.kind(of: version) == .string else { throw .badMeta }
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
