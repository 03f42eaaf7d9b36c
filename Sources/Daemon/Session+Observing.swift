import ControlProtocol
import Descriptors
import Evidence
import Kernel
import KernelPlan
import PathFinding
import Policy

/// What is started, looked at for the launch receipt: it is read while the rest of the launch goes on, and the receipt waits for it.
extension Session {
    /// Where the finder is to look for the script that an interpreter is given.
    func scriptPath(_ texts: SessionTexts) -> String? {
        guard !proves, !checks, let request,
            case .script(let index) = ScriptArgument(command: Array(request.value.path.utf8), arguments: request.value.argv),
            let argument = String(validating: request.value.argv[index], as: UTF8.self)
        else { return nil }
        if argument.utf8.first == UInt8(ascii: "/") { return argument }
        return (texts.server.cwd?.value ?? request.value.cwdPath) + "/" + argument
    }

    /// `script`: what was found of it, where it was asked for.
    func observeProgram(_ found: borrowing FoundPaths, script: PathFinding?) {
        guard !proves, let request else { return }
        var program = LaunchedProgram(command: request.value.path, argv: request.value.argv, environment: environment)
        let links = found.answer.chain.filter { $0.role != .loader }
        program.executable = links.last.map { file($0.facts, found) }
        if links.count > 1, let first = links.first {
            program.script = file(first.facts, found)
        } else if case .found(let facts)? = script {
            program.script = file(facts, found)
        } else if case .failed(let error, _)? = script {
            program.scriptAbsence = "it was not found: \(error)"
        } else if case .absent(let why) = ScriptArgument(command: Array(request.value.path.utf8), arguments: request.value.argv) {
            program.scriptAbsence = why.rawValue
        }
        self.program = program
        readProgram(found)
    }

    private func file(_ facts: PathFacts, _ found: borrowing FoundPaths) -> LaunchedProgram.File {
        let seen = found.place(of: facts)
        return LaunchedProgram.File(
            path: facts.resolved, place: seen?.place, version: seen?.version,
            reading: seen.flatMap { seen in
                daemon.fileDigests[seen.version].map { .read(sha256: $0, seen.version) }
            } ?? (seen == nil ? .unread("not found") : nil))
    }

    private func readProgram(_ found: borrowing FoundPaths) {
        guard let places = program?.unread, !places.isEmpty else { return }
        guard let reader = found.reader else {
            program?.take(Dictionary(places.map { ($0, .unread("there was nobody to read it")) }, uniquingKeysWith: { first, _ in first }))
            return
        }
        fileReader = reader
        reader.read(places) { [weak self] readings in self?.programIsRead(places, readings) }
    }

    private func programIsRead(_ places: [Int], _ readings: [FileReading]) {
        fileReader = nil
        program?.take(Dictionary(zip(places, readings), uniquingKeysWith: { first, _ in first }))
        daemon.fileDigests.add(readings, now: Clock.realtime)
        guard phase == .launchingServer, let process = armedServer else { return }
        armedServer = nil
        perform { () throws(LaunchFailure) in try armed(.server, process) }
    }

    /// The server was started from what the receipt says it was, or went on to another program that its policy lets it execute. Where /proc does
    /// not show it nothing more is known than before.
    func checkExecuted(_ process: Int32) throws(LaunchFailure) {
        guard case .read(_, let version)? = program?.executable?.reading,
            let status = try? WorkingDirectory().status(of: "/proc/\(process)/exe")
        else { return }
        // The same file with another content is neither.
        let isOther = (status.device, status.inode) != (version.device, version.inode)
        guard FileVersion(status) == version || isOther && mayHaveExecuted(status, process) else {
            throw LaunchFailure(.launchServer, nil, "the executable was changed while the session started")
        }
    }

    /// `#!/usr/bin/env node` is node by the time it is looked at.
    private func mayHaveExecuted(_ status: FileStatus, _ process: Int32) -> Bool {
        guard let plan, !plan.launchesOnce, let path = ObservedProcess.executable(of: process) else { return false }
        return plan.landlock.permitsExecuting(device: status.device, inode: status.inode, path: path)
    }
}
