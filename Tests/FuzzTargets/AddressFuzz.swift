import Policy

enum AddressFuzz {
    static func run(_ bytes: [UInt8]) throws(Contradiction) {
        let text = String(decoding: bytes, as: UTF8.self)
        if let pattern = try? EndpointPattern(text) {
            try Contradiction.unless((try? EndpointPattern(pattern.description)) == pattern, "\(pattern) reads as another endpoint")
        }
        if let pattern = try? NamePattern(text) {
            try Contradiction.unless((try? NamePattern(pattern.description)) == pattern, "\(pattern) reads as another name")
            try Contradiction.unless(
                (try? EndpointPattern(text)) == nil || pattern.hosts == .any || text.hasPrefix("public:"),
                "\(text) is a name and an endpoint")
        }
        if let name = try? HostName(text) {
            try Contradiction.unless((try? HostName(name.text)) == name, "\(name) reads as another name")
            try Contradiction.unless(IPAddress(text) == nil, "\(text) is a name and an address")
        }
        if let address = IPAddress(text) {
            try Contradiction.unless(IPAddress(address.description) == address, "\(address) reads as another address")
        }
        if let pointer = JSONPointer(text) {
            try Contradiction.unless(pointer.text.utf8.elementsEqual(text.utf8), "a pointer has another text")
        }
        _ = ToolPattern(text)?.isLiteral
    }
}
