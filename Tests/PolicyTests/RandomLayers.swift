import KernelPlan
import Policy
import TestSupport

/// The name of a place where Testing has one, too.
typealias Place = SourceLocation

/// Random policies, layers, and operations on both sides of what they say.
struct RandomLayers {
    /// Foundation has an `Operation`, too.
    typealias Act = Operation

    var generator: SeededGenerator

    static let ofPolicy = SourceLocation(file: "p.yaml", line: 1, column: 1)
    static let ofLayer = SourceLocation(file: "l.yaml", line: 1, column: 1)

    private static let patterns = [
        "10.0.0.0/8", "10.0.0.0/16", "10.1.0.0/16", "0.0.0.0/0", "[::/0]", "[2001:db8::/32]", "[2001:db8::10/127]", "192.0.2.10", "*",
        "public", "0.0.0.0", "[::]", "127.0.0.0/8", "8.0.0.0/7", "128.0.0.0/1", "[::1]", "[2000::/3]", "172.0.0.0/8", "0.0.0.0/8",
    ]
    private static let portTexts = ["*", "443", "22-80", "80", "443-65535", "53"]
    static let addresses = [
        "127.0.0.1", "192.0.2.10", "192.0.2.11", "10.0.0.0", "10.0.255.255", "10.1.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0",
        "0.0.0.0", "::", "::1", "::ffff:10.0.0.1", "2001:db8::10", "2001:db8::11", "2001:db8::12", "169.254.1.1", "172.15.255.255",
        "172.16.0.0", "172.31.255.255", "172.32.0.0", "8.8.8.8", "223.255.255.255", "224.0.0.0", "fc00::1", "fe80::1", "3fff::1",
    ].compactMap { IPAddress($0) }
    static let ports: [UInt16] = [1, 21, 22, 53, 80, 81, 443, 444, 65_535]
    private static let directories = ["/usr", "/usr/share", "/usr/share/dict", "/home/a", "/home/a/project", "/home/ab", "/srv"]
    private static let files = ["/etc/hosts", "/srv/list", "/usr/share/dict/words"]
    static let paths = directories + files + ["/", "/us", "/usr/x", "/home/a/project/x", "/home/a/projects", "/etc"]

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &generator) < percent }

    private mutating func any<Element>(_ list: [Element]) -> Element { list[Int.random(in: 0..<list.count, using: &generator)] }

    private mutating func endpoints(_ place: SourceLocation) -> Located<EndpointGrant> {
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: return Located(.none, at: place)
        case 1: return Located(.any, at: place)
        default:
            let texts = (0..<Int.random(in: 1...4, using: &generator)).map { _ in "\(any(Self.patterns)):\(any(Self.portTexts))" }
            return Located(.endpoints(texts.compactMap { try? Located(EndpointPattern($0), at: place) }), at: place)
        }
    }

    private mutating func grants(_ place: SourceLocation) -> [GrantedPath] {
        let directories = Self.directories.filter { _ in chance(20) }.map { ($0, PathFacts.Kind.directory) }
        let files = Self.files.filter { _ in chance(20) }.map { ($0, PathFacts.Kind.file) }
        return (directories + files).map { path, kind in Self.grant(path, kind, place) }
    }

    static func grant(_ path: String, _ kind: PathFacts.Kind = .directory, _ place: SourceLocation = ofPolicy) -> GrantedPath {
        let inode = path.utf8.reduce(UInt64(7)) { $0 &* 31 &+ UInt64($1) }
        let facts = PathFacts(resolved: path, kind: kind, device: 8, inode: inode, linkCount: 1, owner: 0, group: 0, mode: 0o755)
        return GrantedPath(path: path, location: place, found: facts)
    }

    /// Clauses that the reference evaluator knows, each there in so many percent of cases.
    mutating func clauses(_ place: SourceLocation, percent: Int) -> Clauses {
        var clauses = Clauses()
        if chance(percent) { clauses.egress.tcp = endpoints(place) }
        if chance(percent) { clauses.files.read = grants(place) }
        if chance(percent) { clauses.files.write = grants(place) }
        if chance(percent) {
            let paths = grants(place)
            clauses.files.execute = paths.isEmpty ? ExecuteGrant.none : .paths(paths)
        }
        if chance(percent) { clauses.processes.spawn = Located(chance(50) ? .any : .none, at: place) }
        return clauses
    }

    mutating func policy() -> Policy { Policy(name: "p", location: Self.ofPolicy, clauses: clauses(Self.ofPolicy, percent: 80)) }

    mutating func layer(percent: Int = 50) -> Layer {
        Layer(name: "l", location: Self.ofLayer, clauses: clauses(Self.ofLayer, percent: percent))
    }

    mutating func operation() -> Act {
        switch Int.random(in: 0..<11, using: &generator) {
        case 0..<4: .connect(.connect, any(Self.addresses), port: any(Self.ports))
        case 4..<8: .file(any([.read, .write, .makeFile, .remove]), path: any(Self.paths))
        // A single file is not listed.
        case 8: .file(.list, path: any(Self.paths.filter { !Self.files.contains($0) }))
        case 9: .execute(path: any(Self.paths))
        default: .makeProcess
        }
    }

    static let launch = LaunchFacts(caller: .init(uid: 1_000, gid: 1_000, groups: []), chain: [], cages: [], protected: [], floor: [])
}
