import Testing

@testable import ClientConfigs

@Suite struct GoldenConfigTests {
    @Test("there is a configuration of every client")
    func hasAll() {
        #expect(Set(ConfigFixture.all.map(\.client)) == Set(MCPClient.allCases))
    }

    @Test("what a client starts is found, and nothing else", arguments: ConfigFixture.all)
    func finds(_ fixture: ConfigFixture) throws {
        let document = try ConfigDocument(fixture.bytes, fixture.file.format)
        let lines = try document.servers(of: fixture.file).map { entry in
            let kind =
                switch entry.kind {
                case .program(let program): "starts \(program.words)"
                case .remote(let address): "is at \(address)"
                case .other(let oddity): "is \(oddity)"
                }
            return "\(document.line(of: entry.offset)): \(entry.name)\(entry.project.map { " of \($0)" } ?? "") \(kind)"
                + (entry.isEnabled ? "" : ", off") + (entry.environment.isEmpty ? "" : ", sets \(entry.environment)") + "\n"
        }
        #expect(try fixture.matches(Array(lines.joined().utf8), ending: ".servers"))
    }

    @Test("all programs of a file, wrapped one after the other", arguments: ConfigFixture.all)
    func wraps(_ fixture: ConfigFixture) throws {
        var document = try ConfigDocument(fixture.bytes, fixture.file.format)
        let count = try document.servers(of: fixture.file).count
        for index in 0..<count {
            let entry = try document.servers(of: fixture.file)[index]
            guard case .program = entry.kind else { continue }
            document = try ConfigDocument(document.wrapping(entry, Wrapping.test(entry), in: fixture.file), fixture.file.format)
        }
        #expect(try fixture.matches(document.bytes, ending: ".wrapped"))
        for index in (0..<count).reversed() {
            let entry = try document.servers(of: fixture.file)[index]
            guard case .program = entry.kind else { continue }
            document = try ConfigDocument(document.unwrapping(entry, in: fixture.file), fixture.file.format)
        }
        #expect(try document.bytes == fixture.bytes)
    }
}

extension Wrapping {
    static func test(_ entry: ServerEntry) -> Wrapping {
        Wrapping(program: "/usr/local/bin/sandboxctl", policy: "time", name: entry.name, inputs: [])
    }
}
