import CKernel
import Descriptors
import EventLoop
import Glibc
import KernelPlan
import SessionProtocol
import Testing

@testable import Kernel

/// The second layer of `files.execute` alone, without Landlock and without a filter: what is denied here is denied by the program.
@Suite("executed files by inode", .enabled(if: isRoot, "needs root: programs, cgroups, other uids"), .serialized)
struct ExecuteLayerTests {
    static let host = UnixSocketTests.host
    static let isThere = host.has(.executeHook)
    static let observed: Comment = "execute-hook: \(host[.executeHook].text)"

    /// Programs say `ran`, or whoever would execute them says `denied`.
    static let dial = """
        import ctypes, os, sys, threading
        it = sys.argv[1]
        def tried(act):
            child = os.fork()
            if child == 0:
                try: act()
                except OSError as error: os._exit(100 if error.errno == 1 else 101)
                os._exit(102)
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            return {0: 'ran', 100: 'denied'}.get(status, 'failed: %d' % status)
        def run(path): os.execv(path, [path])
        def run_descriptor(path):
            opened = os.open(path, os.O_RDONLY); os.execve(opened, [path], {})
        def memory(path):
            made = os.memfd_create('copy', 0); os.write(made, open(path, 'rb').read()); return made
        def run_memory(path): os.execve(os.open('/proc/self/fd/%d' % memory(path), os.O_RDONLY), [path], {})
        def run_memory_path(path): run('/proc/self/fd/%d' % memory(path))
        def run_copy(path):
            copy = '/dev/shm/sandboxd-test-%d' % os.getppid()
            open(copy, 'wb').write(open(path, 'rb').read()); os.chmod(copy, 0o755)
            child = os.fork()
            if child == 0: run_or_exit(copy)
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]); os.unlink(copy); os._exit(status)
        def run_or_exit(path):
            try: run(path)
            except OSError as error: os._exit(100 if error.errno == 1 else 101)
        def loader(): return next(path for path in ('/lib64/ld-linux-x86-64.so.2', '/lib/ld-linux-aarch64.so.1') if os.path.exists(path))
        def run_by_loader(path): os.execv(loader(), [loader(), path])
        def run_in_thread(path):
            thread = threading.Thread(target=run_or_exit, args=[path]); thread.start(); thread.join()
        libc = ctypes.CDLL(None, use_errno=True)
        def own_mounts():
            if libc.unshare(0x20000) < 0 or libc.mount(None, b'/', None, 0x44000, None) < 0: os._exit(103)
        def bind(path, place):
            if libc.mount(path.encode(), place.encode(), None, 0x1000, None) < 0: os._exit(104)
        def run_bound(path, place): own_mounts(); bind(path, place); run(place)

        """

    /// What python tries of itself: it was launched.
    static let again = """
        print(tried(lambda: run(it + '/tool')))
        print(tried(lambda: run_in_thread(it + '/tool')))
        sys.stdout.flush()
        try: os.execv('/usr/bin/python3', ['python3', '-ISc', 'print("ran")'])
        except OSError as error: print('denied' if error.errno == 1 else error)
        """

    struct Act: Sendable {
        let what: String
        let program: String
        let isPermitted: Bool
        var isOfRoot = false
    }

    static let acts = [
        Act(what: "a granted file", program: "run(it + '/tool')", isPermitted: true),
        Act(what: "a granted file, relative", program: "os.chdir(it) or run('./tool')", isPermitted: true),
        Act(what: "a granted file, by a link", program: "run(it + '/link')", isPermitted: true),
        Act(what: "a granted file, by another name of it", program: "run(it + '/hard')", isPermitted: true),
        Act(what: "a granted file, by descriptor", program: "run_descriptor(it + '/tool')", isPermitted: true),
        Act(what: "a granted file, from a thread", program: "run_in_thread(it + '/tool')", isPermitted: true),
        Act(what: "a granted script of a granted interpreter", program: "run(it + '/script')", isPermitted: true),
        Act(what: "another file", program: "run(it + '/other')", isPermitted: false),
        Act(what: "another file, by a link", program: "run(it + '/other-link')", isPermitted: false),
        Act(what: "another file, by descriptor", program: "run_descriptor(it + '/other')", isPermitted: false),
        Act(what: "another file, from a thread", program: "run_in_thread(it + '/other')", isPermitted: false),
        Act(what: "another file of the granted name", program: "run(it + '/moved/tool')", isPermitted: false),
        Act(what: "a granted script of another interpreter", program: "run(it + '/script-of-other')", isPermitted: false),
        Act(what: "another script of a granted interpreter", program: "run(it + '/other-script')", isPermitted: false),
        Act(what: "a granted file, by the loader", program: "run_by_loader(it + '/tool')", isPermitted: false),
        Act(what: "a copy", program: "run_copy(it + '/tool')", isPermitted: false),
        Act(what: "a copy in memory", program: "run_memory(it + '/tool')", isPermitted: false),
        Act(what: "a copy in memory, by path", program: "run_memory_path(it + '/tool')", isPermitted: false),
        Act(
            what: "a granted file, bound elsewhere in other mounts", program: "run_bound(it + '/tool', it + '/other')",
            isPermitted: true, isOfRoot: true),
        Act(
            what: "another file, bound over a granted one in other mounts", program: "run_bound(it + '/other', it + '/tool')",
            isPermitted: false, isOfRoot: true),
        Act(
            what: "a granted file, in other mounts", program: "own_mounts() or run(it + '/tool')", isPermitted: true,
            isOfRoot: true),
        Act(
            what: "another file, in other mounts", program: "own_mounts() or run(it + '/other')", isPermitted: false,
            isOfRoot: true),
    ]

