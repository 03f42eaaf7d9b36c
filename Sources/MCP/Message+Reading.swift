public import StrictJSON

extension Message {
    /// Reads the document of a tape. Members are known by name and form, or the message is refused.
    public init(_ tape: borrowing JSONTape) throws(MessageProblem) {
        let members = try Members(tape)
        guard members.method == nil || !members.hasOutcome else { throw members.problem(.hybrid) }
        if let method = members.method {
            self = try Message(method, members, tape)
        } else if members.hasOutcome {
            self = try Message(outcomeOf: members, tape)
        } else {
            throw members.problem(.empty)
        }
    }

    private init(_ method: JSONNode, _ members: Members, _ tape: borrowing JSONTape) throws(MessageProblem) {
        guard tape.kind(of: method) == .string else { throw members.problem(.badMethod) }
        if let params = members.params, tape.kind(of: params) != .object { throw members.problem(.badParams) }
        guard members.hasID else {
            self = .notification(method: method, params: members.params)
            return
        }
        guard let id = members.id else { throw members.problem(.badID) }
        self = .request(id: id, method: method, params: members.params)
    }

    private init(outcomeOf members: Members, _ tape: borrowing JSONTape) throws(MessageProblem) {
        guard members.params == nil else { throw members.problem(.hybrid) }
        switch (members.result, members.error) {
        case (let result?, nil):
            guard let id = members.id else { throw members.problem(.badID) }
            guard tape.kind(of: result) == .object else { throw members.problem(.badResult) }
            self = .result(id: id, result: result)
        case (nil, let error?):
            guard members.id != nil || members.hasNoOrNullID else { throw members.problem(.badID) }
            guard Self.isError(error, tape) else { throw members.problem(.badError) }
            self = .error(id: members.id, error: error)
        case (_?, _?), (nil, nil):
            throw members.problem(.hybrid)
        }
    }

    private static func isError(_ node: JSONNode, _ tape: borrowing JSONTape) -> Bool {
        guard let code = tape.member("code", of: node), let text = tape.member("message", of: node) else { return false }
        return tape.int64(code) != nil && tape.kind(of: text) == .string
    }
}

/// The members of a message, found in one pass.
private struct Members {
    var method: JSONNode?
    var params: JSONNode?
    var result: JSONNode?
    var error: JSONNode?
    var id: RequestID?
    var hasID = false
    var hasNoOrNullID = true

    var hasOutcome: Bool { result != nil || error != nil }

    func problem(_ kind: MessageProblem.Kind) -> MessageProblem {
        MessageProblem(kind: kind, id: id, isRequestLike: method != nil || !hasOutcome)
    }

    init(_ tape: borrowing JSONTape) throws(MessageProblem) {
        switch tape.kind(of: .root) {
        case .object: break
        case .array: throw problem(.batch)
        case .null, .false, .true, .number, .string: throw problem(.notObject)
        }
        var hasVersion = false, hasUnknown = false
        var cursor = tape.firstChild(of: .root)
        while let name = cursor {
            let value = tape.value(of: name)
            if tape.isString(name, "jsonrpc") {
                hasVersion = tape.isString(value, "2.0")
            } else if !take(name, value, tape) {
                hasUnknown = true
            }
            cursor = tape.nextName(after: name)
        }
        if !hasVersion { throw problem(.badVersion) }
        if hasUnknown { throw problem(.unknownMember) }
    }

    private mutating func take(_ name: JSONNode, _ value: JSONNode, _ tape: borrowing JSONTape) -> Bool {
        if tape.isString(name, "id") {
            hasID = true
            hasNoOrNullID = tape.kind(of: value) == .null
            id = RequestID(value, in: tape)
        } else if tape.isString(name, "method") {
            method = value
        } else if tape.isString(name, "params") {
            params = value
        } else if tape.isString(name, "result") {
            result = value
        } else if tape.isString(name, "error") {
            error = value
        } else {
            return false
        }
        return true
    }
}
