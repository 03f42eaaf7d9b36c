import Descriptors
import KernelPlan
import Testing

@testable import Daemon

@Suite struct FilterCacheTests {
    func plan(_ number: Int32) -> SeccompPlan {
        SeccompPlan(groups: [SeccompGroup("test", [SeccompRule(.named("getppid"), .fail(errno: number))])])
    }

    func program(_ filter: borrowing OwnedDescriptor) throws -> [UInt8] { try #require(try filter.sealedContents(limit: 1 << 16)) }

    @Test("each plan's filter is built once, and is sealed and the same each time")
    func buildsOnce() throws {
        var cache = FilterCache()
        let first = try program(try cache.filter(plan(1)))
        let other = try program(try cache.filter(plan(13)))
        let again = try program(try cache.filter(plan(1)))
        #expect(first == again)
        #expect(first != other && !first.isEmpty)
        #expect(cache.built == 2)
    }

    @Test("many plans take no more room than a few")
    func isBounded() throws {
        var cache = FilterCache()
        for number in 1...Int32(FilterCache.limit + 1) { _ = try cache.filter(plan(number)) }
        _ = try cache.filter(plan(Int32(FilterCache.limit + 1)))
        #expect(cache.built == FilterCache.limit + 1)
        _ = try cache.filter(plan(1))
        #expect(cache.built == FilterCache.limit + 2)
    }
}
