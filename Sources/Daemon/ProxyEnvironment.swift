import KernelPlan

/// The variables by which clients find the name proxy. Both cases are in use: curl takes `http_proxy` in lower case alone, others the upper one.
enum ProxyEnvironment {
    /// HTTP's own scheme for all of them: not every client that reads ALL_PROXY can speak SOCKS.
    private static let names = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"]

    /// `NAME=value` strings, sorted by name, with these in the place of those that are there.
    static func replacing(in environment: [[UInt8]]) -> [[UInt8]] {
        let others = environment.filter { entry in
            variables[String(decoding: entry.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self)] == nil
        }
        let own = variables.map { Array($0.key.utf8) + [UInt8(ascii: "=")] + $0.value }
        return (others + own).sorted { $0.lexicographicallyPrecedes($1) }
    }

    private static let variables: [String: [UInt8]] = {
        let address = Array("http://\(NameDoor.address):\(NameDoor.port)".utf8)
        var variables: [String: [UInt8]] = ["NODE_USE_ENV_PROXY": Array("1".utf8)]
        for name in names { (variables[name], variables[name.lowercased()]) = (address, address) }
        // Nothing else is reached: what a caller's says of other networks means nothing here.
        for name in ["NO_PROXY", "no_proxy"] { variables[name] = [] }
        return variables
    }()
}
