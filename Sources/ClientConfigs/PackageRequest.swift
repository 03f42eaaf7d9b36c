/// What a command line of npx, uvx and the like asks to be fetched and started.
public struct PackageRequest: Sendable, Hashable {
    public enum Registry: String, Sendable, Hashable, CaseIterable {
        case pypi
        case npm
    }

    public let registry: Registry
    /// The package that is meant first, then those that are to be there besides.
    public let packages: [PackageName]
    /// What is started; nil where it is what the package says itself.
    public let program: String?
    /// Which Python, as it was written.
    public let python: String?
    /// The server's own words.
    public let arguments: [String]

    public var package: PackageName { packages[0] }

    /// Of a command line that `PackageRunner` recognises.
    public init(_ words: [String]) throws(PackageProblem) {
        guard let runner = PackageRunner(words) else { throw .noRunner }
        let rest = try Self.afterVerb(words, runner)
        var reader = RunnerOptions(Self.form(words), rest)
        try reader.read()
        registry = reader.form == .npx ? .npm : .pypi
        python = reader.python
        (packages, program) = try Self.choose(reader, registry)
        arguments = reader.arguments
    }

    /// The words behind `npx`, `uv tool run` and the like.
    private static func afterVerb(_ words: [String], _ runner: PackageRunner) throws(PackageProblem) -> ArraySlice<String> {
        guard runner != .container else { throw .container }
        let rest = words.dropFirst()
        switch name(words) {
        case "npx", "bunx", "pnpx", "uvx": return rest
        case "npm", "pnpm", "yarn", "bun": return try after(["exec", "x", "dlx"], rest)
        case "pipx": return try after(["run"], rest)
        case "uv":
            let tool = try after(["tool"], rest)
            return try after(["run"], tool)
        default: throw .noRunner
        }
    }

    private static func after(_ verbs: [String], _ words: ArraySlice<String>) throws(PackageProblem) -> ArraySlice<String> {
        guard let first = words.first else { throw .noPackage }
        if first.hasPrefix("-") { throw .option(first) }
        guard verbs.contains(first) else { throw .noPackage }
        return words.dropFirst()
    }

    private static func form(_ words: [String]) -> RunnerOptions.Form {
        switch name(words) {
        case "uvx", "uv": .uvx
        case "pipx": .pipx
        default: .npx
        }
    }

    private static func name(_ words: [String]) -> String { words.first.map { String($0.split(separator: "/").last ?? "") } ?? "" }

    private static func choose(_ reader: RunnerOptions, _ registry: Registry) throws(PackageProblem) -> ([PackageName], String?) {
        var named = try reader.named.map { text throws(PackageProblem) in try PackageName(text, of: registry) }
        let also = try reader.also.map { text throws(PackageProblem) in try PackageName(text, of: registry) }
        if named.isEmpty {
            guard let word = reader.word else { throw .noPackage }
            return ([try PackageName(word, of: registry, isRunners: true)] + also, nil)
        }
        guard let word = reader.word else {
            // npx alone takes a package without a program.
            guard registry == .npm, named.count == 1 else { throw .noPackage }
            return (named, nil)
        }
        guard Self.isProgramName(word) else { throw .badProgram(word) }
        named += also
        return (named, word)
    }

    /// A file's name in a directory of programs, and nothing that a program could take for an option.
    public static func isProgramName(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 128 else { return false }
        return first != UInt8(ascii: "-") && first != UInt8(ascii: ".")
            && text.utf8.allSatisfy { PackageName.isWordByte($0) || "-._+".utf8.contains($0) }
    }
}

/// Why a command line of a runner cannot be prepared.
public enum PackageProblem: Error, Sendable, Hashable {
    /// It starts no package.
    case noRunner
    /// Another daemon starts a container.
    case container
    case noPackage
    /// An option that means something else than a package of the registry, or is not known here.
    case option(String)
    /// Its value is missing.
    case missingValue(option: String)
    /// From an address, a directory or a repository.
    case notOfRegistry(String)
    case badName(String)
    case badVersion(String)
    case badProgram(String)
}

/// The options of a runner up to the first word that is none, as the runner itself reads them; what is not known is refused, since it may mean
/// another package than the one that is read here.
struct RunnerOptions {
    enum Form: Sendable, Hashable {
        case npx, uvx, pipx

        /// Change nothing about what is installed.
        var flags: Set<String> {
            switch self {
            case .npx: ["-y", "--yes", "-q", "--quiet", "-s", "--silent", "--prefer-online", "--prefer-offline", "--ignore-scripts"]
            case .uvx: ["-q", "--quiet", "-v", "--verbose", "--isolated", "-n", "--no-cache", "--refresh", "--native-tls", "--no-progress"]
            case .pipx: ["-q", "--quiet", "-v", "--verbose", "--no-cache"]
            }
        }

        var naming: Set<String> {
            switch self {
            case .npx: ["-p", "--package"]
            case .uvx: ["--from"]
            case .pipx: ["--spec"]
            }
        }

        var adding: Set<String> { self == .uvx ? ["-w", "--with"] : [] }

        var python: Set<String> {
            switch self {
            case .npx: []
            case .uvx: ["-p", "--python"]
            case .pipx: ["--python"]
            }
        }
    }

    let form: Form
    private var rest: ArraySlice<String>
    private(set) var named: [String] = []
    private(set) var also: [String] = []
    private(set) var python: String?
    /// The first that is no option.
    private(set) var word: String?
    var arguments: [String] { Array(rest) }

    init(_ form: Form, _ words: ArraySlice<String>) {
        self.form = form
        rest = words
    }

    mutating func read() throws(PackageProblem) {
        while let next = rest.popFirst() {
            guard next.hasPrefix("-") else {
                word = next
                return
            }
            if next == "--" {
                word = rest.popFirst()
                return
            }
            try option(next)
        }
    }

    private mutating func option(_ written: String) throws(PackageProblem) {
        if form.flags.contains(written) { return }
        let parts = written.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = parts[0]
        let isJoined = parts.count == 2 && name.hasPrefix("--")
        guard isJoined || parts.count == 1, form.naming.contains(name) || form.adding.contains(name) || form.python.contains(name) else {
            throw .option(name)
        }
        guard let value = isJoined ? parts[1] : rest.popFirst(), !value.isEmpty else { throw .missingValue(option: name) }
        if form.naming.contains(name) {
            guard named.isEmpty || form == .npx else { throw .option(name) }
            named.append(value)
        } else if form.adding.contains(name) {
            // A comma also stands between the bounds of one version.
            also += PackageName.list(value)
        } else {
            python = value
        }
    }
}
