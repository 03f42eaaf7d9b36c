import Policy
import PolicyText
import StrictJSON
import TestSupport
import Testing

/// Whatever the text, there is a policy or there are reasons, soon. A failure names seed and round.
@Suite("Random and absurd texts")
struct RandomTextTests {
    private func judge(_ bytes: [UInt8], _ comment: Comment) {
        do {
            let expanded = try PolicyText.parse(PolicySource(name: "p", bytes: bytes), accepting: .everything).expanded(with: variables)
            let findings = expanded.requestedPaths.map { _ in PathFinding.timedOut }
            _ = expanded.document.encoded()
            _ = try expanded.resolved(with: findings)
        } catch {
            places(of: error, comment)
        }
    }

    private func judgeBoth(_ bytes: [UInt8], _ comment: Comment) {
        judge(bytes, comment)
        judge(layer: bytes, comment)
    }

    /// The same bytes with a layer's first key.
    private func judge(layer bytes: [UInt8], _ comment: Comment) {
        let policy = Array("sandboxd: 1\n".utf8)
        let rest = bytes.starts(with: policy) ? bytes.dropFirst(policy.count) : bytes[...]
        do {
            let text = PolicySource(name: "l", bytes: Array("sandboxd-layer: 1\n".utf8) + rest)
            let expanded = try PolicyText.parseLayer(text, accepting: .everything).expanded(with: variables)
            _ = expanded.document.encoded()
            _ = try expanded.resolved(with: expanded.requestedPaths.map { _ in PathFinding.timedOut })
            let tests = PolicySource(name: "t", bytes: Array("sandboxd-tests: 1\n".utf8) + rest)
            _ = try PolicyText.tests(of: tests)
        } catch {
            places(of: error, comment)
        }
    }

    private func places(of error: Refusal, _ comment: Comment) {
        for reason in error.reasons.all {
            guard let place = reason.location else { continue }
            #expect(place.line >= 1 && place.column >= 1 && place.length >= 1, comment)
        }
    }

    @Test("random bytes")
    func bytes() {
        var random = SeededGenerator(seed: 0xB17E5)
        for round in 0..<1_000 {
            let count = Int.random(in: 0...200, using: &random)
            judgeBoth((0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }, "seed B17E5, round \(round)")
        }
    }

    @Test("random characters that mean something in YAML")
    func characters() {
        var random = SeededGenerator(seed: 0xCAFE)
        let parts = [
            "\n", "  ", ": ", "- ", "{", "}", "[", "]", ", ", "\"", "'", "#", "&a", "*a", "!t", "|", ">", "? ", "---", "...", "a", "tools",
            "rules", "1", "~", "<<", "%", "\t", "é", "${", "}",
        ]
        for round in 0..<2_000 {
            let text =
                "sandboxd: 1\n"
                + (0..<Int.random(in: 0...40, using: &random)).map { _ in parts.randomElement(using: &random) ?? "" }.joined()
            judgeBoth(Array(text.utf8), "seed CAFE, round \(round)")
        }
    }

    @Test("the example with bytes changed, lines moved and parts repeated")
    func mutations() {
        var random = SeededGenerator(seed: 0x5EED)
        let example = Array(ExampleTests.text.utf8)
        for round in 0..<300 {
            var bytes = example
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let start = Int.random(in: 0..<bytes.count, using: &random)
                let end = min(bytes.count, start + Int.random(in: 0...60, using: &random))
                switch Int.random(in: 0...3, using: &random) {
                case 0: bytes[start] = UInt8.random(in: 9...126, using: &random)
                case 1: bytes.removeSubrange(start..<end)
                case 2: bytes.insert(contentsOf: bytes[start..<end], at: Int.random(in: 0...bytes.count, using: &random))
                default: bytes.insert(contentsOf: "\n  ".utf8, at: start)
                }
                if bytes.isEmpty { bytes = example }
            }
            judgeBoth(bytes, "seed 5EED, round \(round)")
        }
    }

    private static func lines(_ count: Int, _ line: (Int) -> String) -> String { (0..<count).map(line).joined() }

    private static let absurdities: [String] = [
        String(repeating: "[", count: 200_000),
        String(repeating: "{", count: 200_000),
        String(repeating: "a: ", count: 80_000),
        String(repeating: "- ", count: 120_000),
        String(repeating: "? ", count: 120_000),
        "x: \"" + String(repeating: "\\n", count: 100_000),
        "name: " + String(repeating: "x", count: 250_000),
        "name: |\n" + String(repeating: " x\n", count: 80_000),
        lines(9_900) { "k\($0): \($0)\n" },
        "inputs:\n" + lines(9_900) { " k\($0): \"${k\($0 + 1)x}\"\n" },
        "files:\n  read: [" + lines(15_000) { "\"/\($0)\"," } + "]\n",
        "tools:\n rules:\n" + lines(3_000) { "  - {tools: [a\($0)], effect: allow}\n" },
        "tools: {rules: [{tools: [a], effect: allow, arguments: {" + lines(9_000) { "k\($0): 1," } + "}}]}\n",
        "server: {env: {set: {" + lines(9_000) { "K\($0): 1," } + "}}}\n",
    ]

    @Test("what is made to take long does not", arguments: absurdities.indices)
    func absurd(index: Int) {
        let text = Self.absurdities[index]
        let clock = ContinuousClock()
        let time = clock.measure { judge(Array(("sandboxd: 1\n" + text).utf8), "\(text.prefix(40))") }
        // Of an unoptimised build on a busy machine; quadratic work takes minutes.
        #expect(time < .seconds(20), "\(text.prefix(40))")
    }
}
