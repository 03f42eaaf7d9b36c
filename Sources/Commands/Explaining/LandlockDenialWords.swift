import Policy
import StrictJSON

/// An act that Landlock stopped, as the kernel's audit log told it: the `blockers`, rights that were missing, and `path`, or `address` and `port`.
struct LandlockDenialWords {
    private let body: JSONObject

    init(_ body: JSONObject) { self.body = body }

    var paragraphs: [String] {
        if let lost = body["lost"]?.int64 {
            return ["Landlock stopped \(acts(lost)) of the server that no record came of", "more is not known of them"]
        }
        if body["others"] == true { return ["Landlock stopped \(acts(count)) more of the server, too many to be told one by one", cause] }
        return ["Landlock stopped \(what)\(times)", cause] + allowing
    }

    /// The record comes by way of a thread of the kernel's, after the act.
    private var cause: String { "the kernel does not say during which call: it is the session's" }

    private var count: Int64 { body["count"]?.int64 ?? 1 }
    private var times: String { count == 1 ? "" : ", \(count) times" }
    private func acts(_ count: Int64) -> String { count == 1 ? "an act" : "\(count) acts" }

    private var blockers: [String] { (body["blockers"]?.array ?? []).compactMap(\.string) }
    private func blocks(_ names: String...) -> Bool { blockers.contains { one in names.contains { $0.utf8.elementsEqual(one.utf8) } } }
    private var path: String? { body["path"]?.string }

    private var what: String {
        let missing = "(\(blockers.map { Escaping.line($0) }.joined(separator: ", ")))"
        if let place { return "\(verb) \(place) \(missing)" }
        return "an act of the server \(missing)"
    }

    private var place: String? {
        if let path { return Escaping.quoted(path) }
        if body["pathTooLong"] == true { return "a file whose path is too long to be told" }
        if let bytes = body["pathBytes"]?.string { return "a file whose name is no text, in hexadecimal digits \(Escaping.line(bytes))" }
        return endpoint
    }

    private var endpoint: String? {
        guard let port else { return nil }
        guard let address else { return "port \(port) of the unspecified address" }
        return EndpointPattern(addresses: .one(address), ports: .one(port)).description
    }

    private var address: IPAddress? { body["address"]?.string.flatMap { IPAddress($0) }?.unmapped }
    private var port: UInt16? { body["port"]?.int64.flatMap { UInt16(exactly: $0) } }

    private var verb: String {
        if body["port"] != nil { return body["own"] == true ? "a socket from being bound to" : "a connection to" }
        if blocks("fs.execute") { return "the execution of" }
        if blocks("fs.resolve_unix") { return "a connection to the socket" }
        if blocks("fs.write_file", "fs.truncate") { return "the writing of" }
        if blocks("fs.read_file") { return "the reading of" }
        if blocks("fs.read_dir") { return "the listing of" }
        return blockers.contains { $0.hasPrefix("fs.make_") } ? "something from being made in" : "a change in"
    }

    private var allowing: [String] {
        guard let line else { return ["the receipt does not say enough to name a rule"] }
        return [
            "the smallest line that would permit it:", ReceiptExplanation.indented([line]), "put it beside what the clause lists already",
        ]
    }

    /// Landlock holds connections by their port, whatever the address.
    private var line: String? {
        if let port { return blocks("net.connect_tcp") && port != 0 ? "egress: {tcp: [\(ReceiptExplanation.yaml("*:\(port)"))]}" : nil }
        guard let path, path.utf8.first == UInt8(ascii: "/"), blockers.allSatisfy({ $0.hasPrefix("fs.") }) else { return nil }
        let name = ReceiptExplanation.yaml(path)
        if blocks("fs.resolve_unix") { return "egress: {unix: [\(name)]}" }
        if blocks("fs.execute") { return "files: {execute: [\(name)]}" }
        if blocks("fs.make_char", "fs.make_block", "fs.make_fifo", "fs.make_sock", "fs.ioctl_dev") { return nil }
        let isRead = blockers.allSatisfy { $0.hasPrefix("fs.read_") }
        return isRead ? "files: {read: [\(name)]}" : "files: {write: [\(name)]}"
    }
}
