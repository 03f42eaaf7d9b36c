/// A package of a registry, and which versions of it are wanted. What comes from elsewhere, an address, a directory, a repository, is none.
public struct PackageName: Sendable, Hashable {
    public enum Version: Sendable, Hashable {
        /// Whichever is the latest.
        case any
        case exactly(String)
        /// As it was written: bounds, or a tag.
        case within(String)
    }

    /// As the registry writes it: of PyPI in small letters, with `-` between words.
    public let name: String
    /// Of PyPI alone; sorted.
    public let extras: [String]
    public let version: Version

    private static let longest = 214

    /// `isRunners`: the word that a runner takes for package and program at once, where `@latest` and `@1.2` are uvx's own.
    public init(_ text: String, of registry: PackageRequest.Registry, isRunners: Bool = false) throws(PackageProblem) {
        guard text.utf8.count <= 512, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw .badName(text) }
        guard !Self.isElsewhere(text, registry) else { throw .notOfRegistry(text) }
        switch registry {
        case .pypi: (name, extras, version) = try Self.python(text)
        case .npm:
            (name, version) = try Self.node(text)
            extras = []
        }
    }

    /// What a package installer is given, one word that is no option.
    public func requirement(of registry: PackageRequest.Registry) -> String { requirement(of: registry, version: version) }

    /// The same of other versions.
    public func requirement(of registry: PackageRequest.Registry, version: Version) -> String {
        switch (registry, version) {
        case (.pypi, .any): name + bracketed
        case (.pypi, .exactly(let version)): "\(name)\(bracketed)==\(version)"
        case (.pypi, .within(let bounds)): "\(name)\(bracketed)\(bounds)"
        case (.npm, .any): name
        case (.npm, .exactly(let version)), (.npm, .within(let version)): "\(name)@\(version)"
        }
    }

    private var bracketed: String { extras.isEmpty ? "" : "[\(extras.joined(separator: ","))]" }

    /// Without the scope.
    public var plainName: String { name.split(separator: "/").last.map(String.init) ?? name }

    private static func isElsewhere(_ text: String, _ registry: PackageRequest.Registry) -> Bool {
        if text.contains(":") || text.hasPrefix(".") || text.hasPrefix("/") || text.hasPrefix("~") || text.contains("\\") { return true }
        let slashes = text.utf8.count { $0 == UInt8(ascii: "/") }
        switch registry {
        case .pypi: return slashes > 0 || text.hasSuffix(".whl") || text.hasSuffix(".tar.gz")
        // OWNER/REPOSITORY is one of GitHub's.
        case .npm: return slashes > (text.hasPrefix("@") ? 1 : 0) || text.hasSuffix(".tgz")
        }
    }

    // MARK: npm

    private static func node(_ text: String) throws(PackageProblem) -> (String, Version) {
        let isScoped = text.hasPrefix("@")
        let at = text.utf8.dropFirst(isScoped ? 1 : 0).firstIndex(of: UInt8(ascii: "@"))
        let name = String(text[..<(at ?? text.endIndex)])
        let parts = name.dropFirst(isScoped ? 1 : 0).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == (isScoped ? 2 : 1), name.utf8.count <= longest, parts.allSatisfy({ isNodeName($0) }) else {
            throw .badName(text)
        }
        guard let at else { return (name, .any) }
        let version = String(text[text.utf8.index(after: at)...])
        if version == "latest" { return (name, .any) }
        guard let first = version.utf8.first, first != UInt8(ascii: "-"), version.utf8.count <= 64,
            version.utf8.allSatisfy({ isWordByte($0) || ".+-^~*<>=".utf8.contains($0) })
        else { throw .badVersion(text) }
        return (name, isExactNodeVersion(version) ? .exactly(version) : .within(version))
    }

    private static func isNodeName(_ part: Substring) -> Bool {
        guard let first = part.utf8.first, isSmall(first), first != UInt8(ascii: "_") else { return false }
        return part.utf8.allSatisfy { isSmall($0) || "-._~".utf8.contains($0) }
    }

    private static func isSmall(_ byte: UInt8) -> Bool { isWordByte(byte) && !(0x41...0x5A).contains(byte) }

    /// Three numbers, and what may follow them.
    private static func isExactNodeVersion(_ text: String) -> Bool {
        let core = text.utf8.prefix { isDigit($0) || $0 == UInt8(ascii: ".") }
        let numbers = core.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard numbers.count == 3, numbers.allSatisfy({ !$0.isEmpty }) else { return false }
        let rest = text.utf8.dropFirst(core.count)
        return rest.isEmpty || "-+".utf8.contains(rest.first ?? 0) && rest.allSatisfy { isWordByte($0) || ".+-".utf8.contains($0) }
    }

    // MARK: PyPI

    private static let operators = ["==", ">=", "<=", "~=", "!=", ">", "<"]

    private static func python(_ text: String) throws(PackageProblem) -> (String, [String], Version) {
        let bytes = Array(text.utf8)
        let name = bytes.prefix { isWordByte($0) || "-._".utf8.contains($0) }
        guard let first = name.first, let last = name.last, isAlphanumeric(first), isAlphanumeric(last), name.count <= longest else {
            throw .badName(text)
        }
        var rest = bytes[name.count...]
        var extras: [String] = []
        if rest.first == UInt8(ascii: "[") {
            guard let end = rest.firstIndex(of: UInt8(ascii: "]")) else { throw .badName(text) }
            let inner = rest[rest.index(after: rest.startIndex)..<end].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            guard inner.allSatisfy({ isName($0) }) else { throw .badName(text) }
            extras = Set(inner.map { normalised($0) }).sorted()
            rest = rest[(end + 1)...]
        }
        return (normalised(name), extras, try pythonVersion(String(decoding: rest, as: UTF8.self), text))
    }

    private static func pythonVersion(_ rest: String, _ text: String) throws(PackageProblem) -> Version {
        if rest.isEmpty || rest == "@latest" { return .any }
        if rest.hasPrefix("@") {
            let version = String(rest.dropFirst())
            guard isPythonVersion(version) else { throw .badVersion(text) }
            return .exactly(version)
        }
        let bounds = rest.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        for bound in bounds {
            guard let sign = operators.first(where: { bound.hasPrefix($0) }), !bound.hasPrefix("==="),
                isPythonVersion(String(bound.dropFirst(sign.count)), orAny: ["==", "!="].contains(sign))
            else { throw .badVersion(text) }
        }
        if bounds.count == 1, rest.hasPrefix("=="), !rest.hasSuffix("*") { return .exactly(String(rest.dropFirst(2))) }
        return .within(rest)
    }

    private static func isPythonVersion(_ text: String, orAny: Bool = false) -> Bool {
        let plain = orAny && text.hasSuffix(".*") ? String(text.dropLast(2)) : text
        guard let first = plain.utf8.first, isDigit(first), plain.utf8.count <= 64 else { return false }
        return plain.utf8.allSatisfy { isAlphanumeric($0) || ".+!-_".utf8.contains($0) }
    }

    /// `a>=1,<2,b`: commas that bounds follow belong to one package.
    static func list(_ text: String) -> [String] {
        var packages: [String] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
            if let last = packages.last, operators.contains(where: { part.hasPrefix($0) }) || (last.contains("[") && !last.contains("]")) {
                packages[packages.count - 1] = last + "," + part
            } else {
                packages.append(part)
            }
        }
        return packages
    }

    /// PEP 503: in small letters, runs of `-`, `_` and `.` as one `-`.
    private static func normalised(_ name: some Sequence<UInt8>) -> String {
        let words = name.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }.split { "-_.".utf8.contains($0) }
        return words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-")
    }

    private static func isName(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let first = bytes.first, let last = bytes.last, isAlphanumeric(first), isAlphanumeric(last) else { return false }
        return bytes.allSatisfy { isWordByte($0) || "-.".utf8.contains($0) }
    }

    static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    static func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) }
    static func isWordByte(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || byte == UInt8(ascii: "_") }
}
