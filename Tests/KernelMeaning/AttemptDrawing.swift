import KernelPlan
import Policy
import TestSupport

/// Random attempts on both sides of a policy's boundaries.
struct AttemptDrawing: Drawing {
    var generator: SeededGenerator
    let stage: Stage
    let policy: Policy
    /// What this case has used: an effect must have one cause.
    var names = 0
    var unusedFiles = Tree.files
    var signals = 0
    var hasTraced = false
    var ownPorts = Array(PolicyDrawing.ownPorts)

    init(generator: SeededGenerator, stage: Stage, policy: Policy) {
        self.generator = generator
        self.stage = stage
        self.policy = policy
    }

    /// The last of them may be one after which there is nobody to do more.
    mutating func attempts(_ count: Int) throws -> [Attempt] {
        let last = chance(60) ? self.last() : nil
        return (0..<(count - (last == nil ? 0 : 1))).map { _ in draw() } + (last.map { [$0] } ?? [])
    }

    private mutating func draw() -> Attempt {
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<30: connection()
        case 30..<41: datagram()
        case 41..<44: socket()
        case 44..<46: local()
        case 46..<52: own()
        case 52..<84: file()
        case 84..<88: policy.processes.spawning == .any || chance(20) ? execution() : file()
        case 88..<92: process()
        case 92..<96: hasNeighbours && signals < Attempt.signalsPerRun ? signal() : file()
        default: call()
        }
    }

    /// With a user of the session's own, ordinary permissions leave nobody outside to be signalled or adjusted; that our outsider has the same
    /// uid, so that the control may do it, is true of callers only.
    var hasNeighbours: Bool { policy.server.user?.value == .caller }

    private mutating func last() -> Attempt { chance(75) ? executionHere() : unsharing() }

    /// A name that no other attempt of this case has.
    mutating func name() -> String {
        names += 1
        return "op\(names)"
    }
}

extension Attempt {
    /// Real-time signals from 34 on, half for each run.
    static let signalsPerRun = 15
}
