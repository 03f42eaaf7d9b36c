import CKernel
import CLaunch
import CLinux
import Glibc

/// A session of a test: a keeper, a gate that is some program, a server.
final class Session {
    let harness: KeeperHarness
    let input = TestPipe()
    let output = TestPipe()
    let errors = TestPipe()
    let gateInput = TestPipe()
    let gateOutput = TestPipe()

    init(flushMilliseconds: UInt32 = 20, asFirstProcess: Bool = false) throws {
        harness = try KeeperHarness(flushMilliseconds: flushMilliseconds, asFirstProcess: asFirstProcess)
        try harness.expect(CL_REPORT_HELLO)
    }

    @discardableResult
    func startGate(path: String = "/bin/cat", arguments: [String] = ["cat"]) throws -> Int32 {
        var launch = TestLaunch(path: path, arguments: arguments, descriptors: [gateInput.reading, gateOutput.writing, gateOutput.writing])
        launch.uid = 12344
        launch.gid = 12344
        let pid = try harness.launch(CL_ROLE_GATE, launch)
        gateInput.closeReading()
        gateOutput.closeWriting()
        return pid
    }

    func server(path: String, arguments: [String], groups: [UInt32] = []) throws -> TestLaunch {
        var launch = TestLaunch(path: path, arguments: arguments, descriptors: [input.reading, output.writing, errors.writing])
        launch.groups = groups
        launch.becomeServer(seccomp: try TestFilter.launchOnce())
        return launch
    }

    @discardableResult
    func startServer(path: String, arguments: [String], groups: [UInt32] = [], once: Bool = true) throws -> Int32 {
        let launch = try server(path: path, arguments: arguments, groups: groups)
        let pid = try harness.launch(CL_ROLE_SERVER, launch)
        input.closeReading()
        output.closeWriting()
        errors.closeWriting()
        if let seccomp = launch.seccomp { close(seccomp) }
        return pid
    }
}