    /// All of them by one python, since each start takes a guest its time.
    @Test("a list permits its files, and no others", .enabled(if: isThere, observed), arguments: [false, true])
    func list(_ isOfRoot: Bool) throws {
        let files = try ExecutedFiles()
        let acts = Self.acts.filter { $0.isOfRoot == isOfRoot }
        let program = Self.dial + acts.map { "print('\($0.what): ' + tried(lambda: \($0.program)))\n" }.joined()
        let free = try ConfinedPython.run(program, [files.directory], isRoot: isOfRoot)
        #expect(free == acts.map { "\($0.what): ran\n" }.joined(), "unconfined")
        let held = try ExecutedFiles.Attached(try files.plan())
        let text = try ConfinedPython.run(program, [files.directory], cgroup: held.leaf.borrowed, isRoot: isOfRoot)
        #expect(text == acts.map { "\($0.what): \($0.isPermitted ? "ran" : "denied")\n" }.joined())
        let denied = acts.count { !$0.isPermitted }
        #expect(try DenialMaps(pins: held.pins).counts() == DenialMaps.Counts(denied: UInt64(denied), lost: 0))
    }

    // MARK: Once

    @Test("after the launch's execve nothing is executed, listed or not", .enabled(if: isThere, observed), arguments: [false, true])
    func once(_ isOnce: Bool) throws {
        let files = try ExecutedFiles()
        let held = try ExecutedFiles.Attached(try files.plan(once: isOnce))
        let text = try ConfinedPython.run(Self.dial + Self.again, [files.directory], cgroup: held.leaf.borrowed)
        let said = isOnce ? "denied" : "ran"
        #expect(text == "\(said)\n\(said)\n\(said)\n")
        #expect(try DenialMaps(pins: held.pins).counts().denied == (isOnce ? 3 : 0))
        // Somebody else in the cgroup has been born without the launch's execve.
        let other = try? ConfinedPython.run("print('ran')", cgroup: held.leaf.borrowed)
        #expect(other == (isOnce ? nil : "ran\n"))
    }

    @Test("a launch by a `#!` line is one execve", .enabled(if: isThere, observed), arguments: [false, true])
    func scriptOnce(_ isOnce: Bool) throws {
        let files = try ExecutedFiles()
        let script = files.path("launched")
        let held = try ExecutedFiles.Attached(try files.plan([script], once: isOnce))
        let text = try ConfinedPython.run(path: script, [script, files.directory], cgroup: held.leaf.borrowed)
        let said = isOnce ? "denied" : "ran"
        #expect(text == "\(said)\n\(said)\n\(said)\n")
    }

