import Decision
import Policy
import StrictJSON

/// Reads what goes by between client and gate, for observing only: which calls were made, by what shape of arguments, and which of them are in flight.
final class ConversationWatch {
    private(set) var sightings = Sightings()
    /// The server has answered something.
    private(set) var hasAnswered = false
    private var fromClient = Lines()
    private var toClient = Lines()
    /// Calls without an answer, by the bytes of their ids.
    private var pending: [[UInt8]: Call] = [:]

    private struct Call {
        let tool: String
        let arguments: JSON?
    }

    private static let mostPending = 4_096

    /// What is held to be the cause of what happens now.
    var moment: Sightings.Moment {
        guard hasAnswered else { return .start }
        guard let first = pending.first else { return .betweenCalls }
        return pending.count == 1 ? .call(first.value.tool) : .severalCalls
    }

    func see(_ act: PolicyAct) { sightings.act(act, moment) }
    func see(name: String) { sightings.name(name, moment) }
    func seeUnreadable() { sightings.unreadable &+= 1 }

    func clientWrote(_ bytes: [UInt8]) { fromClient.take(bytes) { line in forEach(line) { clientMessage($0) } } }

    func clientReads(_ bytes: [UInt8]) { toClient.take(bytes) { line in forEach(line) { serverMessage($0) } } }

    /// All that was seen; calls without an answer included.
    func finish() -> Sightings {
        for call in pending.values { sightings.call(call.tool, arguments: call.arguments) }
        pending.removeAll()
        return sightings
    }

    private func forEach(_ line: [UInt8], _ body: (JSONObject) -> Void) {
        guard let json = try? JSON(parsing: line) else { return }
        for message in json.array ?? [json] { if let object = message.object { body(object) } }
    }

    private func clientMessage(_ message: JSONObject) {
        guard let method = message["method"]?.string else { return }
        let params = message["params"]
        switch method {
        case "tools/call":
            guard let id = message["id"], let tool = params?["name"]?.string, pending.count < Self.mostPending else { return }
            pending[id.encoded()] = Call(tool: tool, arguments: params?["arguments"])
        case "prompts/get": if let name = params?["name"]?.string { sightings.prompt(name) }
        case "resources/read", "resources/subscribe": if let address = params?["uri"]?.string { sightings.resource(address) }
        case _: break
        }
    }

    private func serverMessage(_ message: JSONObject) {
        switch message["method"]?.string {
        case "sampling/createMessage"?: sightings.message(.sampling)
        case "elicitation/create"?: sightings.message(.elicitation)
        case "roots/list"?: sightings.message(.roots)
        case _?: break
        case nil:
            guard let id = message["id"] else { return }
            let isBlocked = (message["result"]?["_meta"] ?? message["error"]?["data"])?[Self.decisionMember] != nil
            if let call = pending.removeValue(forKey: id.encoded()) {
                if isBlocked { sightings.block(call.tool) } else { sightings.call(call.tool, arguments: call.arguments) }
            }
            hasAnswered = hasAnswered || !isBlocked
        }
    }

    /// By which the gate says what it decided.
    private static let decisionMember = "io.sandboxd/decision"

    /// Lines of a stream; one that is too long is passed over.
    private struct Lines {
        private var line: [UInt8] = []
        private var isTooLong = false

        private static let longest = 8 << 20

        mutating func take(_ bytes: [UInt8], _ body: ([UInt8]) -> Void) {
            var rest = bytes[...]
            while let end = rest.firstIndex(of: 0x0A) {
                append(rest[..<end])
                if !isTooLong { body(line) }
                line.removeAll(keepingCapacity: line.count < 65_536)
                isTooLong = false
                rest = rest[(end + 1)...]
            }
            append(rest)
        }

        private mutating func append(_ bytes: ArraySlice<UInt8>) {
            guard !isTooLong, line.count + bytes.count <= Self.longest else {
                isTooLong = true
                return line.removeAll()
            }
            line += bytes
        }
    }
}
