public import Descriptors
import Policy
public import StrictJSON

extension RefusalDetails {
    /// Bytes of reasons in a reply: those of older findings are left out before it is too long.
    private static let reasonBytes = 512 << 10

    /// The reply, texts as sealed memory files.
    public func encode() throws(Errno) -> ControlMessage {
        var descriptors = DescriptorList()
        var listed: [JSON] = []
        for document in documents {
            var place = JSON.null
            if let bytes = document.bytes {
                descriptors.append(try SealedMemory.make(name: "document", bytes: bytes))
                place = JSON(descriptors.count - 1)
            }
            listed.append(["name": .string(document.name), "size": .number(JSONNumber(document.size)), "descriptor": place])
        }
        let parameters = JSONObject([
            ("refusal", summary.json), ("findings", .array(Self.json(findings))), ("events", .array(events.map(\.json))),
            ("documents", .array(listed)), ("host", host ?? .null),
        ])
        return ControlMessage(parameters, descriptors: descriptors)
    }

    private static func json(_ findings: [Finding]) -> [JSON] {
        var left = reasonBytes
        return findings.map { finding in
            var finding = finding
            let kept = finding.reasons.prefix { reason in
                left -= reason.json.encoded().count
                return left >= 0
            }
            finding.leftOut += Int64(finding.reasons.count - kept.count)
            finding.reasons = Array(kept)
            return finding.json
        }
    }

    public init(_ reply: consuming ControlMessage) throws(ControlCallFailure) {
        guard let summary = RefusalSummary(reply.parameters["refusal"]), let findings = reply.parameters["findings"]?.array,
            let events = reply.parameters["events"]?.array, let documents = reply.parameters["documents"]?.array,
            let host = reply.parameters["host"]
        else { throw .violation(.malformed) }
        self.init(
            summary: summary, findings: findings.compactMap { Finding($0) }, events: events.compactMap { Event($0) }, documents: [],
            host: host.isNull ? nil : host)
        guard self.findings.count == findings.count, self.events.count == events.count else { throw .violation(.malformed) }
        for json in documents {
            guard let name = json["name"]?.string, let size = json["size"]?.int64, let place = json["descriptor"] else {
                throw .violation(.malformed)
            }
            self.documents.append(Document(name: name, size: size, bytes: try Self.bytes(place, &reply)))
        }
    }

    private static func bytes(_ place: JSON, _ reply: inout ControlMessage) throws(ControlCallFailure) -> [UInt8]? {
        if place.isNull { return nil }
        guard let index = place.int64, let file = reply.descriptors.take(Int(truncatingIfNeeded: index)),
            let bytes = try? file.sealedContents(limit: ControlLimits.documentBytes)
        else { throw .violation(.malformed) }
        return bytes
    }
}

extension RefusalDetails.Finding {
    public var json: JSON {
        let number = { (value: Int64) -> JSON in .number(JSONNumber(value)) }
        return [
            "subject": .string(subject), "expanded": .bool(isExpanded), "host": .string(host), "reasons": .array(reasons.map(\.json)),
            "leftOut": number(leftOut),
            "layers": .object(JSONObject(layers.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
            "stage": .string(stage.rawValue), "times": number(times), "firstSeen": number(firstSeen), "lastSeen": number(lastSeen),
            "firstReceipt": firstReceipt?.json ?? .null, "lastReceipt": lastReceipt?.json ?? .null,
        ]
    }

    init?(_ json: JSON) {
        guard let subject = json["subject"]?.string, let isExpanded = json["expanded"]?.bool, let host = json["host"]?.string,
            let listed = json["reasons"]?.array, let leftOut = json["leftOut"]?.int64, let members = json["layers"]?.object,
            let stage = json["stage"]?.string.flatMap(Stage.init(rawValue:)), let times = json["times"]?.int64,
            let firstSeen = json["firstSeen"]?.int64, let lastSeen = json["lastSeen"]?.int64
        else { return nil }
        let reasons = listed.compactMap { Reason(json: $0) }
        guard reasons.count == listed.count else { return nil }
        var layers: [String: String] = [:]
        for member in members.members { layers[member.name] = member.value.string }
        self.init(
            subject: subject, isExpanded: isExpanded, host: host, reasons: reasons, leftOut: leftOut, layers: layers, stage: stage,
            times: times, firstSeen: firstSeen, lastSeen: lastSeen, firstReceipt: RefusalDetails.Receipt(json["firstReceipt"]),
            lastReceipt: RefusalDetails.Receipt(json["lastReceipt"]))
    }
}

extension RefusalDetails.Receipt {
    public var json: JSON { ["log": .string(log), "number": .number(JSONNumber(number))] }

    init?(_ json: JSON?) {
        guard let log = json?["log"]?.string, let number = json?["number"]?.int64 else { return nil }
        self.init(log: log, number: number)
    }
}

extension RefusalDetails.Event {
    public var json: JSON {
        [
            "kind": .string(kind.rawValue), "time": .number(JSONNumber(time)),
            "author": author.map { .number(JSONNumber($0)) } ?? .null, "words": words.map(JSON.string) ?? .null,
        ]
    }

    init?(_ json: JSON) {
        guard let kind = json["kind"]?.string.flatMap(Kind.init(rawValue:)), let time = json["time"]?.int64 else { return nil }
        self.init(kind: kind, time: time, author: json["author"]?.int64, words: json["words"]?.string)
    }
}
