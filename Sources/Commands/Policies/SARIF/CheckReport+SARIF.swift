import ControlProtocol
import Policy
import StrictJSON

/// SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html), within what GitHub's code scanning takes: one run, one location
/// for each result, relative URIs, rules with stable ids.
extension CheckReport {
    var sarif: JSON {
        [
            "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json", "version": "2.1.0",
            "runs": [
                [
                    "tool": ["driver": Self.driver], "columnKind": "unicodeCodePoints",
                    "invocations": [
                        ["executionSuccessful": true, "exitCode": JSON(Int(isExact ? ExitStatus.success.code : ExitStatus.refused.code))]
                    ],
                    "results": .array(results),
                ]
            ],
        ]
    }

    /// Rules in this order; results point at them by index.
    private static let codes = ReasonCode.allCases.sorted { $0.rawValue < $1.rawValue }

    private static var driver: JSON {
        [
            "name": "sandboxctl", "semanticVersion": .string(ControlInterface.productVersion), "rules": .array(codes.map(\.rule)),
        ]
    }

    private var results: [JSON] {
        let directory = CallerEnvironment.workingDirectory ?? "/"
        var fingerprints = SARIFFingerprints()
        return policies.flatMap { policy in
            policy.findings.map { finding in
                let place = SARIFPlace(finding.reason, in: policy, directory: directory)
                return result(finding, policy, place, fingerprints.next(finding.reason, place))
            }
        }
    }

    private func result(_ finding: CheckedPolicy.Finding, _ policy: CheckedPolicy, _ place: SARIFPlace, _ fingerprints: JSON) -> JSON {
        let code = finding.reason.code
        return [
            "ruleId": .string(code.rawValue), "ruleIndex": JSON(Self.codes.firstIndex(of: code) ?? 0), "level": "error",
            "message": ["text": .string(message(finding, place))], "locations": [place.json], "partialFingerprints": fingerprints,
            "properties": [
                "policy": .string(policy.file),
                "hosts": finding.hosts.map { .array($0.map { .string($0.name) }) } ?? .null,
            ],
        ]
    }

    /// One paragraph: readers show the first sentence alone where there is little room.
    private func message(_ finding: CheckedPolicy.Finding, _ place: SARIFPlace) -> String {
        let words = ReasonWords(finding.reason)
        let hosts = finding.hosts.map { $0.map { Escaping.line($0.name) }.joined(separator: ", ") }
        let said = [
            words.message, words.why.map { "why: \($0)" }, words.help.map { "help: \($0)" }, place.remark,
            hosts.map { "refused on: \($0)" },
        ]
        return said.compactMap { $0 }.map { $0.hasSuffix("?") ? $0 : $0 + "." }.joined(separator: " ")
    }
}

extension ReasonCode {
    /// A `reportingDescriptor`, from the code's page.
    fileprivate var rule: JSON {
        let page = page
        return [
            "id": .string(rawValue), "name": .string("\(self)"), "shortDescription": ["text": .string(page.title)],
            "fullDescription": ["text": .string(page.meaning)],
            "help": ["text": .string(page.text(.plain, width: 100)), "markdown": .string(page.markdown)],
            "defaultConfiguration": ["level": "error"], "properties": ["tags": ["policy"]],
        ]
    }
}