    @Test("what the launch names and the list does not is not started", .enabled(if: isThere, observed), arguments: [false, true])
    func unlistedLaunch(_ isOnce: Bool) throws {
        let files = try ExecutedFiles()
        let script = files.path("launched")
        let failure = #expect(throws: StartFailure.self) {
            let held = try ExecutedFiles.Attached(try files.plan(once: isOnce))
            _ = try ConfinedPython.run(path: script, [script, files.directory], cgroup: held.leaf.borrowed)
        }
        #expect(failure?.error == .permission)
    }

    // MARK: Stacked filesystems

    @Test("through an overlay a file is another than below it, also when it has been written", .enabled(if: isThere, observed))
    func overlay() throws {
        let files = try ExecutedFiles()
        let merged = try Overlay(over: files.directory)
        let tried = { (path: String) in "print(tried(lambda: run('\(path)')))\n" }
        let program = Self.dial + tried(merged.path("tool")) + tried(merged.path("other")) + tried(files.path("tool"))
        #expect(try ConfinedPython.run(program, [files.directory]) == "ran\nran\nran\n", "unconfined")
        let plan = CgroupPlan(
            hooks: [.execute], tcp: .any, udp: .any,
            executed: [try ExecutedFiles.rule("/usr/bin/python3"), try ExecutedFiles.rule(merged.path("tool"))])
        let held = try ExecutedFiles.Attached(plan)
        let run = { try ConfinedPython.run(program, [files.directory], cgroup: held.leaf.borrowed) }
        #expect(try run() == "ran\ndenied\ndenied\n")
        // Which copies it to the upper layer.
        #expect(chmod(merged.path("tool"), 0o711) == 0)
        #expect(try run() == "ran\ndenied\ndenied\n")
    }

    // MARK: Telling

    @Test("a denial says which file", .enabled(if: isThere, observed))
    func tells() throws {
        let files = try ExecutedFiles()
        let held = try ExecutedFiles.Attached(try files.plan())
        let maps = DenialMaps(pins: held.pins)
        let long = "/" + String(repeating: "./", count: 70)
        let program = Self.dial + "tried(lambda: run(it + '/other')); tried(lambda: run('\(long)' + it + '/other'))"
        _ = try ConfinedPython.run(program, [files.directory], cgroup: held.leaf.borrowed)
        let ring = try maps.openRing()
        let reader = try RingBuffer(mapping: ring.number, bytes: try maps.bytes(of: ring))
        var denials: [KernelDenial] = []
        while case .record(let content) = reader.next() { denials.append(try #require(KernelDenial(record: content))) }
        let status = try WorkingDirectory().status(of: files.path("other"))
        let said = [files.path("other"), String((long + files.path("other")).prefix(127)) + "…"]
        #expect(denials.map(\.act.file) == said.map { DeniedFile(path: $0, device: status.device, inode: status.inode) })
        #expect(denials.first?.act.words == "execute `\(files.path("other"))`")
        #expect(denials.allSatisfy { $0.act.process != 0 && $0.act.hook == EGRESS_HOOK_EXECUTE })
    }

    @Test("a flood of denials loses records, and no verdict", .enabled(if: isThere, observed))
    func flood() throws {
        let files = try ExecutedFiles()
        let held = try ExecutedFiles.Attached(try files.plan())
        let program = """
            denied = 0
            for _ in range(100):
                try: run(it + '/other')
                except PermissionError: denied += 1
            print(denied, tried(lambda: run(it + '/tool')))
            """
        let text = try ConfinedPython.run(Self.dial + program, [files.directory], cgroup: held.leaf.borrowed)
        #expect(text == "100 ran\n")
        let counts = try DenialMaps(pins: held.pins).counts()
        #expect(counts.denied == 100)
        #expect(counts.lost > 0 && counts.lost < 100)
    }

    // MARK: Making it

    @Test("a file that was replaced since it was found fails the launch", .enabled(if: isThere, observed))
    func replaced() throws {
        let files = try ExecutedFiles()
        let scratch = try ScratchScope()
        let leaf = try scratch.scope.open(.server)
        let pins = scratch.bpffs + "/pins"
        let other = try WorkingDirectory().open(files.path("other"), .path)
        let failure = #expect(throws: LaunchFailure.self) {
            _ = try EgressPrograms.attach(try files.plan(), to: leaf, pins: pins) { _ throws(Errno) in other.borrowed }
        }
        #expect(failure?.detail.contains("no longer") == true)
        #expect(throws: Errno.noEntry) { _ = try WorkingDirectory().status(of: pins) }
    }

    @Test("tightening leaves what a session may execute as it was", .enabled(if: isThere, observed))
    func tightened() throws {
        let files = try ExecutedFiles()
        let held = try ExecutedFiles.Attached(try files.plan(once: true))
        let network: [CgroupPlan.Hook] = [.connect4, .connect6, .sendmsg4, .sendmsg6, .bind4, .bind6, .egress, .ingress]
        let program =
            Self.dial + """
                import time
                end = time.monotonic() + 20
                print('ready', flush=True)
                while not os.path.exists(it + '/moved/go') and time.monotonic() < end: time.sleep(0.005)
                print(tried(lambda: run(it + '/tool')), flush=True)
                """
        let session = try LivePython(running: program, [files.directory], cgroup: held.leaf.borrowed)
        #expect(try session.line() == "ready")
        _ = try EgressPrograms.tighten(pins: held.pins, to: CgroupPlan(hooks: network), canListen: false, on: held.scratch.scope)
        try WorkingDirectory().makeDirectory(files.path("moved/go"))
        defer { rmdir(files.path("moved/go")) }
        #expect(try session.line() == "denied")
    }
}

/// An overlay over a directory, mounted below /tmp; it goes at the end.
private final class Overlay {
    private let place: String

    init(over lower: String) throws {
        place = lower + "-overlay"
        for name in ["", "/upper", "/scratch", "/merged"] { try WorkingDirectory().makeDirectory(place + name, mode: 0o755) }
        let options = "lowerdir=\(lower),upperdir=\(place)/upper,workdir=\(place)/scratch"
        guard mount("overlay", place + "/merged", "overlay", 0, options) == 0 else { throw Errno.last }
    }

    deinit {
        umount2(place + "/merged", Int32(MNT_DETACH))
        unlink(place + "/upper/tool")
        // The kernel made one of its own in there.
        let inner = "/scratch/work"
        for name in [inner + "/index", inner, "/scratch/index", "/scratch", "/upper", "/merged", ""] { rmdir(place + name) }
    }

    func path(_ name: String) -> String { place + "/merged/" + name }
}
