import StrictJSON

/// What a request of the modern era is made again with, after it was answered by a question: the server's, or the gate's own.
struct Retry {
    static let names: [StaticString] = ["inputResponses", "requestState"]
    /// How the states of the gate's own questions begin; no server may give one.
    static let ownState = Array("sandboxd.".utf8)

    var responses: JSONNode?
    var state: JSONNode?
    /// The names of both members.
    var members: [JSONNode] = []

    static let none = Retry()

    var isEmpty: Bool { responses == nil && state == nil }
}
