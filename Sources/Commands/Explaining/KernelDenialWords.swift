import Policy
import StrictJSON

/// An act that the kernel stopped: `transport`, `address` and `port` where it was a connection, a datagram or a listener, `path` and `act`
/// where it was about a file, the `mechanism` that stopped it, and the `calls` that may have caused it.
struct KernelDenialWords {
    private let body: JSONObject

    init(_ body: JSONObject) { self.body = body }

    var paragraphs: [String] {
        if isLandlock { return LandlockDenialWords(body).paragraphs }
        if let lost = body["lost"]?.int64 {
            return ["the kernel stopped \(acts(lost)) of the server that the ring buffer had no room for", "more is not known of them"]
        }
        if body["ring"] != nil { return ["what the kernel stops could not be read in this session", "its count is compared at the end"] }
        if body["unreadable"] == true { return ["the kernel stopped \(acts(count)) of the server", "the records do not say which"] }
        if let kinds = body["kinds"]?.int64 {
            return ["the kernel stopped \(acts(count)) more of the server, of \(kinds) kinds: too many to be told one by one"] + cause
        }
        return endpoint.map { told($0) } ?? untold
    }

    private var isLandlock: Bool { body["mechanism"] == "landlock" }

    private func told(_ endpoint: Endpoint) -> [String] {
        ["the kernel stopped \(endpoint.act) \(endpoint.text)\(times)\(mechanism)"] + cause + endpoint.allowing
    }

    private var untold: [String] {
        ["the kernel stopped \(what)\(times)\(mechanism)"] + cause + allowing
    }

    /// A path that was too long for its record ends in `…`.
    private var allowing: [String] {
        guard body["act"] == "execution", let path = body["path"]?.string, path.utf8.first == UInt8(ascii: "/"), !path.hasSuffix("…") else {
            return ["the receipt does not say enough to name a rule"]
        }
        return [
            "the smallest line that would permit it:",
            ReceiptExplanation.indented(["files: {execute: [\(ReceiptExplanation.yaml(path))]}"]),
            "put it beside what `files.execute` lists already; `sandboxctl plan --diff` says what else changes",
        ]
    }

    /// `path` and `act` are those of a file; a protocol without ports has no endpoint.
    private var what: String {
        let act = body["act"]?.string.map { Escaping.line($0) } ?? "an act"
        return (act.utf8.elementsEqual("execution".utf8) ? "the " : "") + act
            + (body["path"]?.string.map { " of \(Escaping.quoted($0))" } ?? " of the server")
    }

    private var mechanism: String { body["mechanism"]?.string.map { ", by \(Escaping.line($0))" } ?? "" }
    private var count: Int64 { body["count"]?.int64 ?? 1 }
    private var times: String { count == 1 ? "" : ", \(count) times" }
    private func acts(_ count: Int64) -> String { count == 1 ? "an act" : "\(count) acts" }

    private var cause: [String] {
        let calls = (body["calls"]?.array ?? []).compactMap(\.int64)
        let all = calls.map(String.init).joined(separator: ", ")
        switch body["attribution"]?.string {
        case "inferred": return ["inferred (only call in flight): the call with spool number \(all) of this session caused it"]
        case "several": return ["several calls were in flight, and any may have caused it: those with spool numbers \(all) of this session"]
        case "none": return ["no call was in flight: it is the session's"]
        case _: return []
        }
    }

    private var endpoint: Endpoint? {
        guard let transport = body["transport"]?.string, ["tcp", "udp"].contains(transport),
            let address = body["address"]?.string.flatMap({ IPAddress($0) })?.unmapped,
            let port = body["port"]?.int64.flatMap({ UInt16(exactly: $0) })
        else { return nil }
        let isListening = body["hook"]?.string.map { ["bind4", "bind6"].contains($0) } ?? false
        return Endpoint(transport: transport, address: address, port: port, isListening: isListening)
    }
}

/// Where the server wanted to go, or to be reached.
private struct Endpoint {
    let transport: String
    let address: IPAddress
    let port: UInt16
    let isListening: Bool

    var act: String { isListening ? "a \(transport) socket from being bound to" : transport == "tcp" ? "a connection to" : "a datagram to" }

    var text: String { EndpointPattern(addresses: .one(address), ports: .one(port)).description }

    /// The kernel takes the unspecified address for loopback where it is a peer, and for all addresses where it is one's own.
    private var pattern: String {
        let addresses: EndpointPattern.Addresses =
            !address.isUnspecified ? .one(address) : isListening ? .any : .one(IPAddress(isVersion4 ? "127.0.0.1" : "::1") ?? address)
        return EndpointPattern(addresses: addresses, ports: .one(port)).description
    }

    private var isVersion4: Bool { if case .v4 = address { true } else { false } }

    var allowing: [String] {
        if isListening, transport != "tcp" { return ["no line permits it: only TCP may listen"] }
        if address.isLinkLocal || port == 0 {
            return ["no line permits it alone: link-local addresses and port 0 cannot be named. Metadata services are at such addresses"]
        }
        let clause = isListening ? "ingress" : "egress"
        return [
            "the smallest line that would permit it:",
            ReceiptExplanation.indented(["\(clause): {\(transport): [\(ReceiptExplanation.yaml(pattern))]}"]),
            "put it beside what `\(clause).\(transport)` lists already; `sandboxctl plan --diff` says what else changes",
        ]
    }
}
