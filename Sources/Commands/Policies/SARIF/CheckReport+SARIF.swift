import Policy
import StrictJSON

/// For code scanning, such as GitHub's.
extension CheckReport {
    var sarif: JSON {
        let status = isExact ? ExitStatus.success : .refused
        let rules = Self.codes.map { SARIFRule(page: $0.page, name: "\($0)", level: .error) }
        return SARIFDocument(rules: rules, results: results, invocation: ["executionSuccessful": true, "exitCode": JSON(Int(status.code))])
            .json
    }

    /// Rules in this order; results point at them by index.
    private static let codes = ReasonCode.allCases.sorted { $0.rawValue < $1.rawValue }

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
                "policy": .string(policy.file), "refusal": policy.ledger?.entry.map(JSON.string) ?? .null,
                "hosts": finding.hosts.map { .array($0.map { .string($0.name) }) } ?? .null,
            ],
        ]
    }

    private func message(_ finding: CheckedPolicy.Finding, _ place: SARIFPlace) -> String {
        let hosts = finding.hosts.map { $0.map { Escaping.line($0.name) }.joined(separator: ", ") }
        return ReasonWords(finding.reason).paragraph([place.remark, hosts.map { "refused on: \($0)" }])
    }
}

extension ReasonWords {
    /// One paragraph: readers show the first sentence alone where there is little room.
    func paragraph(_ remarks: [String?] = []) -> String {
        let said = [message, why.map { "why: \($0)" }, help.map { "help: \($0)" }] + remarks
        return said.compactMap(\.self).map { $0.hasSuffix("?") ? $0 : $0 + "." }.joined(separator: " ")
    }
}
