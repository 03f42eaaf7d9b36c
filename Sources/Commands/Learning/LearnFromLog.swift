import Descriptors
import Evidence
import Policy
import PolicyText
import StrictJSON

/// `learn --from RECEIPTS`: a policy, or what one lacks, from a log alone.
enum LearnFromLog {
    static func run(_ invocation: Invocation, _ console: Console) -> ExitStatus {
        NamedLog.run("from", invocation, console) { path in run(path, invocation, console) }
    }

    private static func run(_ path: String, _ invocation: Invocation, _ console: Console) -> ExitStatus {
        do throws(LearnFailure) {
            let learned = try read(path, invocation)
            guard let policy = invocation.value("policy") else {
                try LearnOutput.write(try text(learned, path), invocation, console)
                return .success
            }
            let gap = try PolicyGap(learned.sightings, policy: policy, invocation, place: LearnedPolicy.Place())
            console.write(gap.text(console.outputStyle))
            return gap.isEmpty ? .success : .finding
        } catch {
            return error.report(console)
        }
    }

    private static func read(_ path: String, _ invocation: Invocation) throws(LearnFailure) -> LogLearning {
        let isLog = (try? ReceiptSource(path).form) == .log
        var learned = LogLearning(ReceiptCriteria.ofSessions(invocation), log: isLog ? path : nil)
        do throws(ReceiptSourceError) {
            try ReceiptLines(path: path).read { item in
                learned.add(item)
                return true
            }
        } catch {
            throw .log(path, error)
        }
        guard learned.servers.count <= 1 else { throw .severalServers(learned.servers.sorted()) }
        guard learned.sessions > 0 else { throw .noSession(path) }
        return learned
    }

    private static func text(_ learned: LogLearning, _ path: String) throws(LearnFailure) -> String {
        var policy = LearnedPolicy(sightings: learned.sightings, place: LearnedPolicy.Place())
        policy.name = learned.servers.first ?? "learned"
        policy.head = [
            "Learned from the receipts of \(learned.sessions == 1 ? "one session" : "\(learned.sessions) sessions") of \(Escaping.quoted(policy.name)): what passed is allowed, good or bad. Read it before it is used."
        ]
        policy.unobserved = [
            "what the server read, wrote, executed and connected to: a log tells only what the kernel denied of it"
        ]
        if learned.resources > 0 {
            policy.unobserved.append("which resources were read, \(learned.resources) times: addresses are not in a log")
        }
        if learned.foreign > 0 { policy.unobserved.append("\(learned.foreign) lines that are no receipts") }
        copy(learned, path, &policy)
        return policy.text
    }

    /// Names are the one thing that a log tells of: those that were connected to are left.
    private static func narrowed(_ egress: JSON, to names: Set<String>) -> JSON {
        guard var object = egress.object, let granted = object["names"], !names.isEmpty else { return egress }
        let plain = Set((granted.array ?? []).compactMap(\.string).filter { $0.hasPrefix("plain:") })
        object["names"] = .array(names.sorted().map { .string(plain.contains("plain:\($0)") ? "plain:\($0)" : $0) })
        return .object(object)
    }

    private static let kernelClauses = ["server", "egress", "ingress", "files", "processes"]

    /// The kernel's clauses of the policy under which it ran, since nobody saw what of them was used.
    private static func copy(_ learned: LogLearning, _ path: String, _ policy: inout LearnedPolicy) {
        let always: Set<String> = ["HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER"]
        guard let digest = learned.policy, let document = (try? ReceiptSource(path).document(digest)) ?? nil,
            let json = try? JSON(parsing: document)
        else {
            policy.unobserved.append("the policy under which it ran: the log does not keep it")
            let names = learned.environment.filter { !always.contains($0) }.map { Escaping.line($0) }
            if !names.isEmpty { policy.unobserved.append("its environment, in which there were \(names.joined(separator: ", "))") }
            return
        }
        for clause in kernelClauses {
            guard var value = json[clause] else { continue }
            if clause == "egress" { value = narrowed(value, to: learned.names) }
            policy.copied.append((clause, value, "as the policy under which it ran has it"))
        }
        if learned.policies.count > 1 {
            policy.unobserved.append(
                "\(learned.policies.count) policies were in force one after the other: the last one's clauses are copied")
        }
    }
}
