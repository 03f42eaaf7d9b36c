import Testing

@testable import Store

@Suite struct GrantTests {
    private static let binding = GrantBinding(caller: 1_000, server: "shop", tool: "refund", arguments: "aa", policy: "bb")
    private static let grant = Store.Grant(approval: "id", approver: "alice")

    @Test("a grant is taken once, by whoever is first of two that share the store", arguments: StoreKind.allCases)
    func once(_ kind: StoreKind) throws {
        let first = try StoreBench(kind), second = try first.another()
        try first.answer(.keep(Self.grant, for: Self.binding, seconds: 100))
        #expect(try second.answer(.takeGrant(for: Self.binding, within: 200, use: "a")) == Self.grant)
        #expect(try first.answer(.takeGrant(for: Self.binding, within: 200, use: "b")) == nil)
        #expect(try second.answer(.takeGrant(for: Self.binding, within: 200, use: "c")) == nil)
    }

    @Test("who asks again for the same call is told the same, and uses no other grant", arguments: StoreKind.allCases)
    func again(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        try bench.answer(.keep(Self.grant, for: Self.binding, seconds: 100))
        try bench.answer(.keep(Store.Grant(approval: "other", approver: "bob"), for: Self.binding, seconds: 200))
        for _ in 0..<2 { #expect(try bench.answer(.takeGrant(for: Self.binding, within: 200, use: "a")) == Self.grant) }
        #expect(try bench.answer(.takeGrant(for: Self.binding, within: 200, use: "b"))?.approval == "other")
        #expect(try bench.answer(.takeGrant(for: Self.binding, within: 200, use: "c")) == nil)
    }

    @Test("a grant that was used, or taken back, is not kept a second time while it could be used", arguments: StoreKind.allCases)
    func keptOnce(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        try bench.answer(.keep(Self.grant, for: Self.binding, seconds: 100))
        #expect(try bench.answer(.takeGrant(for: Self.binding, within: 200, use: "a")) != nil)
        bench.now = 99
        try bench.answer(.keep(Self.grant, for: Self.binding, seconds: 100))
        #expect(try bench.answer(.takeGrant(for: Self.binding, within: 200, use: "b")) == nil)
        let other = Store.Grant(approval: "other", approver: "bob")
        try bench.answer(.keep(other, for: Self.binding, seconds: 100))
        try bench.answer(.revokeGrant("other"))
        try bench.answer(.keep(other, for: Self.binding, seconds: 100))
        #expect(try bench.answer(.takeGrant(for: Self.binding, within: 200, use: "b")) == nil)
    }

    @Test("a grant whose call is not made is for the next one, unless another has it", arguments: StoreKind.allCases)
    func released(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        try bench.answer(.keep(Self.grant, for: Self.binding, seconds: 100))
        #expect(try bench.answer(.takeGrant(for: Self.binding, within: 200, use: "a")) != nil)
        try bench.answer(.releaseGrant("id", use: "b"))
        #expect(try bench.answer(.takeGrant(for: Self.binding, within: 200, use: "b")) == nil)
        try bench.answer(.releaseGrant("id", use: "a"))
        #expect(try bench.answer(.takeGrant(for: Self.binding, within: 200, use: "b")) != nil)
        try bench.answer(.releaseGrant("id", use: "a"))
        #expect(try bench.answer(.takeGrant(for: Self.binding, within: 200, use: "c")) == nil)
    }

    @Test("a grant is for nothing that differs in anything", arguments: StoreKind.allCases)
    func binds(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        try bench.answer(.keep(Self.grant, for: Self.binding, seconds: 100))
        var others = [GrantBinding](repeating: Self.binding, count: 6)
        others[0].caller = 0
        others[1].server = "Shop"
        others[2].tool = "refund "
        others[3].arguments = "ab"
        others[4].policy = ""
        others[5].server = "sho\u{70}\u{301}"
        for other in others { #expect(try bench.answer(.takeGrant(for: other, within: 200, use: "a")) == nil) }
        #expect(try bench.answer(.takeGrant(for: Self.binding, within: 200, use: "a")) != nil)
    }

    @Test("a grant that has expired, or was taken back, is none; the first to expire is taken first", arguments: StoreKind.allCases)
    func ends(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        for (id, seconds) in [("late", 200), ("early", 100)] {
            try bench.answer(.keep(Store.Grant(approval: id, approver: "alice"), for: Self.binding, seconds: seconds))
        }
        bench.now = 99
        #expect(try bench.answer(.takeGrant(for: Self.binding, within: 200, use: "a"))?.approval == "early")
        bench.now = 200
        #expect(try bench.answer(.takeGrant(for: Self.binding, within: 200, use: "b")) == nil)
        bench.now = 199
        #expect(try bench.answer(.takeGrant(for: Self.binding, within: 200, use: "c"))?.approval == "late")
        try bench.answer(.keep(Store.Grant(approval: "back", approver: "alice"), for: Self.binding, seconds: 100))
        for _ in 0..<2 { try bench.answer(.revokeGrant("back")) }
        #expect(try bench.answer(.takeGrant(for: Self.binding, within: 200, use: "d")) == nil)
    }

    @Test("a grant of a time that is still to come, since the clock was set back, is none until then", arguments: StoreKind.allCases)
    func clockSetBack(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        bench.now = 10_000
        try bench.answer(.keep(Self.grant, for: Self.binding, seconds: 100))
        for early in [Int64(0), 2_800, 9_999] {
            bench.now = early
            #expect(try bench.answer(.takeGrant(for: Self.binding, within: 100, use: "a")) == nil)
        }
        bench.now = 10_100
        #expect(try bench.answer(.takeGrant(for: Self.binding, within: 100, use: "a")) == nil)
        bench.now = 10_000
        #expect(try bench.answer(.takeGrant(for: Self.binding, within: 100, use: "a")) == Self.grant)
    }
}
