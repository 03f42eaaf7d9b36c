import MCP
import Testing

@testable import Gate

@Suite struct MintedIDsTests {
    @Test("no two ids are alike, and without the key they cannot be foreseen")
    func differ() {
        var one = MintedIDs(key: [1]), same = MintedIDs(key: [1]), other = MintedIDs(key: [2])
        let ids = (0..<1_000).map { _ in one.next() }, again = (0..<1_000).map { _ in same.next() },
            others = (0..<1_000).map { _ in other.next() }
        #expect(Set(ids).count == 1_000)
        #expect(ids == again)
        #expect(Set(ids).isDisjoint(with: others))
        for case .string(let bytes) in ids { #expect(bytes.count == "sandboxd-".utf8.count + 32) }
    }
}
