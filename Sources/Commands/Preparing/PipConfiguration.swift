import Descriptors

/// As far as it says where packages come from: the environment before the user's files before the host's, as pip reads them.
struct PipConfiguration: Sendable, Hashable {
    let index: String?
    /// A file, or directory, of certificates.
    let certificates: String?

    init(_ environment: CallerEnvironment, files: [String]? = nil) {
        let home = environment.home ?? "/"
        let configuration = environment.directory("XDG_CONFIG_HOME", belowHome: ".config") ?? home
        let files =
            files ?? ["/etc/pip.conf", "\(home)/.pip/pip.conf", "\(configuration)/pip/pip.conf"]
            + [environment["PIP_CONFIG_FILE"]].compactMap(\.self)
        var values: [String: String] = [:]
        for file in files {
            guard let bytes = try? WorkingDirectory().contents(of: file, limit: 1 << 16) else { continue }
            for (key, value) in Self.values(String(decoding: bytes, as: UTF8.self)) { values[key] = value }
        }
        index = environment["PIP_INDEX_URL"] ?? environment["UV_DEFAULT_INDEX"] ?? environment["UV_INDEX_URL"] ?? values["index-url"]
        certificates = environment["PIP_CERT"] ?? values["cert"]
    }

    /// Of the sections that an installation reads (configparser).
    static func values(_ text: String) -> [String: String] {
        var values: [String: String] = [:]
        var isRead = false
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.drop { $0 == " " || $0 == "\t" }
            if words.hasPrefix("#") || words.hasPrefix(";") { continue }
            if words.hasPrefix("[") {
                isRead = ["[global]", "[install]"].contains(trimmed(words))
            } else if isRead, let sign = words.firstIndex(where: { $0 == "=" || $0 == ":" }) {
                values[trimmed(words[..<sign])] = trimmed(words[words.index(after: sign)...])
            }
        }
        return values
    }

    private static func trimmed(_ text: Substring) -> String {
        let isSpace = { (character: Character) in character == " " || character == "\t" || character == "\r" }
        var text = text.drop(while: isSpace)
        while let last = text.last, isSpace(last) { text.removeLast() }
        return String(text)
    }
}
