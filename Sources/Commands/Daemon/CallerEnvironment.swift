import Descriptors
import Glibc

/// What the caller's process was given: environment and working directory.
struct CallerEnvironment: Sendable {
    /// `NAME=value` each, as bytes.
    let variables: [[UInt8]]

    init(variables: [[UInt8]]) { self.variables = variables }

    /// environ(7).
    static func current() -> CallerEnvironment {
        var variables: [[UInt8]] = []
        var entry = environ
        while let text = entry.pointee {
            variables.append(Array(UnsafeBufferPointer(start: text, count: strlen(text)).map(UInt8.init(bitPattern:))))
            entry += 1
        }
        return CallerEnvironment(variables: variables)
    }

    /// The first value of that name; nil when it is not set.
    func bytes(_ name: String) -> [UInt8]? {
        let prefix = Array(name.utf8) + [UInt8(ascii: "=")]
        return variables.first { $0.starts(with: prefix) }.map { Array($0.dropFirst(prefix.count)) }
    }

    /// The same as text; nil when it is empty or not UTF-8, too.
    subscript(_ name: String) -> String? {
        bytes(name).flatMap { String(validating: $0, as: UTF8.self) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// HOME, else what passwd(5) says.
    var home: String? {
        if let home = self["HOME"], home.hasPrefix("/") { return home }
        guard let entry = getpwuid(geteuid()), let directory = entry.pointee.pw_dir else { return nil }
        let path = String(cString: directory)
        return path.hasPrefix("/") ? path : nil
    }

    /// A directory of the XDG base directory specification: the variable where it is absolute, else below the home.
    func directory(_ variable: String, belowHome path: String) -> String? {
        if let value = self[variable], value.hasPrefix("/") { return value }
        return home.map { "\($0)/\(path)" }
    }

    /// getcwd(3); nil when it has none that is UTF-8.
    static var workingDirectory: String? {
        guard let path = getcwd(nil, 0) else { return nil }
        defer { free(path) }
        return String(validatingCString: path).flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
}
