import Decision
import KernelPlan
import Policy
import PolicyText
import StrictJSON

enum PolicyFuzz {
    private static let variables = PolicyVariables(
        home: "/home/ann", cwd: "/home/ann/notes", runtime: "/run/user/1000", server: "/opt/venv/bin")

    static func run(_ bytes: [UInt8]) throws(Contradiction) {
        let source = PolicySource(name: "p.yaml", bytes: bytes)
        _ = try? PolicyText.includes(of: source)
        let document: [UInt8]
        do throws(Refusal) {
            let expanded = try PolicyText.parse(source).expanded(with: variables)
            document = expanded.document.encoded()
            let policy = try expanded.resolved(with: expanded.requestedPaths.map { _ in .failed(error: "ENOENT", component: "/") })
            _ = try? LayeredRules(policy: policy.tools, cwd: "/")
        } catch {
            return try judge(error)
        }
        try Contradiction.unless((try? JSON(parsing: document)) != nil, "the document is not JSON")
    }

    /// A reason says where, and something that can be shown.
    private static func judge(_ refusal: Refusal) throws(Contradiction) {
        for reason in refusal.reasons.all {
            guard let place = reason.location else { continue }
            try Contradiction.unless(place.line >= 1 && place.column >= 1 && place.length >= 1, "a place that is none: \(reason)")
        }
    }
}
