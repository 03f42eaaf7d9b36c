import CStage
import Descriptors
import Foundation
import Kernel
import KernelPlan
import PathFinding

/// One session as the daemon makes it, by the same code: scope, programs, ruleset, filter, keeper, gate, server. The gate is a program that
/// waits, with the server's uid, so that it is whom the server might signal.
final class Confinement {
    let performer: Performer
    /// The pid of the process outside.
    private(set) var outsider: Int32 = 0
    private let scope: SessionScope
    private let pins: String
    private let channel: KeeperChannel
    private let lifeline: OwnedDescriptor
    private let keeper: StartedProcess
    private let gateInput: OwnedDescriptor

    /// Launches what waits for its list. `plan` is applied as it is, whatever it was compiled from.
    init(_ plan: KernelPlan, on stage: Stage, opening open: (LandlockPathRule) throws(Errno) -> BorrowedDescriptor) throws {
        let id = "proof-\(getpid())-\(stage.name)-\(stage.next())"
        scope = SessionScope(session: id, in: stage.cgroups)
        pins = stage.bpffs + "/" + id
        try scope.make()
        do {
            if let cgroup = plan.cgroup {
                _ = try EgressPrograms.attach(cgroup, to: try scope.open(.server), pins: pins) { rule throws(Errno) in
                    // What is executed has a rule of Landlock's, too; no unix socket is granted.
                    guard
                        let same = plan.landlock.paths.first(where: {
                            $0.device == rule.device && $0.inode == rule.inode && $0.path.utf8.elementsEqual(rule.path.utf8)
                        })
                    else { throw .noEntry }
                    return try open(same)
                }
            }
            let ruleset = try LandlockRuleset.make(plan.landlock, open: open)
            let filter = try SeccompFilter.make(plan.seccomp)
            let control = try SocketPair(.messages)
            let ends = try SocketPair(.messages)
            let gate = try Pipe()
            let theirs = control.second
            channel = KeeperChannel(socket: control.first)
            let keepersEnd = ends.second
            lifeline = ends.first
            let gateReads = gate.reader
            gateInput = gate.writer
            let performer = try Performer()
            self.performer = performer
            keeper = try Self.startKeeper(scope, theirs)
            try introduce(id, stage, keepersEnd)
            outsider = try launchOutsider(stage, plan.identity, gateReads)
            try launchServer(stage, plan, ruleset, filter)
        } catch {
            Self.remove(scope, pins)
            throw error
        }
    }

    deinit {
        try? scope.kill()
        keeper.reap(waiting: true)
        Self.remove(scope, pins)
    }

    /// Nobody is left soon after a kill; then the directories go.
    private static func remove(_ scope: SessionScope, _ pins: String) {
        try? scope.kill()
        for _ in 0..<5_000 where (try? scope.isPopulated()) == true { usleep(200) }
        EgressPrograms.remove(pins: pins)
        try? scope.remove()
    }

    private static func startKeeper(_ scope: SessionScope, _ control: borrowing OwnedDescriptor) throws -> StartedProcess {
        let null = try WorkingDirectory().open("/dev/null", .readWrite)
        let leaf = try scope.open(.keeper)
        let specification = LaunchSpecification(
            path: Array(try Stage.sibling("sandbox-keeper").utf8), arguments: [Array("sandbox-keeper".utf8)], environment: [],
            identity: .init(uid: 0, gid: 0, groups: [], isChanged: false), waitsForGo: false, keepsPrivilege: true, dropsBounding: false,
            openFiles: LaunchSpecification.serverOpenFiles)
        let inherited = [null.borrowed, null.borrowed, null.borrowed, control.borrowed]
        return try StartedProcess.start(specification, .init(inherited: inherited), cgroup: leaf.borrowed)
    }

    private func introduce(_ id: String, _ stage: Stage, _ lifeline: borrowing OwnedDescriptor) throws {
        let keepers = try WorkingDirectory().open(stage.keepers, [.path, .directory])
        let listener = try UnixSocket.listen(named: id, in: keepers, .messages)
        let record = try WorkingDirectory().open(stage.keepers + "/record", [.write, .create, .truncate])
        let gate = try scope.open(.gate)
        let server = try scope.open(.server)
        let killGate = try scope.openKill(.gate)
        let killServer = try scope.openKill(.server)
        try channel.introduce(
            id, becoming: nil,
            cgroups: .init(gate: gate.borrowed, server: server.borrowed, killGate: killGate.borrowed, killServer: killServer.borrowed),
            lifeline: lifeline.borrowed, listener: listener.borrowed, record: record.borrowed)
        guard case .hello = try report() else { throw Unmet(description: "the keeper says no hello") }
    }

    private func launchOutsider(
        _ stage: Stage, _ identity: LaunchSpecification.Identity, _ input: borrowing OwnedDescriptor
    ) throws -> Int32 {
        let output = try Pipe()
        let reader = output.reader
        let writer = output.writer
        let specification = LaunchSpecification(
            path: Array(stage.program.utf8), arguments: ["acts", "outsider"].map { Array($0.utf8) }, environment: [], identity: identity)
        let inherited = [input.borrowed, writer.borrowed, writer.borrowed]
        let process = try launch(.gate, specification, .init(inherited: inherited))
        guard cs_wait_readable(reader.number, 5_000) == 1 else { throw Unmet(description: "the outsider is not ready") }
        return process
    }

    private func launchServer(
        _ stage: Stage, _ plan: KernelPlan, _ ruleset: borrowing OwnedDescriptor, _ filter: borrowing OwnedDescriptor
    ) throws {
        let directory = try WorkingDirectory().open("/", [.path, .directory])
        let specification = LaunchSpecification(
            path: Array(stage.program.utf8), arguments: [Array("acts".utf8)], environment: [], identity: plan.identity,
            executesOnce: plan.launchesOnce, hasOnlyPipes: true, landlockABI: plan.landlock.abi,
            openFiles: LaunchSpecification.serverOpenFiles)
        let descriptors = LaunchSpecification.Descriptors(
            directory: directory.borrowed, ruleset: ruleset.borrowed, seccomp: filter.borrowed, inherited: performer.itsEnds)
        _ = try launch(.server, specification, descriptors)
        performer.closeItsEnds()
    }

    private func launch(
        _ role: KeeperChannel.Role, _ specification: LaunchSpecification, _ descriptors: LaunchSpecification.Descriptors
    ) throws -> Int32 {
        let memory = try specification.write(for: descriptors)
        try channel.launch(role, memory, descriptors)
        guard case .armed = try report() else { throw Unmet(description: "\(role.text) is not armed") }
        try channel.go(role)
        guard case .running(_, let process) = try report() else { throw Unmet(description: "\(role.text) does not run") }
        return process
    }

    private func report() throws -> KeeperReport {
        while true {
            if let report = try channel.receive() {
                if case .failed(let role, let step, let error) = report {
                    throw Unmet(description: "\(role?.text ?? "the session") failed: \(ChildStep.name(step)), \(error.name)")
                }
                return report
            }
            guard cs_wait_readable(channel.socket.number, 10_000) == 1 else { throw Unmet(description: "the keeper says nothing") }
        }
    }
}

extension KernelPlan {
    /// As the daemon takes it from the plan.
    var identity: LaunchSpecification.Identity {
        switch user {
        case .session: .init(uid: Stage.sessionUID, gid: Stage.sessionUID, groups: [], isChanged: true)
        case .caller(let uid, let gid, let groups): .init(uid: uid, gid: gid, groups: groups, isChanged: true)
        }
    }
}
