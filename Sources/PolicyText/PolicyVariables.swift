/// The values of `${…}`.
public struct PolicyVariables: Sendable {
    public var home: String
    public var cwd: String
    /// `XDG_RUNTIME_DIR`, where it is set.
    public var runtime: String?
    /// The directory of the wrapped command, once it is known.
    public var server: String?
    /// Values given for declared inputs; the others take their defaults.
    public var inputs: [String: String]

    public init(home: String, cwd: String, runtime: String? = nil, server: String? = nil, inputs: [String: String] = [:]) {
        self.home = home
        self.cwd = cwd
        self.runtime = runtime
        self.server = server
        self.inputs = inputs
    }

    static let names = ["home", "cwd", "runtime", "server"]

    /// The value of a variable that always exists; `.some(nil)` when it has none here.
    func builtIn(_ name: String) -> String?? {
        switch name {
        case "home": .some(home)
        case "cwd": .some(cwd)
        case "runtime": .some(runtime)
        case "server": .some(server)
        default: .none
        }
    }
}
