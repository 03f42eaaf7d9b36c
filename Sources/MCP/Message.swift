public import StrictJSON

/// One well-formed JSON-RPC 2.0 message in a tape.
public enum Message: Sendable, Hashable {
    case request(id: RequestID, method: JSONNode, params: JSONNode?)
    case notification(method: JSONNode, params: JSONNode?)
    /// A response with a result, which is an object.
    case result(id: RequestID, result: JSONNode)
    /// A response with an error; a peer that could not read an id sends none.
    case error(id: RequestID?, error: JSONNode)
}

/// Why a JSON document is not one well-formed JSON-RPC message, and whom to tell.
public struct MessageProblem: Error, Sendable, Hashable {
    public enum Kind: Sendable, Hashable, CaseIterable {
        case notObject
        case batch
        /// `jsonrpc` is missing or not "2.0".
        case badVersion
        /// A member beside `jsonrpc`, `id`, `method`, `params`, `result`, `error`; also in another case.
        case unknownMember
        /// Members of a request and of a response.
        case hybrid
        case badID
        case badMethod
        case badParams
        case badResult
        case badError
        /// None of `method`, `result`, `error`.
        case empty
    }

    public let kind: Kind
    /// The id, where it can be read.
    public let id: RequestID?
    /// Whether somebody may wait for an answer: true of everything but what has the form of a response.
    public let isRequestLike: Bool

    public init(kind: Kind, id: RequestID?, isRequestLike: Bool) {
        self.kind = kind
        self.id = id
        self.isRequestLike = isRequestLike
    }
}
