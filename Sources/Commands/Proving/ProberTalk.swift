import Descriptors
import Glibc
import StrictJSON

/// Speaks to a prober, confined or not, as an MCP client does: one act at a time.
struct ProberTalk: ~Copyable {
    /// What came of an act.
    enum Answer: Sendable, Hashable {
        /// The errno, 0 where the call succeeded, and what the prober says that it saw.
        case done(Int32, said: String)
        /// It ended without an answer.
        case ended
        /// No answer in time.
        case silent
        /// Somebody else answered in its place.
        case other(String)
    }

    private var input: OwnedDescriptor?
    private let output: OwnedDescriptor
    private var pending: [UInt8] = []
    private var number = 0

    private static let longestLine = 1 << 18

    /// `input` is written to, `output` is read.
    init(input: consuming OwnedDescriptor, output: consuming OwnedDescriptor) {
        self.input = consume input
        self.output = output
    }

    /// The client's part of the beginning.
    mutating func begin(_ interruption: borrowing Interruption, until deadline: UInt64) throws(ProofFailure) -> Bool {
        let parameters: JSON = [
            "protocolVersion": "2025-11-25", "capabilities": .object(JSONObject()),
            "clientInfo": ["name": "sandboxctl-prove", "version": "1"],
        ]
        guard send("initialize", parameters, isRequest: true) else { return false }
        guard case .line(let answer) = try receive(interruption, until: deadline), answer["result"] != nil else { return false }
        return send("notifications/initialized", .object(JSONObject()), isRequest: false)
    }

    mutating func act(_ words: String, _ interruption: borrowing Interruption, until deadline: UInt64) throws(ProofFailure) -> Answer {
        guard send("tools/call", ["name": "act", "arguments": ["words": .string(words)]], isRequest: true) else { return .ended }
        while true {
            switch try receive(interruption, until: deadline) {
            case .ended: return .ended
            case .silent: return .silent
            case .line(let answer):
                // An answer that comes late belongs to an act that was given up.
                guard answer["id"]?.int64 == Int64(number) else { continue }
                return Self.answer(answer)
            }
        }
    }

    /// Closes what the prober reads, so that it ends.
    mutating func finish() { input = nil }

    private static func answer(_ message: JSON) -> Answer {
        let text = message["result"]?["content"]?.array?.first?["text"]?.string
        guard let text, message["result"]?["isError"]?.bool != true, let told = try? JSON(parsing: Array(text.utf8)),
            let error = told["errno"]?.int64, let said = told["said"]?.string
        else { return .other(text ?? message["error"]?["message"]?.string ?? "no result") }
        // -1 is an act that this prober does not know.
        guard error >= 0 else { return .other("this prober does not know the act") }
        return .done(Int32(truncatingIfNeeded: error), said: said)
    }

    private mutating func send(_ method: String, _ parameters: JSON, isRequest: Bool) -> Bool {
        if isRequest { number += 1 }
        var message = JSONObject([("jsonrpc", "2.0")])
        if isRequest { message["id"] = JSON(number) }
        message["method"] = .string(method)
        message["params"] = parameters
        return (try? input?.writeWhole(JSON.object(message).encoded() + [UInt8(ascii: "\n")])) != nil && input != nil
    }

    private enum Received {
        case line(JSON)
        case ended, silent
    }

    private mutating func receive(_ interruption: borrowing Interruption, until deadline: UInt64) throws(ProofFailure) -> Received {
        while true {
            if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(pending[..<end])
                pending.removeSubrange(...end)
                guard let message = try? JSON(parsing: line) else { return .ended }
                return .line(message)
            }
            guard pending.count < Self.longestLine else { return .ended }
            guard try interruption.wait(for: output.number, Int16(POLLIN), until: deadline) else { return .silent }
            guard case .moved? = try? output.read(appendingTo: &pending, atMost: 65_536) else { return .ended }
        }
    }
}
