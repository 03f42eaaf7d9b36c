import Policy
import StrictJSON

/// A reason as a result: the same wherever refusals are exported from, receipts or the ledger.
struct SARIFReason {
    let reason: Reason
    /// What reads of relative places.
    let directory: String

    var rule: SARIFRule { SARIFRule(page: reason.code.page, name: "\(reason.code)", level: .error) }

    var message: String { ReasonWords(reason).paragraph() }

    /// What stays the same when the policy is refused again, though its lines may have moved.
    var cause: [String] {
        [reason.code.rawValue, reason.location?.file ?? ""] + reason.facts.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
    }

    /// Where it is said in the policy; nil where no line is to blame. `length`: as far as it is known.
    func place(withLength: Bool) -> JSON? {
        guard let location = reason.location else { return nil }
        let uri = SARIFPlace.uri(location.file, directory)
        var artifact: JSONObject = ["uri": .string(uri)]
        if !uri.hasPrefix("file:") { artifact["uriBaseId"] = "%SRCROOT%" }
        var region: JSONObject = ["startLine": JSON(location.line), "startColumn": JSON(location.column)]
        if withLength { region["endColumn"] = JSON(location.column + location.length) }
        return ["physicalLocation": ["artifactLocation": .object(artifact), "region": .object(region)]]
    }
}
