import ClientConfigs
import Testing

@testable import PathFinding

@Suite struct ProtectedClientTests {
    private static let files = MCPClient.allCases.flatMap(\.files).filter { $0.base != .root }

    /// Below the home or the project, where nothing says otherwise.
    private static func path(_ file: ClientFile) -> String? {
        switch file.base {
        case .home, .project: file.path
        case .configuration: ".config/\(file.path)"
        case .variable(_, let below): below.isEmpty ? file.path : "\(below)/\(file.path)"
        case .named, .root: nil
        }
    }

    @Test("what says which servers are started is kept from sessions that may write around it")
    func areProtected() {
        for file in Self.files {
            guard let path = Self.path(file) else { continue }
            let kept = file.scope == .project ? ProtectedFiles.inProject : ProtectedFiles.inHome
            #expect(kept.contains { path == $0 || path.hasPrefix($0 + "/") }, "\(path)")
        }
    }
}
