import CLinux
import Descriptors
import Glibc
import Policy

/// One walk from / to what a path denotes, component by component, as the kernel would walk it: each link is read, remembered and followed by hand.
///
/// INVARIANT: nothing is opened but with O_PATH, so that looking has no effect.
struct PathWalk: ~Copyable {
    /// As the kernel's own limit (path_resolution(7)).
    static let linkLimit = 40

    private var place: OwnedDescriptor
    /// Names from / to `place`, resolved.
    private var names: [String] = []
    private var ancestors: [Ancestor] = []
    private var links: [FollowedLink] = []

    /// What went wrong, and at which component.
    struct Obstacle: Error, Sendable, Hashable {
        var error: Errno
        var component: String
    }

    private init() throws(Obstacle) {
        do { place = try WorkingDirectory().open("/", [.path, .directory]) } catch { throw Obstacle(error: error, component: "/") }
    }

    /// Walks an absolute path. The descriptor is of the inode that the facts describe.
    static func walk(_ path: String) throws(Obstacle) -> FoundInode {
        var walk = try PathWalk()
        return try walk.run(path)
    }

    private mutating func run(_ path: String) throws(Obstacle) -> FoundInode {
        var rest = Self.components(path)
        while let name = rest.popLast() { try step(name, &rest) }
        let resolved = Self.join(names)
        let (facts, inode) = try facts(of: resolved)
        guard facts.device == inode.device, facts.inode == inode.inode else { throw Obstacle(error: .tryAgain, component: resolved) }
        return FoundInode(facts: facts, descriptor: try reopened(resolved, inode))
    }

    /// The components in reverse, so that the next one is last. A trailing slash asks for a directory and changes nothing else here.
    private static func components(_ path: String) -> [String] {
        path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }.filter { $0 != "." }.reversed()
    }

    static func join(_ names: [String]) -> String { "/" + names.joined(separator: "/") }

    private mutating func step(_ name: String, _ rest: inout [String]) throws(Obstacle) {
        let path = Self.join(names + [name])
        let status = try at(path) { () throws(Errno) in try place.status() }
        guard status.isDirectory else { throw Obstacle(error: .notDirectory, component: Self.join(names)) }
        if name == ".." { return try ascend() }
        let next = try open(name, path)
        let found = try at(path) { () throws(Errno) in try next.status() }
        let holder = Ancestor(path: Self.join(names), owner: status.owner, group: status.group, mode: status.permissions)
        if found.isSymbolicLink { return try follow(next, path, holder, &rest) }
        ancestors.append(holder)
        names.append(name)
        place = next
    }

    private func open(_ name: String, _ path: String) throws(Obstacle) -> OwnedDescriptor {
        do { return try place.open(name, [.path, .noFollow]) } catch { throw Obstacle(error: error, component: path) }
    }

    private mutating func ascend() throws(Obstacle) {
        guard names.popLast() != nil else { return }
        ancestors.removeLast()
        do { place = try place.open("..", [.path, .directory]) } catch { throw Obstacle(error: error, component: Self.join(names)) }
    }

    private mutating func follow(
        _ link: borrowing OwnedDescriptor, _ path: String, _ holder: Ancestor, _ rest: inout [String]
    ) throws(Obstacle) {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlinkat(link.number, "", &buffer, buffer.count)
        guard count > 0, count < buffer.count else { throw Obstacle(error: count < 0 ? .last : .nameTooLong, component: path) }
        let target = String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
        links.append(FollowedLink(path: path, target: target, holder: holder))
        guard links.count <= Self.linkLimit else { throw Obstacle(error: .loop, component: path) }
        rest += Self.components(target)
        guard target.hasPrefix("/") else { return }
        let root = try PathWalk()
        place = root.place
        names = []
        ancestors = []
    }

    private func facts(of resolved: String) throws(Obstacle) -> (PathFacts, FileStatus) {
        let status = try at(resolved) { () throws(Errno) in try place.status() }
        let kind: PathFacts.Kind = status.isDirectory ? .directory : status.isRegularFile ? .file : .other
        let facts = PathFacts(
            resolved: resolved, kind: kind, device: status.device, inode: status.inode, linkCount: status.links, owner: status.owner,
            group: status.group, mode: status.permissions, links: links, ancestors: ancestors,
            filesystem: UInt64(bitPattern: clx_filesystem_magic(place.number)))
        return (facts, status)
    }

    /// Opens the resolved path once more, this time by the kernel and without any link: it must be the inode that was found.
    private func reopened(_ resolved: String, _ inode: FileStatus) throws(Obstacle) -> OwnedDescriptor {
        let noLinks: UInt64 = 0x04 | 0x02
        let result = clx_openat2(AT_FDCWD, resolved, UInt64(O_CLOEXEC) | 0o10_000_000, 0, noLinks)
        guard result >= 0 else { throw Obstacle(error: Errno(code: -result), component: resolved) }
        let descriptor = OwnedDescriptor(owning: result)
        let status = try at(resolved) { () throws(Errno) in try descriptor.status() }
        guard status.device == inode.device, status.inode == inode.inode else { throw Obstacle(error: .tryAgain, component: resolved) }
        return descriptor
    }

    private func at<T>(_ component: String, _ body: () throws(Errno) -> T) throws(Obstacle) -> T {
        do { return try body() } catch { throw Obstacle(error: error, component: component) }
    }
}

/// What a path denotes, and a descriptor (O_PATH) of that very inode.
struct FoundInode: ~Copyable {
    let facts: PathFacts
    let descriptor: OwnedDescriptor
}
