import Decision
import Evidence
import Policy
import StrictJSON

/// What was denied and refused, for code scanning: denials of the gate, of the kernel, and refused policies.
struct SARIFExport: ReceiptExport {
    private let log: ExportedLog
    /// By the order in which they first came.
    private var rules: [SARIFRule] = []
    private var indices: [String: Int] = [:]
    private var results: [JSON] = []
    private var omitted = 0
    private var firstOmitted: ExportedReceipt?
    private let directory: String

    init(of log: ExportedLog, directory: String) {
        self.log = log
        self.directory = directory
    }

    mutating func take(_ receipt: ExportedReceipt) throws(ExportProblem) -> [UInt8] {
        for finding in ReceiptFinding.all(of: receipt, directory: directory) { add(finding, of: receipt) }
        return []
    }

    private mutating func add(_ finding: ReceiptFinding, of receipt: ExportedReceipt) {
        guard results.count < SARIFDocument.resultLimit else {
            omitted += 1
            firstOmitted = firstOmitted ?? receipt
            return
        }
        results.append(finding.json(index: index(of: finding.rule), of: receipt, in: log.checkpoint.origin))
    }

    private mutating func index(of rule: SARIFRule) -> Int {
        if let index = indices[rule.page.code] { return index }
        rules.append(rule)
        indices[rule.page.code] = rules.count - 1
        return rules.count - 1
    }

    mutating func finish() throws(ExportProblem) -> [UInt8] {
        let notes = (log.report.isGood ? [] : ["the log does not verify: none of this is proven"]) + remarks
        var invocation: JSONObject = ["executionSuccessful": .bool(log.report.isGood)]
        if !notes.isEmpty {
            invocation["toolExecutionNotifications"] = .array(notes.map { ["level": "warning", "message": ["text": .string($0 + ".")]] })
        }
        let document = SARIFDocument(
            rules: rules, results: results, invocation: invocation, series: "sandboxd/receipts/\(log.checkpoint.origin)")
        return document.json.encoded() + [UInt8(ascii: "\n")]
    }

    var remarks: [String] {
        guard let firstOmitted else { return [] }
        return [
            "\(SARIFDocument.resultLimit) results are here, as many as readers take of a run, and \(omitted) are left out, "
                + "from receipt \(firstOmitted.number) on: export these with `--from \(firstOmitted.time)`"
        ]
    }
}
