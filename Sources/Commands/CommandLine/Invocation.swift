/// A command line that was understood.
struct Invocation: Sendable {
    /// By name, in the order given; a flag has an empty value.
    private(set) var options: [(name: String, value: String)] = []
    private(set) var arguments: [String] = []
    /// What stood after `--`; nil when there was no `--`.
    var trailing: [[UInt8]]?

    mutating func add(option name: String, _ value: String) { options.append((name, value)) }

    mutating func add(argument: String) { arguments.append(argument) }

    func has(_ name: String) -> Bool { options.contains { $0.name == name } }

    func value(_ name: String) -> String? { options.first { $0.name == name }?.value }

    func values(_ name: String) -> [String] { options.filter { $0.name == name }.map(\.value) }
}
