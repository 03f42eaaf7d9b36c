import Policy
import TestSupport
import Testing

@testable import KernelPlan

/// Over random policies, layers and operations, with the reference evaluator as judge. A failure names seed, round and what differs.
@Suite("Layers as sets of operations")
struct TighteningPropertyTests {
    private static func permits(_ policy: Policy, _ operation: RandomLayers.Act) -> Bool {
        // What is executed is read, too: that comes and goes with executing, and no clause says it of reading.
        var policy = policy
        if case .file = operation { policy.clauses.files.execute = nil }
        return PolicyMeaning(policy, launching: RandomLayers.launch).permits(operation)
    }

    /// What a layer alone permits: each clause that it has judges what the clause is about, everything else is open.
    private static func permits(_ layer: Layer, _ operation: RandomLayers.Act, beside policy: Policy) -> Bool {
        var own = policy
        own.clauses = layer.clauses
        switch operation {
        case .connect: return layer.clauses.egress.tcp == nil || permits(own, operation)
        case .file(.read, _), .file(.list, _):
            guard layer.clauses.files.read != nil else { return true }
            // Of writing, which includes reading, the layer says nothing.
            if layer.clauses.files.write == nil { own.clauses.files.write = policy.files.write }
            return permits(own, operation)
        case .file: return layer.clauses.files.write == nil || permits(own, operation)
        case .execute: return layer.clauses.files.execute == nil || permits(own, operation)
        case .makeProcess: return layer.clauses.processes.spawn == nil || permits(own, operation)
        default: return true
        }
    }

    @Test("a policy with a layer permits exactly what both permit", arguments: [1, 2, 3, 4] as [UInt64])
    func exact(seed: UInt64) throws {
        var random = RandomLayers(generator: SeededGenerator(seed: seed))
        for round in 0..<250 {
            let policy = random.policy(), layer = random.layer()
            let both = try policy.tightened(by: [layer])
            for _ in 0..<60 {
                let operation = random.operation()
                let expected = Self.permits(policy, operation) && Self.permits(layer, operation, beside: policy)
                #expect(
                    Self.permits(both, operation) == expected,
                    "seed \(seed), round \(round): \(operation)\n\(policy.clauses)\n\(layer.clauses)\n\(both.clauses)")
            }
        }
    }

    private static let host = HostProfile(kernel: "", architecture: "", custody: .daemon, landlockABI: 0, observations: [:])

    private static func spelledOut(_ policy: Policy) -> Policy { policy.spelledOut(user: .session, approvers: [.caller]) }

    @Test(
        "written out, a policy permits what it permits, and two policies have in common what both permit", arguments: [9, 10] as [UInt64])
    func intersected(seed: UInt64) throws {
        var random = RandomLayers(generator: SeededGenerator(seed: seed))
        for round in 0..<250 {
            let one = random.policy(), other = random.policy()
            let both = try Self.spelledOut(one).intersected(with: Self.spelledOut(other))
            for _ in 0..<60 {
                let operation = random.operation()
                let place: Comment = "seed \(seed), round \(round): \(operation)"
                #expect(Self.permits(Self.spelledOut(one), operation) == Self.permits(one, operation), place)
                #expect(Self.permits(both, operation) == (Self.permits(one, operation) && Self.permits(other, operation)), place)
            }
        }
    }

    /// The property that a reload rests on. What is not tightened in place ends the session, so that only the rest matters.
    @Test(
        "a session that is superseded permits no more than before and than the new policy; one that stays was no wider than the new one",
        arguments: [11, 12, 13] as [UInt64])
    func superseded(seed: UInt64) throws {
        var random = RandomLayers(generator: SeededGenerator(seed: seed))
        var seen: Set<Bool> = []
        for round in 0..<250 {
            let old = try random.policy().tightened(by: random.chance(50) ? [random.layer()] : [])
            let isAnother = random.chance(30)
            let new = try (isAnother ? random.policy() : old).tightened(by: random.chance(70) ? [random.layer()] : [])
            let outcome = try Supersession(of: Self.spelledOut(old), by: [Self.spelledOut(new)], on: Self.host)
            seen.insert(outcome.isNothing)
            for _ in 0..<60 {
                let operation = random.operation()
                let after = Self.permits(outcome.policy, operation)
                let place: Comment = "seed \(seed), round \(round): \(operation)\n\(outcome.tightened)"
                #expect(!after || Self.permits(old, operation) && Self.permits(new, operation), place)
                if outcome.isNothing { #expect(!Self.permits(old, operation) || Self.permits(new, operation), place) }
                if let network = outcome.network, case .connect(_, let address, let port) = operation {
                    #expect(network.tcp.permits(address.connected, port) == after, place)
                }
            }
        }
        #expect(seen == [true, false])
    }

    @Test("another layer never permits anything new", arguments: [5, 6] as [UInt64])
    func monotonic(seed: UInt64) throws {
        var random = RandomLayers(generator: SeededGenerator(seed: seed))
        for round in 0..<250 {
            let policy = random.policy(), layers = [random.layer(), random.layer()]
            let one = try policy.tightened(by: Array(layers.prefix(1))), two = try policy.tightened(by: layers)
            for _ in 0..<60 {
                let operation = random.operation()
                let isNew = Self.permits(two, operation) && !Self.permits(one, operation)
                #expect(!isNew, "seed \(seed), round \(round): \(operation)")
            }
        }
    }

    @Test("a layer of one clause changes nothing else", arguments: [7] as [UInt64])
    func oneClause(seed: UInt64) throws {
        var random = RandomLayers(generator: SeededGenerator(seed: seed))
        for _ in 0..<100 {
            let policy = random.policy(), whole = random.layer(percent: 100)
            var only = Layer(name: "l", location: RandomLayers.ofLayer)
            only.clauses.egress.tcp = whole.clauses.egress.tcp
            var changed = try policy.tightened(by: [only])
            changed.clauses.egress.tcp = policy.egress.tcp
            #expect(changed == policy)
            only.clauses = Clauses(files: FilesClause(execute: whole.clauses.files.execute))
            changed = try policy.tightened(by: [only])
            changed.clauses.files.execute = policy.files.execute
            #expect(changed == policy)
            only.clauses = Clauses(processes: whole.clauses.processes)
            changed = try policy.tightened(by: [only])
            changed.clauses.processes = policy.processes
            #expect(changed == policy)
        }
    }

    @Test("a layer that says nothing, or what the policy says, changes nothing", arguments: [8] as [UInt64])
    func same(seed: UInt64) throws {
        var random = RandomLayers(generator: SeededGenerator(seed: seed))
        for round in 0..<100 {
            let policy = random.policy()
            #expect(try policy.tightened(by: []) == policy)
            #expect(try policy.tightened(by: [Layer(name: "l", location: RandomLayers.ofLayer)]) == policy)
            let again = try policy.tightened(by: [Layer(name: "l", location: RandomLayers.ofLayer, clauses: policy.clauses)])
            for _ in 0..<60 {
                let operation = random.operation()
                #expect(Self.permits(again, operation) == Self.permits(policy, operation), "seed \(seed), round \(round): \(operation)")
            }
        }
    }
}
