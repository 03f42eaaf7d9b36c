import Decision
import Descriptors
import EventLoop
import Evidence
import Glibc
import Policy
import SessionProtocol
import StrictJSON

/// The whole of `sandbox-gate`.
public enum GateProcess {
    /// Runs one session on the descriptors of `GateDescriptor` and returns the exit status.
    public static func run() -> Int32 {
        guard GateDescriptor.always.allSatisfy({ fcntl($0.rawValue, F_GETFD) >= 0 }) else {
            let words = "sandbox-gate: sandboxd starts this for each session; `sandboxctl --help` says what people start\n"
            try? BorrowedDescriptor(GateDescriptor.people.rawValue).writeWhole(words)
            return 2
        }
        EventLoop.ignoreBrokenPipes()
        LibCrypto.start()
        do {
            let gate = try begin()
            say(.ready)
            try gate.run()
            gate.recordEnd()
            return gate.state.serverEndedUnanswered ? GateStatus.unanswered : 0
        } catch let problem as GateStartFailure {
            say(.failed(problem.text))
        } catch let error as Errno {
            say(.failed(error.name))
        } catch {
            say(.failed("unexpected error"))
        }
        return 1
    }

    private static func begin() throws -> GateLoop {
        let start = try readStart()
        guard let key = Hex.decode(start.commitmentKey), !key.isEmpty else { throw GateStartFailure.badStart("commitmentKey") }
        var spool = SpoolWriter(OwnedDescriptor(owning: GateDescriptor.spool.rawValue))
        do {
            try spool.stage(.lifecycle, body: Array(#"{"gate":"ready"}"#.utf8))
            try spool.commit(durably: start.isDurable)
        } catch {
            throw GateStartFailure.spool(error)
        }
        let facts = GateFacts(
            server: start.server, policyDigest: start.policyDigest, isQuiet: start.isQuiet, callerDecides: start.approvals.callerDecides,
            keepsArguments: start.keepsArguments,
            within: UInt64(start.approvals.within) * GateFacts.second, wait: UInt64(start.approvals.wait) * GateFacts.second)
        let state = GateState(
            rules: try rules(start), messages: try messages(start), facts: facts, commitmentKey: key, lastNumber: spool.lastNumber,
            pins: start.pins, clock: { Clock.monotonic })
        return try GateLoop(state: state, spool: spool, isDurable: start.isDurable, denials: try denials(start))
    }

    private static func denials(_ start: GateStart) throws(GateStartFailure) -> (RingBuffer, Int32)? {
        guard let bytes = start.denialBytes else { return nil }
        let number = GateDescriptor.denials.rawValue
        do { return (try RingBuffer(mapping: number, bytes: bytes), number) } catch { throw .denials(error) }
    }

    private static func readStart() throws -> GateStart {
        let descriptor = BorrowedDescriptor(GateDescriptor.start.rawValue)
        guard let bytes = try descriptor.sealedContents(limit: 8 << 20) else { throw GateStartFailure.badStart("not sealed") }
        do { return try GateStart(bytes: bytes) } catch { throw GateStartFailure.badStart(error.text) }
    }

    private static func rules(_ start: GateStart) throws(GateStartFailure) -> LayeredRules {
        let policy: ToolsClause
        do { policy = try ToolsClause(json: start.tools) } catch { throw .badStart("tools\(error.pointer)") }
        var layers: [LayeredRules.Layer] = []
        for layer in start.layers {
            do { layers.append(.init(name: layer.name, tools: try ToolsClause(json: layer.tools))) } catch {
                throw .badStart("layer `\(layer.name)`: tools\(error.pointer)")
            }
        }
        do { return try LayeredRules(policy: policy, layers: layers, cwd: start.cwd) } catch { throw .badRule(error) }
    }

    private static func messages(_ start: GateStart) throws(GateStartFailure) -> MessageRules {
        let policy: MessagesClause
        do { policy = try MessagesClause(json: start.messages) } catch { throw .badStart("messages \(error.member)") }
        var layers: [MessageRules.Layer] = []
        for layer in start.layers {
            do { layers.append(.init(name: layer.name, messages: try MessagesClause(json: layer.messages))) } catch {
                throw .badStart("layer `\(layer.name)`: messages \(error.member)")
            }
        }
        return MessageRules(policy: policy, layers: layers)
    }

    private static func say(_ message: GateMessage) {
        // A daemon that is gone learns what happened from the spool and the exit.
        _ = try? BorrowedDescriptor(GateDescriptor.session.rawValue).send(message.json.encoded())
    }
}

/// Why a gate does not start.
enum GateStartFailure: Error {
    case badStart(String)
    case badRule(RuleSetProblem)
    case spool(SpoolError)
    case denials(Errno)

    var text: String {
        switch self {
        case .badStart(let what): "start: \(what)"
        case .badRule(let problem): "rule `\(problem.rule)`: \(problem.problem.text)"
        case .spool(let error): "spool: \(error.text)"
        case .denials(let error): "ring buffer: \(error.name)"
        }
    }
}

extension RuleSetProblem.Problem {
    /// The daemon compiled the same rules before: only its own fault, or a memory that was changed, leads here.
    fileprivate var text: String {
        switch self {
        case .schema(let problem): "the `arguments` at `\(problem.pointer)`"
        case .condition(let problem): "the `when` about `\(problem.argument?.text ?? "")`"
        case .redactsEverything: "the `redact`"
        case .badBudgetLimit, .conflictingBudget: "the `budget`"
        case .badLimit: "the `limit`"
        }
    }
}

extension GateLoop {
    /// Who ended the session, as far as the gate can tell.
    func recordEnd() {
        let who = clientIsOpen ? (serverIsOpen ? "gate" : "server") : "client"
        _ = try? spool.append(.lifecycle, body: Array(#"{"endedBy":"\#(who)","gate":"ended"}"#.utf8))
    }
}
