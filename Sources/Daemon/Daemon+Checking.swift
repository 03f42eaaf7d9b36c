import ControlProtocol
import Descriptors
import Kernel
import KernelPlan

extension Daemon {
    /// Judges a policy for whoever asks. What the caller thinks of it is not asked.
    func check(_ connection: ControlConnection, _ call: consuming ControlCall, _ peer: Peer) {
        do throws(ControlError) {
            try requireReadiness(for: connection)
            let request = try CheckRequest(call)
            let caller = try caller(peer, as: request.user)
            try begin(connection, try request.unstarted(), peer.credentials, caller, checks: true)
        } catch {
            connection.fail(error)
        }
    }
}

extension CheckRequest {
    /// The launch that it would be: with nothing to start, and nobody who speaks to it.
    fileprivate func unstarted() throws(ControlError) -> WrapRequest {
        do throws(Errno) {
            let null = try WorkingDirectory().open("/dev/null", .readWrite)
            var environment = home.map { ["HOME=" + $0] } ?? []
            if let runtime { environment.append("XDG_RUNTIME_DIR=" + runtime) }
            let cwd = try null.duplicate(), stdin = try null.duplicate(), stdout = try null.duplicate()
            return WrapRequest(
                policy: policy, includes: includes, inputs: inputs, name: path == nil ? "check" : nil, argv: [], path: path ?? "",
                environment: environment.map { Array($0.utf8) }, cwd: cwd, cwdPath: cwdPath, stdin: stdin,
                stdout: stdout, stderr: null, user: user, quiet: true)
        } catch {
            throw .launchFailed(LaunchFailure(.makeDescriptors, error).fault)
        }
    }
}
