import Descriptors
import EventLoop
import Glibc
import Store
import StrictJSON

/// What one of several daemons does with the store that they share, drawn from a seed, and written line by line as it was answered.
///
/// Usage: store-worker SETTINGS-FILE WORKER OPERATIONS SEED
@main struct StoreWorker {
    static func main() throws {
        let words = CommandLine.arguments
        guard words.count == 5, let number = Int64(words[2]), let count = Int64(words[3]), let seed = UInt64(words[4]) else { exit(2) }
        EventLoop.ignoreBrokenPipes()
        let load = try Load(PostgresSettings(readingFrom: words[1]), worker: number, seed: seed)
        for operation in 1...count { load.perform(operation) }
        say("done \(count)")
    }
}

/// Whole lines, as soon as they are true: whoever is killed has said all of it.
private func say(_ line: String) { try? BorrowedDescriptor.standardOutput.writeWhole(line + "\n") }

/// SplitMix64.
private struct Draw {
    var state: UInt64

    mutating func below(_ limit: UInt64) -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return (mixed ^ (mixed >> 31)) % limit
    }
}

private final class Load {
    private let loop: EventLoop
    private let store: SharedStore
    private let worker: Int64
    private var draw: Draw

    init(_ settings: PostgresSettings, worker: Int64, seed: UInt64) throws {
        loop = try EventLoop()
        store = SharedStore(settings, in: loop)
        self.worker = worker
        draw = Draw(state: seed &+ UInt64(worker) &* 7_919)
    }

    func perform(_ operation: Int64) {
        switch draw.below(4) {
        case 0: keep(operation)
        case 1: use(operation)
        default: take(operation)
        }
    }

    private func answer<Value>(_ transaction: Transaction<Value>) -> Result<Value, StoreError> {
        var result: Result<Value, StoreError>?
        store.perform(transaction) { result = $0 }
        while result == nil { try? loop.turn(waiting: true) }
        // Who is told that the database is out of reach asks again a little later, as clients do.
        if case .failure(.unreachable)? = result { usleep(20_000) }
        return result!
    }

    // MARK: Budgets

    private static let budgets = (0..<4).map { DayBudget(caller: UInt32(1_000 + $0 % 2), owner: .policy("p\($0 / 2)"), name: "b") }

    private func take(_ operation: Int64) {
        let budget = Self.budgets[Int(draw.below(UInt64(Self.budgets.count)))]
        let amount = "\(draw.below(20)).\(draw.below(100))"
        let charge = DayCharge(budget, amount: decimal(amount), limit: decimal("1000"))
        let lease = Store.Lease(session: "w\(worker)", number: operation)
        switch answer(.take([charge], for: lease, settled: operation - 1)) {
        case .success(.all(let day)):
            // A call that is not forwarded after all.
            guard draw.below(10) < 2 else { return say("took \(name(budget)) \(amount)") }
            say("giving \(name(budget)) \(amount)")
            _ = answer(.giveBack([charge], takenOn: day, for: lease))
        case .success(.none): say("spent \(name(budget)) \(amount)")
        case .failure(let error): say("unknown \(name(budget)) \(amount) \(error.text)")
        }
    }

    private func name(_ budget: DayBudget) -> String { "\(budget.caller)/\(budget.owner.name)" }

    private func decimal(_ text: String) -> JSONDecimal { JSONNumber(token: text)!.decimal }

    // MARK: Grants

    private func binding(_ number: UInt64) -> GrantBinding {
        GrantBinding(caller: 1_000, server: "shop", tool: "refund", arguments: "a\(number)", policy: "p")
    }

    private func keep(_ operation: Int64) {
        let grant = Store.Grant(approval: "w\(worker)-\(operation)", approver: "w\(worker)")
        switch answer(.keep(grant, for: binding(draw.below(3)), seconds: 3_600)) {
        case .success: say("kept \(grant.approval)")
        case .failure(let error): say("unkept \(grant.approval) \(error.text)")
        }
    }

    private func use(_ operation: Int64) {
        switch answer(.takeGrant(for: binding(draw.below(3)), within: 3_600, use: "w\(worker) \(operation)")) {
        case .success(let grant?): say("used \(grant.approval)")
        case .success(nil): say("none")
        case .failure(let error): say("unused \(error.text)")
        }
    }
}
