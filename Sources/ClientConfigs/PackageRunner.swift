/// Programs that fetch, choose or start other programs, so that what they were told to run is not what they are.
public enum PackageRunner: Sendable, Hashable {
    /// npx and the like: the package is fetched from npm.
    case node(package: String?)
    /// uvx and the like: the package is fetched from PyPI.
    case python(package: String?)
    /// docker and podman: somebody else starts the container.
    case container

    public init?(_ words: [String]) {
        let program = words.first.map { String($0.split(separator: "/").last ?? "") } ?? ""
        let rest = words.dropFirst()
        let plain = Array(rest.drop { $0.hasPrefix("-") })
        switch program {
        case "npx", "bunx", "pnpx": self = .node(package: Self.package(rest, valued: ["-p", "--package", "-c", "--call"]))
        case "npm" where ["exec", "x"].contains(plain.first), "pnpm" where ["dlx", "exec"].contains(plain.first),
            "yarn" where plain.first == "dlx", "bun" where plain.first == "x":
            self = .node(package: Self.package(plain.dropFirst(), valued: ["-p", "--package"]))
        case "uvx": self = .python(package: Self.pythonPackage(rest))
        case "uv" where plain.prefix(2) == ["tool", "run"]: self = .python(package: Self.pythonPackage(plain.dropFirst(2)))
        case "uv" where plain.first == "run": self = .python(package: nil)
        case "pipx" where plain.first == "run":
            self = .python(package: Self.package(plain.dropFirst(), valued: ["--python", "--pip-args"], naming: ["--spec"]))
        case "docker", "podman", "nerdctl": self = .container
        default: return nil
        }
    }

    private static func pythonPackage(_ words: some Sequence<String>) -> String? {
        package(words, valued: ["--with", "-p", "--python", "--index-url", "--index", "--extra-index-url", "-w"], naming: ["--from"])
    }

    /// What an option that names it has, else the first word that is no option.
    private static func package(_ words: some Sequence<String>, valued: Set<String>, naming: Set<String> = ["-p", "--package"]) -> String? {
        var words = Array(words)[...]
        var first: String?
        while let word = words.popFirst() {
            if word == "--" { return words.first }
            if let option = naming.first(where: { word.hasPrefix($0 + "=") && $0.hasPrefix("--") }) {
                return String(word.dropFirst(option.utf8.count + 1))
            }
            if naming.contains(word) { return words.first }
            if valued.contains(word) {
                _ = words.popFirst()
            } else if !word.hasPrefix("-") {
                first = word
                break
            }
        }
        return first
    }
}
