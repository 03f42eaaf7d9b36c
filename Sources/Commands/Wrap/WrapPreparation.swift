import ControlProtocol
import Descriptors
import PathFinding
import Policy
import PolicyText

/// Everything that is found out before a daemon is asked: the policy's texts, the command, and where it is.
struct WrapPreparation {
    /// The command line, and where the command was found.
    struct FoundCommand: Sendable, Hashable {
        let argv: [[UInt8]]
        let path: String
    }

    let environment: CallerEnvironment
    /// Known from the moment they were read, so that a later refusal can quote them.
    private(set) var texts: PolicyTexts?
    let invocation: Invocation
    private(set) var inputs: [String: String] = [:]
    /// Where the policy is proven: what is asked for when neither policy nor command line names a command.
    private let prober: String?
    /// What is started is what installs packages, as `prepare` says.
    private let installs: Bool
    /// Where packages are prepared.
    private let places: [PreparedPlace]
    /// What stands in place of a command line that would have fetched a package.
    private(set) var prepared: PreparedCommand?

    /// What it is learned under; then the command line's policy and inputs are another's.
    private let given: (texts: PolicyTexts, inputs: [String: String])?

    init(
        _ invocation: Invocation, _ environment: CallerEnvironment, proving prober: String? = nil, installing: Bool = false,
        under given: (texts: PolicyTexts, inputs: [String: String])? = nil
    ) {
        self.given = given
        self.invocation = invocation
        self.environment = environment
        self.prober = prober
        installs = installing
        places = PreparedPlace.all(environment)
    }

    mutating func prepare() throws(WrapFailure) -> FoundCommand {
        if let given {
            (texts, inputs) = given
            guard let directory = CallerEnvironment.workingDirectory else { throw .noWorkingDirectory }
            let argv = try fetchingNothing(try commandLine(given.texts, directory))
            return FoundCommand(argv: argv, path: try unchanged(argv, directory))
        }
        guard let policy = invocation.value("policy") ?? invocation.arguments.first else { throw .usage(.missingOption("--policy")) }
        do { inputs = try invocation.assignments("set") } catch { throw .usage(error) }
        let texts: PolicyTexts
        do { texts = try PolicyTexts(policy, finder: PolicyFinder(environment)) } catch { throw .refused(error) }
        self.texts = texts
        guard let directory = CallerEnvironment.workingDirectory else { throw .noWorkingDirectory }
        let argv = try fetchingNothing(try commandLine(texts, directory))
        return FoundCommand(argv: argv, path: try unchanged(argv, directory))
    }

    /// The command's file; one of a prepared package is as it was prepared.
    private func unchanged(_ argv: [[UInt8]], _ directory: String) throws(WrapFailure) -> String {
        let path = try find(argv, directory)
        do { try PreparedCommand.check(path, in: places) } catch { throw .unprepared(error) }
        return path
    }

    /// The prepared package's own command line in place of one that fetches it. What fetches and cannot be replaced is refused.
    private mutating func fetchingNothing(_ argv: [[UInt8]]) throws(WrapFailure) -> [[UInt8]] {
        guard prober == nil, !installs else { return argv }
        do {
            prepared = try PreparedCommand(argv.map { String(decoding: $0, as: UTF8.self) }, in: places)
        } catch {
            throw .unprepared(error)
        }
        return prepared?.words.map { Array($0.utf8) } ?? argv
    }

    /// `serves`: the streams are of somebody whom this process serves.
    func request(
        _ command: FoundCommand, _ streams: consuming ClientStreams, serves: Bool = false, observes: Bool = false
    ) throws(WrapFailure) -> WrapRequest {
        guard let texts, let cwdPath = CallerEnvironment.workingDirectory else { throw .noWorkingDirectory }
        let cwd: OwnedDescriptor
        do { cwd = try WorkingDirectory().open(".", [.path, .directory]) } catch { throw .streams(error) }
        // A text that cannot be read has no credentials that matter: its reasons are told by whoever is asked.
        let wanted = (try? texts.draft())?.credentials ?? []
        let credentials: [[UInt8]]
        do { credentials = try CallerCredentials(environment).entries(wanted) } catch { throw .refused(error) }
        return WrapRequest(
            policy: texts.policy, includes: texts.includes, inputs: inputs, name: invocation.value("name"), argv: command.argv,
            path: command.path, environment: environment.variables, credentials: credentials, cwd: cwd, cwdPath: cwdPath,
            stdin: streams.input,
            stdout: streams.output,
            stderr: streams.errors, user: invocation.value("user"), quiet: prober != nil || invocation.has("quiet"),
            proves: prober != nil, serves: serves, observes: observes)
    }

    /// What stood after `--`, else `server.command`. A policy that cannot be read is told by the daemon, which records it; without a command there is
    /// nothing to ask for, and it is told here.
    private func commandLine(_ texts: PolicyTexts, _ directory: String) throws(WrapFailure) -> [[UInt8]] {
        let draft: PolicyDraft
        do {
            draft = try texts.draft()
        } catch {
            if let trailing = invocation.trailing { return trailing }
            throw .refused(error)
        }
        if let trailing = invocation.trailing {
            guard let command = draft.command?.first else { return trailing }
            let problem = "a command is given although the policy has one"
            throw .refused(Refusal(Reason(.commandGivenTwice, at: command.location, ["problem": problem])))
        }
        let command: [Located<String>]?
        do { command = try draft.expandedCommand(with: variables(directory)) } catch { throw .refused(error) }
        guard let command else {
            if let prober { return [Array(prober.utf8)] }
            throw .refused(Refusal(Reason(.commandGivenTwice, ["problem": "no command is given, and the policy has none"])))
        }
        return command.map { Array($0.value.utf8) }
    }

    private func variables(_ directory: String) -> PolicyVariables {
        PolicyVariables(home: environment.home ?? "/", cwd: directory, runtime: environment["XDG_RUNTIME_DIR"], inputs: inputs)
    }

    private func find(_ argv: [[UInt8]], _ directory: String) throws(WrapFailure) -> String {
        let shown = String(decoding: argv[0], as: UTF8.self)
        switch CommandLookup.find(argv[0], path: environment.bytes("PATH"), cwd: Array(directory.utf8)) {
        case .found(let path):
            guard let path = String(validating: path, as: UTF8.self) else { throw .commandNotExecutable(shown, error: "EILSEQ") }
            return path
        case .notFound: throw .commandNotFound(shown)
        case .notExecutable(_, let error): throw .commandNotExecutable(shown, error: error)
        }
    }
}

extension Invocation {
    /// `NAME=VALUE` each, a name once.
    func assignments(_ option: String) throws(UsageError) -> [String: String] {
        var values: [String: String] = [:]
        for text in self.values(option) {
            guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")), equals != text.startIndex else { throw .badAssignment(text) }
            let name = String(text[..<equals])
            guard values.updateValue(String(text[text.utf8.index(after: equals)...]), forKey: name) == nil else {
                throw .badAssignment(text)
            }
        }
        return values
    }
}
