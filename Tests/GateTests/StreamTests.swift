import Gate
import MCP
import StrictJSON
import TestSupport
import Testing

/// Streams that arrive in any pieces.
@Suite struct StreamTests {
    private static let seeds = (0..<4).map { _ in UInt64.random(in: .min ... .max) }

    private typealias Line = (side: Side, bytes: [UInt8])

    /// All that came out for each side, and how much was recorded.
    private struct Total: Equatable {
        var toServer: [String] = []
        var toClient: [String] = []
        var reasons: [String] = []

        mutating func add(_ outcome: Conversation.Outcome) {
            toServer += outcome.toServer
            toClient += outcome.toClient
            reasons += outcome.reasons
        }
    }

    /// Both streams, cut into lines as they arrive, with the gate behind.
    private struct Pipe: ~Copyable {
        let gate: Conversation
        var client = LineFramer(), server = LineFramer()
        var total = Total()

        init(_ gate: Conversation) { self.gate = gate }

        mutating func arrive(_ side: Side, _ bytes: ArraySlice<UInt8>) {
            switch side {
            case .client: Self.arrive(&client, side, bytes, gate, &total)
            case .server: Self.arrive(&server, side, bytes, gate, &total)
            }
        }

        private static func arrive(
            _ framer: inout LineFramer, _ side: Side, _ bytes: ArraySlice<UInt8>, _ gate: Conversation, _ total: inout Total
        ) {
            var rest = bytes
            while !rest.isEmpty {
                let count = framer.fill { room in
                    let part = rest.prefix(room.count)
                    room.copyBytes(from: part)
                    return part.count
                }
                rest = rest.dropFirst(count)
                while let piece = framer.next() {
                    switch piece {
                    case .line(let range): total.add(gate.step(side, framer.withBytes(range) { $0.withUnsafeBufferPointer { Array($0) } }))
                    case .tooLong(let range):
                        total.add(gate.step(.tooLong(side, framer.withBytes(range) { $0.withUnsafeBufferPointer { Array($0) } })))
                    }
                }
            }
        }

        mutating func end(_ side: Side) {
            let rest = side == .client ? client.unfinished() : server.unfinished()
            if !rest.isEmpty { total.add(gate.step(.unterminated(side, rest))) }
        }
    }

    private static func lines(_ random: inout SeededGenerator) -> [Line] {
        let cases = WireCase.all.filter { $0.version == .november2025 }
        var lines: [Line] = []
        for _ in 0..<40 {
            for step in cases.randomElement(using: &random)?.steps ?? [] {
                if case .line(let side, let bytes) = step.input, bytes.count < 100_000 { lines.append((side, bytes)) }
            }
        }
        return lines
    }

    private static func gate() throws -> Conversation {
        let gate = try Conversation(isQuiet: true)
        gate.initialize("2025-11-25")
        return gate
    }

    @Test("in whatever pieces both streams arrive, the same comes out", arguments: seeds)
    func splits(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let lines = Self.lines(&random)
        let whole = try Self.gate()
        var expected = Total()
        for line in lines { expected.add(whole.step(line.side, line.bytes)) }
        var pipe = Pipe(try Self.gate())
        var early = [Side.client: 0, .server: 0]
        for (index, line) in lines.enumerated() {
            Self.runAhead(lines[(index + 1)...], past: line.side, &early, &pipe, &random)
            let bytes = line.bytes + [UInt8(ascii: "\n")]
            var rest = bytes[(early[line.side] ?? 0)...]
            early[line.side] = 0
            while !rest.isEmpty {
                let count = Int.random(in: 1...min(rest.count, Bool.random(using: &random) ? 3 : 400), using: &random)
                pipe.arrive(line.side, rest.prefix(count))
                rest = rest.dropFirst(count)
            }
        }
        let total = pipe.total
        #expect(total == expected, "seed \(seed)")
    }

    /// A part of the other side's next line may be there before this one ends.
    private static func runAhead(
        _ later: ArraySlice<Line>, past side: Side, _ early: inout [Side: Int], _ pipe: inout Pipe, _ random: inout SeededGenerator
    ) {
        guard let next = later.first(where: { $0.side != side }), let already = early[next.side], already < next.bytes.count else { return }
        let count = Int.random(in: 0...(next.bytes.count - already), using: &random)
        pipe.arrive(next.side, next.bytes[already..<already + count])
        early[next.side] = already + count
    }

    @Test("wherever a stream breaks off, what is whole was judged and the rest reaches nobody", arguments: seeds, Side.allCases)
    func truncations(_ seed: UInt64, _ side: Side) throws {
        var random = SeededGenerator(seed: seed)
        let stream = Self.lines(&random).filter { $0.side == side }.flatMap { $0.bytes + [UInt8(ascii: "\n")] }
        for _ in 0..<20 {
            let cut = stream.prefix(Int.random(in: 0...stream.count, using: &random))
            let end = (cut.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
            var pipe = Pipe(try Self.gate()), whole = Pipe(try Self.gate())
            pipe.arrive(side, cut)
            pipe.end(side)
            whole.arrive(side, cut.prefix(end))
            let (found, expected) = (pipe.total, whole.total)
            #expect(found.toServer == expected.toServer && found.toClient == expected.toClient, "seed \(seed)")
            #expect(found.reasons == expected.reasons + (end < cut.count ? ["D213"] : []), "seed \(seed)")
        }
    }
}
