import Descriptors
import Glibc
import MCP
import StrictJSON

/// Answers the client's first request when nothing was started, so that the reason is seen where the client shows its errors.
struct ClientAnswer {
    /// Nanoseconds that the client is given for its first request.
    private static let patience: UInt64 = 5_000_000_000
    /// As `wrap` ends with 125.
    private static let code = ErrorCode.own(125)
    private static let longestLine = 1 << 20

    let input: BorrowedDescriptor
    let output: BorrowedDescriptor

    /// Waits for a request, until the end, too long a line or the deadline; answers it with an error that carries `text`. True when it did.
    @discardableResult
    func refuse(_ text: String) -> Bool {
        guard !input.isTerminal, let id = firstRequestID(deadline: Clock.monotonic + Self.patience) else { return false }
        do {
            try output.writeWhole(Self.error(text, to: id))
            return true
        } catch {
            return false
        }
    }

    /// One line: a JSON-RPC error.
    static func error(_ text: String, to id: JSON) -> [UInt8] {
        let error: JSON = ["code": JSON(Self.code.value), "message": .string(text)]
        return JSON.object(JSONObject([("jsonrpc", "2.0"), ("id", id), ("error", error)])).encoded() + [UInt8(ascii: "\n")]
    }

    /// The id of a request; nil for notifications, answers, and what is none of these.
    static func requestID(of line: [UInt8]) -> JSON? {
        guard let message = try? JSON(parsing: line), message["method"]?.string != nil, let id = message["id"],
            id.string != nil || id.int64 != nil
        else { return nil }
        return id
    }

    private func firstRequestID(deadline: UInt64) -> JSON? {
        var bytes: [UInt8] = []
        while bytes.count <= Self.longestLine, waitForInput(deadline) {
            let transfer = try? input.read(appendingTo: &bytes, atMost: 65_536)
            while let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
                if let id = Self.requestID(of: Array(bytes[..<end])) { return id }
                bytes.removeFirst(end + 1)
            }
            if transfer == nil || transfer == .ended { return Self.requestID(of: bytes) }
        }
        return nil
    }

    /// poll(2); a file or device that cannot be waited for is always ready.
    private func waitForInput(_ deadline: UInt64) -> Bool {
        while true {
            let now = Clock.monotonic
            guard now < deadline else { return false }
            var entry = pollfd(fd: input.number, events: Int16(POLLIN), revents: 0)
            let count = poll(&entry, 1, Int32((deadline - now) / 1_000_000 + 1))
            if count > 0 { return true }
            if count < 0, errno != EINTR { return false }
        }
    }
}
