import Evidence
import Policy
import StrictJSON

/// What a receipt of a kernel's denial says, in one line. The names in it are the server's choice: not escaped here.
struct KernelDenialSummary: Sendable, Hashable {
    enum Subject: Sendable, Hashable {
        /// What was to be done, and to what: an endpoint, a path, a socket.
        case act(String, target: String)
        /// Acts that were counted and not told one by one.
        case others
        /// The kernel's records of them were lost, or could not be read.
        case untold
        /// From here on nothing could be observed.
        case unobservable
    }

    let subject: Subject
    let count: UInt64
    /// The rule by which it is held to be of one call.
    let inference: String?
    let mechanism: String?

    init(_ body: JSONObject) {
        count = ReceiptRecord.count(body["lost"]) ?? ReceiptRecord.count(body["count"]) ?? 1
        inference = body["attribution"] == "inferred" ? body["rule"]?.string ?? "?" : nil
        mechanism = body["mechanism"]?.string
        subject =
            if body["ring"] != nil {
                .unobservable
            } else if body["lost"] != nil || body["unreadable"] == true {
                .untold
            } else if body["kinds"] != nil || body["others"] == true {
                .others
            } else {
                .act(Self.act(body), target: Self.target(body))
            }
    }

    private static func act(_ body: JSONObject) -> String {
        let blockers = (body["blockers"]?.array ?? []).compactMap(\.string)
        if !blockers.isEmpty { return blockers.joined(separator: ", ") }
        if let act = body["act"]?.string { return act }
        return body["hook"]?.string.map(verb) ?? "act"
    }

    /// What the programs of a session stop, by the beginnings of their names.
    private static func verb(_ hook: String) -> String {
        let verbs = [
            ("connect", "connect to"), ("received_connect", "connect to"), ("unix_stream", "connect to"), ("sendmsg", "send to"),
            ("received_send", "send to"), ("unix_datagram", "send to"), ("packet_out", "send a packet to"), ("bind", "bind to"),
            ("received_bind", "bind to"), ("unix_bind", "bind to"), ("unix_listen", "listen on"), ("received_listen", "listen on"),
            ("sock_create", "make"),
        ]
        return verbs.first { hook.utf8.starts(with: $0.0.utf8) }?.1 ?? hook
    }

    private static func target(_ body: JSONObject) -> String {
        if let path = body["path"]?.string { return path }
        if let bytes = body["pathBytes"]?.string { return "path of bytes \(bytes)" }
        if body["pathTooLong"] == true { return "path that is too long" }
        if let endpoint = endpoint(body) { return endpoint }
        return body["family"]?.string.map { "\($0) socket" } ?? "unnamed"
    }

    private static func endpoint(_ body: JSONObject) -> String? {
        guard let port = body["port"]?.int64 else { return nil }
        let transport = body["transport"]?.string ?? body["protocol"]?.int64.map { "protocol \($0)" } ?? "tcp"
        guard let address = body["address"]?.string else { return "\(transport) *:\(port)" }
        let isVersion6 = address.utf8.contains(UInt8(ascii: ":"))
        return "\(transport) " + (isVersion6 ? "[\(address)]" : address) + ":\(port)"
    }

    /// Foreign names stand in it as they came.
    var words: String {
        switch subject {
        case .act(let act, let target): "\(act) \(target)" + times
        case .others: "\(count) more acts of other kinds"
        case .untold: "\(count) acts of which no record came"
        case .unobservable: "what is denied cannot be read in this session"
        }
    }

    private var times: String { count == 1 ? "" : ", \(count) times" }
}
