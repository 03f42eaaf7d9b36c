import Foundation
import FuzzTargets
import Testing

/// What scripts/fuzz does for long, shortly: inputs that once went wrong, and some made of these.
@Suite struct FuzzTests {
    private static let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

    private static func inputs(_ target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
        let files = try FileManager.default.contentsOfDirectory(
            at: directory.appending(path: target.rawValue), includingPropertiesForKeys: nil)
        return try files.sorted { $0.path < $1.path }.map { ($0.lastPathComponent, Array(try Data(contentsOf: $0))) }
    }

    @Test("an input that once went wrong does not again", arguments: FuzzTarget.allCases)
    func replays(_ target: FuzzTarget) throws {
        let inputs = try Self.inputs(target)
        #expect(!inputs.isEmpty)
        for input in inputs { #expect(throws: Never.self, "\(input.name)") { try target.run(input.bytes) } }
    }

    /// How many inputs of each kind: `SANDBOXD_FUZZ_ROUNDS` for more.
    private static let rounds = ProcessInfo.processInfo.environment["SANDBOXD_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 1_500

    @Test("whatever comes, a reader neither fails nor contradicts itself", arguments: FuzzTarget.allCases)
    func mutates(_ target: FuzzTarget) throws {
        let seed = ProcessInfo.processInfo.environment["SANDBOXD_FUZZ_SEED"].flatMap { UInt64($0) } ?? .random(in: .min ... .max)
        // A crash would leave nothing else that says what was read.
        print("fuzzing \(target.rawValue), seed \(seed)")
        var mutator = Mutator(try Self.inputs(target).map(\.bytes), seed: seed)
        for round in 0..<Self.rounds {
            let input = mutator.next()
            do { try target.run(input) } catch {
                Issue.record("\(error); seed \(seed), round \(round): \(Data(input).base64EncodedString())")
                return
            }
        }
    }
}
