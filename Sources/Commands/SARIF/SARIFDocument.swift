import ControlProtocol
import StrictJSON

/// SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html), within what GitHub's code scanning takes: one run, at most one
/// location for each result, relative URIs, rules with stable ids.
struct SARIFDocument: Sendable {
    /// The results' `ruleIndex` counts in these.
    let rules: [SARIFRule]
    let results: [JSON]
    /// Of `runs[0].invocations[0]`.
    let invocation: JSONObject
    /// `automationDetails.id`: what runs are of one series; nil where the reader is to say.
    let series: String?

    init(rules: [SARIFRule], results: [JSON], invocation: JSONObject, series: String? = nil) {
        self.rules = rules
        self.results = results
        self.invocation = invocation
        self.series = series
    }

    /// GitHub takes no more of a run.
    static let resultLimit = 25_000

    var json: JSON {
        var run: JSONObject = [
            "tool": ["driver": driver], "columnKind": "unicodeCodePoints", "invocations": [.object(invocation)], "results": .array(results),
        ]
        if let series { run["automationDetails"] = ["id": .string(series)] }
        return [
            "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json", "version": "2.1.0",
            "runs": [.object(run)],
        ]
    }

    private var driver: JSON {
        [
            "name": "sandboxctl", "semanticVersion": .string(ControlInterface.productVersion), "rules": .array(rules.map(\.json)),
        ]
    }
}
