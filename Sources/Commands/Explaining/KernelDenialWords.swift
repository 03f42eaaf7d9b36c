import Policy
import StrictJSON

/// An act that the kernel stopped: `transport`, `address` and `port` where it was a connection or a datagram, `path` and `act` where it was
/// about a file, and the `mechanism` that stopped it.
struct KernelDenialWords {
    private let body: JSONObject

    init(_ body: JSONObject) { self.body = body }

    var paragraphs: [String] {
        let mechanism = body["mechanism"]?.string.map { ", by \(Escaping.line($0))" } ?? ""
        guard let transport = body["transport"]?.string, ["tcp", "udp"].contains(transport),
            let address = body["address"]?.string.flatMap({ IPAddress($0) })?.unmapped,
            let port = body["port"]?.int64.flatMap({ UInt16(exactly: $0) })
        else { return ["the kernel stopped an act of the server\(mechanism)", "the receipt does not say enough to name a rule"] }
        let endpoint = EndpointPattern(addresses: .one(address), ports: .one(port)).description
        let stopped = "the kernel stopped \(transport == "tcp" ? "a connection" : "a datagram") to \(endpoint)\(mechanism)"
        return [stopped] + allowing(transport, address, port, endpoint)
    }

    private func allowing(_ transport: String, _ address: IPAddress, _ port: UInt16, _ endpoint: String) -> [String] {
        if address.isLinkLocal || port == 0 {
            return ["no line permits it alone: link-local addresses and port 0 cannot be named. Metadata services are at such addresses"]
        }
        return [
            "the smallest line that would permit it:",
            ReceiptExplanation.indented(["egress: {\(transport): [\(ReceiptExplanation.yaml(endpoint))]}"]),
            "put it beside what `egress.\(transport)` lists already; `sandboxctl plan --diff` says what else changes",
        ]
    }
}
