import Testing

@testable import Kernel

@Suite struct ProcessCheckTests {
    static let zero = "0000000000000000"
    static let good: [(String, String)] = [
        ("Name", "server"), ("Uid", "7\t7\t7\t7"), ("Gid", "8\t8\t8\t8"), ("Threads", "1"), ("CapInh", zero), ("CapPrm", zero),
        ("CapEff", zero),
        ("CapBnd", zero), ("CapAmb", zero), ("NoNewPrivs", "1"),
    ]
    static let check = ProcessCheck(uid: 7, gid: 8, cgroup: nil, hasEmptyBoundingSet: true)

    static func status(_ fields: [(String, String)]) -> String { fields.map { "\($0.0):\t\($0.1)\n" }.joined() }

    @Test("a process that is as it must be passes")
    func passes() {
        #expect(Self.check.objection(toStatus: Self.status(Self.good)) == nil)
    }

    @Test(
        "whatever differs is named, and so is what is missing",
        arguments: [
            ("Uid", "7\t0\t7\t7"), ("Gid", "0\t8\t8\t8"), ("CapEff", "0000000000000001"), ("CapBnd", "000001ffffffffff"), ("CapAmb", "1"),
            ("NoNewPrivs", "0"), ("Threads", "2"),
        ])
    func objects(_ name: String, _ value: String) throws {
        let changed = Self.good.map { $0.0 == name ? (name, value) : $0 }
        #expect(try #require(Self.check.objection(toStatus: Self.status(changed))).hasPrefix(name))
        let without = Self.good.filter { $0.0 != name }
        #expect(try #require(Self.check.objection(toStatus: Self.status(without))).hasPrefix(name))
    }

    @Test("the bounding set matters only where it can be emptied")
    func boundingSet() {
        let open = ProcessCheck(uid: 7, gid: 8, cgroup: nil, hasEmptyBoundingSet: false)
        let changed = Self.good.map { $0.0 == "CapBnd" ? ("CapBnd", "000001ffffffffff") : $0 }
        #expect(open.objection(toStatus: Self.status(changed)) == nil)
    }
}
