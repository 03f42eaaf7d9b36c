import Policy

/// What was found for a document, held against it.
struct Findings {
    private(set) var grants = PathGrants()
    let nameservers: [IPAddress]

    /// Throws every reason against what was found, each at its place.
    init(_ root: YAMLNode, _ findings: [PathFinding], _ found: FoundNameservers?, of kind: DocumentKind) throws(Refusal) {
        let requests = ClauseReader.requestedPaths(root)
        precondition(findings.count == requests.count, "one finding for each requested path")
        nameservers = found?.addresses ?? []
        var reasons: [Reason] = []
        for (request, finding) in zip(requests, findings) {
            switch PathJudgement.judge(request, finding, of: kind) {
            case .granted(let path): grants.add(path, for: request.purpose)
            case .nothing: break
            case .refused(let found): reasons += found
            }
        }
        if kind == .policy, Self.needsNameservers(root), nameservers.isEmpty {
            reasons.append(Self.reason(found ?? FoundNameservers(), at: Self.clauseWithNameservers(root)?.location))
        }
        try Refusal.check(reasons)
    }

    static func needsNameservers(_ root: YAMLNode) -> Bool { clauseWithNameservers(root) != nil }

    /// Port 53 of them is permitted, or the name proxy asks them.
    private static func clauseWithNameservers(_ root: YAMLNode) -> YAMLNode? {
        let egress = root["egress"]
        if let dns = egress?["dns"], dns.text?.utf8.elementsEqual("host".utf8) ?? false { return dns }
        guard let names = egress?["names"], names.text.map({ !$0.utf8.elementsEqual("none".utf8) }) ?? true else { return nil }
        return names
    }

    private static func reason(_ found: FoundNameservers, at location: SourceLocation?) -> Reason {
        var facts = ["file": FoundNameservers.file]
        facts["error"] = found.error
        facts["leftOut"] = found.leftOut.isEmpty ? nil : found.leftOut.joined(separator: ", ")
        return Reason(.noNameserver, at: location, facts)
    }
}
