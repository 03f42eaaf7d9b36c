/// What an instance has beside its policy: drop-ins of mcp@NAME.socket and mcp@NAME.service, as text.
struct InstanceSettings: Sendable, Hashable {
    /// A value that has no place in a unit.
    struct Problem: Error, Sendable, Hashable {
        let option: String
        let value: String
        let expected: String
    }

    private let socket: [String]
    private let service: [String]

    init(_ invocation: Invocation) throws(Problem) {
        socket = try Self.socketLines(invocation)
        service = try Self.serviceLines(invocation)
    }

    /// nil where the unit is as it is shipped.
    var socketText: String? { Self.text("Socket", socket) }
    var serviceText: String? { Self.text("Service", service) }

    private static func text(_ section: String, _ lines: [String]) -> String? {
        lines.isEmpty ? nil : "# Written by `sandboxctl unit`.\n[\(section)]\n" + lines.map { $0 + "\n" }.joined()
    }

    private static func socketLines(_ invocation: Invocation) throws(Problem) -> [String] {
        var lines: [String] = []
        if let group = try value("group", invocation, "the name of a group", isName) { lines.append("SocketGroup=\(group)") }
        if let mode = try value("mode", invocation, "an octal mode without rights for programs, such as 0660", isMode) {
            lines.append("SocketMode=\(mode)")
        }
        return lines
    }

    private static func serviceLines(_ invocation: Invocation) throws(Problem) -> [String] {
        var lines: [String] = []
        var words: [String] = []
        if let user = try value("user", invocation, "the name of a user other than root", { isName($0) && $0 != "root" }) {
            words += ["--user", user]
        }
        if let count = try value("sessions", invocation, "1 to 512", { Int($0).map { (1...512).contains($0) } ?? false }) {
            words += ["--sessions", count]
        }
        for input in invocation.values("set") {
            guard isPlain(input) else {
                throw Problem(option: "set", value: input, expected: "INPUT=VALUE of letters, digits and `_ . / : @ , + -`")
            }
            words += ["--set", input]
        }
        if !words.isEmpty { lines += ["ExecStart=", "ExecStart=/usr/bin/sandboxctl serve \(words.joined(separator: " ")) %i"] }
        if let memory = try value("memory-max", invocation, "bytes, with K, M, G or T", isSize) {
            lines += ["MemoryMax=\(memory)", "MemorySwapMax=0"]
        }
        if let tasks = try value("tasks-max", invocation, "a number", isNumber) { lines.append("TasksMax=\(tasks)") }
        if let quota = try value("cpu-quota", invocation, "a share of one processor, such as 50%", isShare) {
            lines.append("CPUQuota=\(quota)")
        }
        for credential in invocation.values("credential") {
            guard isCredential(credential) else {
                throw Problem(option: "credential", value: credential, expected: "NAME:FILE, a variable's name and an absolute path")
            }
            // A percent sign begins a specifier (systemd.unit(5)).
            lines.append("LoadCredential=\(credential.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%"))")
        }
        return lines
    }

    private static func value(
        _ option: String, _ invocation: Invocation, _ expected: String, _ isGood: (String) -> Bool
    ) throws(Problem) -> String? {
        guard let value = invocation.value(option) else { return nil }
        guard isGood(value) else { throw Problem(option: option, value: value, expected: expected) }
        return value
    }

    // MARK: Forms

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            || byte == UInt8(ascii: "_")
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// Of a user or group, as useradd(8) takes it.
    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetter(first), text.utf8.count <= 32 else { return false }
        return text.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-") }
    }

    /// What stands in a command line of a unit as it is.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { isLetter($0) || isDigit($0) || "=./:@,+-".utf8.contains($0) }
    }

    private static func isMode(_ text: String) -> Bool {
        guard (3...4).contains(text.utf8.count), let mode = UInt32(text, radix: 8) else { return false }
        return mode & ~0o666 == 0
    }

    private static func isNumber(_ text: String) -> Bool { !text.isEmpty && text.utf8.count <= 18 && text.utf8.allSatisfy(isDigit) }

    private static func isSize(_ text: String) -> Bool {
        guard let last = text.utf8.last else { return false }
        return isNumber("KMGT".utf8.contains(last) ? String(text.dropLast()) : text)
    }

    private static func isShare(_ text: String) -> Bool { text.hasSuffix("%") && isNumber(String(text.dropLast())) }

    private static func isCredential(_ text: String) -> Bool {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return false }
        let name = text[..<colon], path = text[text.utf8.index(after: colon)...]
        guard let first = name.utf8.first, isLetter(first), name.utf8.allSatisfy({ isLetter($0) || isDigit($0) }) else { return false }
        return path.hasPrefix("/")
            && path.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "\"") }
    }
}
