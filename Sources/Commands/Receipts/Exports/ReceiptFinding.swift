import Decision
import Evidence
import Policy
import StrictJSON

/// One result that a receipt gives: what was denied or refused, and why.
struct ReceiptFinding {
    let rule: SARIFRule
    let message: String
    /// Where in a policy it is said; nil where no receipt can know.
    private let place: JSON?
    /// What was called, asked for or tried.
    private let subject: String?
    /// What stays the same when the same happens again.
    private let cause: [String]

    static func all(of receipt: ExportedReceipt, directory: String) -> [ReceiptFinding] {
        switch receipt.kind {
        case .decision: denial(receipt).map { [$0] } ?? []
        case .kernelDenial: [kernelDenial(receipt)]
        case .refusal: refusals(receipt, directory)
        case .launch, .hold, .grant, .outcome, .drift, .exit, .connection, .preparation, .lifecycle: []
        }
    }

    private static func denial(_ receipt: ExportedReceipt) -> ReceiptFinding? {
        guard receipt.body["decision"] == "block" else { return nil }
        let subject = (receipt.body["tool"] ?? receipt.body["method"] ?? receipt.body["unknownMethod"])?.string
        let cause = ["reason", "tool", "method", "unknownMethod", "rule", "layer"].map { receipt.body[$0]?.string ?? "" }
        let code = receipt.body["reason"]?.string.flatMap { BlockCode(rawValue: $0) }
        return ReceiptFinding(
            rule: code.map { SARIFRule(page: $0.page, name: "\($0)", level: .warning) } ?? unknownCode(receipt.body["reason"]?.string),
            message: ReceiptExplanation(receipt.facts).summary + ".", place: nil, subject: subject, cause: cause)
    }

    private static func kernelDenial(_ receipt: ExportedReceipt) -> ReceiptFinding {
        // Who was in flight, and how often, differs each time.
        let varying: Set<String> = ["attribution", "calls", "claim", "count"]
        let cause = receipt.body.members.filter { !varying.contains($0.name) }.flatMap { member in
            [member.name, String(decoding: member.value.encoded(), as: UTF8.self)]
        }
        return ReceiptFinding(
            rule: SARIFRule(page: KernelDenialPage.page, name: "kernelDenial", level: .error),
            message: ReceiptExplanation(receipt.facts).summary + ".", place: nil,
            subject: (receipt.body["address"] ?? receipt.body["path"])?.string, cause: cause)
    }

    private static func refusals(_ receipt: ExportedReceipt, _ directory: String) -> [ReceiptFinding] {
        (receipt.body["reasons"]?.array ?? []).compactMap { json in
            guard let reason = ReceiptExplanation.reason(json) else { return nil }
            let mapped = SARIFReason(reason: reason, directory: directory)
            return ReceiptFinding(
                rule: mapped.rule, message: mapped.message, place: mapped.place(withLength: false), subject: receipt.body["server"]?.string,
                cause: mapped.cause)
        }
    }

    /// A log of a later version may have codes that this one does not know.
    private static func unknownCode(_ code: String?) -> SARIFRule {
        let page = CodePage(
            Escaping.line(code ?? "none"), "a reason that this version does not know",
            meaning: "The receipt names a reason code that was added later.",
            why: "Codes are never reworded or used again, and new ones come.",
            waysOut: ["Use the version of sandboxctl that wrote the log, or a later one."])
        return SARIFRule(page: page, name: "unknown", level: .warning)
    }

    func json(index: Int, of receipt: ExportedReceipt, in origin: String) -> JSON {
        var result: JSONObject = [
            "ruleId": .string(rule.page.code), "ruleIndex": JSON(index), "level": .string(rule.level.rawValue),
            "message": ["text": .string(message)], "locations": [place ?? logicalPlace(receipt)],
            "partialFingerprints": [
                "sandboxdReceipt/v1": .string(Self.print([origin, String(receipt.number), rule.page.code] + cause)),
                "sandboxdCause/v1": .string(Self.print([rule.page.code] + cause)),
            ],
        ]
        var properties: JSONObject = ["receipt": JSON(Int64(clamping: receipt.number)), "time": .string(receipt.time)]
        for name in [ReceiptFields.session, ReceiptFields.policy, ReceiptFields.custody] { properties[name] = receipt.facts[name] }
        result["properties"] = .object(properties)
        return .object(result)
    }

    /// The receipt has no line of a policy to point at: the tool of the session is where it happened.
    private func logicalPlace(_ receipt: ExportedReceipt) -> JSON {
        let name = Escaping.line(subject ?? receipt.kind.rawValue)
        let session = receipt.session.map { Escaping.line($0) + "/" } ?? ""
        return ["logicalLocations": [["name": .string(name), "fullyQualifiedName": .string("\(session)\(name)")]]]
    }

    private static func print(_ parts: [String]) -> String {
        var hash = SHA256()
        for part in parts { hash.update(Array(part.utf8) + [0]) }
        return String(hash.finish().hex.prefix(32))
    }
}
