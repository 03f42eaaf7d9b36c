import Glibc
import KernelPlan
import Policy

/// Why the policy of an instance cannot be served on a host, found out before anybody connects.
struct RefusedInstance: Sendable, Hashable {
    /// For people, with excerpts, and what whoever connects ends with.
    let told: ServedEnding
    /// The codes alone.
    let codes: String

    /// As `check` says it, for the options of `serve`, and with its entry in the ledger; nil: it is exact. What cannot be known here, such as what a session's
    /// own user may read, is told at each connection.
    static func find(_ invocation: Invocation, _ environment: CallerEnvironment) throws(HostFailure) -> RefusedInstance? {
        var preparation = WrapPreparation(invocation, environment)
        guard let failure = try failure(&preparation) else { return nil }
        return RefusedInstance(preparation.recorded(failure), preparation.texts)
    }

    private static func failure(_ preparation: inout WrapPreparation) throws(HostFailure) -> WrapFailure? {
        let (invocation, environment) = (preparation.invocation, preparation.environment)
        do throws(WrapFailure) { _ = try preparation.prepare() } catch { return error }
        var choice = try HostChoice(invocation, environment)
        let hosts = try choice.hosts()
        do throws(Refusal) {
            let texts = try PolicyTexts(
                invocation.value("policy") ?? "", finder: PolicyFinder(environment), layers: LayerChoice(invocation))
            let chosen = try invocation.value("user").map { user throws(Refusal) in try Self.caller(user) }
            let local = try LocalPolicy(
                texts, inputs: preparation.inputs, environment.replacing(home: chosen?.home), for: chosen?.caller)
            for host in hosts { _ = try local.plan(for: host.profile) }
            return nil
        } catch {
            return .refused(error)
        }
    }

    private init(_ failure: WrapFailure, _ texts: PolicyTexts?) {
        let refusals = RefusalText(source: { texts?.source($0) ?? LayerChoice.told($0) }, style: .plain)
        told = ServedEnding(failure.status, failure.text(refusals))
        codes = failure.refusal?.reasons.all.map(\.code.rawValue).joined(separator: " ") ?? "see the journal"
    }

    /// Whom servers run as.
    private static func caller(_ user: String) throws(Refusal) -> (caller: LaunchFacts.Caller, home: String) {
        guard let entry = getpwnam(user) else { throw Refusal(Reason(.badUser, ["user": user, "problem": "there is no such user"])) }
        let (uid, gid) = (entry.pointee.pw_uid, entry.pointee.pw_gid)
        guard uid != 0 else { throw Refusal(Reason(.rootTarget, ["user": user])) }
        var count: Int32 = 256
        var groups = [gid_t](repeating: 0, count: Int(count))
        let isWhole = getgrouplist(user, gid, &groups, &count) >= 0
        let caller = LaunchFacts.Caller(uid: uid, gid: gid, groups: isWhole ? groups.prefix(Int(count)).map { $0 } : [gid])
        return (caller, entry.pointee.pw_dir.map { String(cString: $0) } ?? "/")
    }
}

extension CallerEnvironment {
    /// With another home, where one is given.
    fileprivate func replacing(home: String?) -> CallerEnvironment {
        guard let home else { return self }
        let name = Array("HOME=".utf8)
        return CallerEnvironment(variables: variables.filter { !$0.starts(with: name) } + [name + Array(home.utf8)])
    }
}
