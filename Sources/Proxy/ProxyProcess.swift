import Descriptors
import EventLoop
import Evidence
import Glibc
import Policy
import SessionProtocol
import StrictJSON

/// The whole of `sandbox-proxy`.
public enum ProxyProcess {
    /// Serves one session on the descriptors of `ProxyDescriptor` and returns the exit status.
    public static func run() -> Int32 {
        guard ProxyDescriptor.allCases.allSatisfy({ fcntl($0.rawValue, F_GETFD) >= 0 }) else {
            let words = "sandbox-proxy: sandboxd starts this for sessions; `sandboxctl --help` says what people start\n"
            try? BorrowedDescriptor(ProxyDescriptor.people.rawValue).writeWhole(words)
            return 2
        }
        EventLoop.ignoreBrokenPipes()
        do {
            try serve()
            return 0
        } catch let problem as ProxyStartFailure {
            say(.failed(problem.text))
        } catch let error as Errno {
            say(.failed(error.name))
        } catch {
            say(.failed("unexpected error"))
        }
        return 1
    }

    private static func serve() throws {
        let start = try readStart()
        let recorder = ProxyRecorder(
            SpoolWriter(OwnedDescriptor(owning: ProxyDescriptor.spool.rawValue)), isDurable: start.isDurable, isAhead: { say(.ahead) })
        guard recorder.write(.lifecycle, ["proxy": "ready"]) else { throw ProxyStartFailure.spool }
        // Without it the resolver would draw its numbers from the clock, and not say so.
        guard access("/dev/urandom", R_OK) == 0 else { throw ProxyStartFailure.randomness }
        let loop = try EventLoop()
        let place = SourceLocation(file: "start", line: 1, column: 1)
        let rules = ProxyRules(names: .patterns(start.names.map { Located($0, at: place) }), reached: start.reached)
        let proxy = try ProxyLoop(
            rules, nameservers: start.nameservers.map(\.asServer), listener: OwnedDescriptor(owning: ProxyDescriptor.listener.rawValue),
            in: loop, record: recorder.record)
        try loop.register(ProxyDescriptor.keeper.rawValue, for: .hangUp) { _ in
            proxy.finish()
            loop.stop()
        }
        say(.ready)
        try loop.run()
        withExtendedLifetime(proxy) {}
    }

    private static func readStart() throws -> ProxyStart {
        let descriptor = BorrowedDescriptor(ProxyDescriptor.start.rawValue)
        guard let bytes = try descriptor.sealedContents(limit: 8 << 20) else { throw ProxyStartFailure.badStart("not sealed") }
        do { return try ProxyStart(bytes: bytes) } catch { throw ProxyStartFailure.badStart(error.text) }
    }

    private static func say(_ message: ProxyMessage) {
        // A daemon that is gone learns what happened from the spool and the exit.
        _ = try? BorrowedDescriptor(ProxyDescriptor.session.rawValue).send(message.json.encoded())
    }
}

/// Why a proxy does not start.
enum ProxyStartFailure: Error {
    case badStart(String)
    case spool
    case randomness

    var text: String {
        switch self {
        case .badStart(let what): "start: \(what)"
        case .spool: "the spool takes no record"
        case .randomness: "/dev/urandom cannot be read"
        }
    }
}

extension IPAddress {
    /// As the resolver takes it.
    fileprivate var asServer: String {
        switch self {
        case .v4: "\(self):53"
        case .v6: "[\(self)]:53"
        }
    }
}
