import CLinux
import Descriptors
import Glibc
import Policy

/// One walk from `/` along a path, component by component, following each link itself (openat(2) with `O_PATH | O_NOFOLLOW`,
/// readlinkat(2)), so that every link and every directory on the way is known.
struct PathWalk: ~Copyable {
    /// Why and where a walk ended early.
    struct Failure: Error, Sendable, Hashable {
        var error: Errno
        var component: [UInt8]
    }

    /// What a walk came to: facts, and the inode itself (`O_PATH`).
    struct Found: ~Copyable {
        let facts: PathFacts
        let descriptor: OwnedDescriptor
    }

    /// As the kernel counts (path_resolution(7)).
    private static let mostLinks = 40
    private static let longestPath = 4_096
    private static let slash = UInt8(ascii: "/")
    private static let dot: [UInt8] = Array(".".utf8)
    private static let dotDot: [UInt8] = Array("..".utf8)

    /// Directories from `/` down to where the walk stands.
    private var way: [Step]
    private var here: OwnedDescriptor
    /// What the path ended in, when that is no directory.
    private var end: Step?
    /// Components still to go, the next one last.
    private var pending: [[UInt8]]
    private var links: [FollowedLink] = []

    private struct Step {
        var name: [UInt8]
        var status: FileStatus
    }

    static func find(_ path: [UInt8]) throws(Failure) -> Found {
        guard path.first == slash else { throw Failure(error: .invalid, component: path) }
        guard path.count < longestPath else { throw Failure(error: .nameTooLong, component: path) }
        let root = try root()
        let status: FileStatus
        do { status = try root.status() } catch { throw Failure(error: error, component: [slash]) }
        var walk = PathWalk(from: root, status, to: components(path))
        while let component = walk.pending.popLast() { try walk.enter(component) }
        return try walk.found()
    }

    private init(from root: consuming OwnedDescriptor, _ status: FileStatus, to pending: [[UInt8]]) {
        here = root
        way = [Step(name: [], status: status)]
        self.pending = pending
    }

    private static func root() throws(Failure) -> OwnedDescriptor {
        do { return try WorkingDirectory().open("/", [.path, .directory]) } catch { throw Failure(error: error, component: [slash]) }
    }

    /// In reverse. A path that ends in `/` ends in a directory, which `.` asks for.
    private static func components(_ path: [UInt8]) -> [[UInt8]] {
        let names = path.split(separator: slash).map { Array($0) }
        return ((path.last == slash ? names + [dot] : names).reversed())
    }

    // MARK: Steps

    private mutating func enter(_ component: [UInt8]) throws(Failure) {
        if end != nil { throw failure(.notDirectory) }
        switch component {
        case Self.dot: try check(component)
        case Self.dotDot: try leave()
        default: try enterNamed(component)
        }
    }

    /// Looking up even `.` takes permission to search.
    private func check(_ component: [UInt8]) throws(Failure) {
        do { _ = try here.open(component, [.path, .noFollow]) } catch { throw failure(error, at: component) }
    }

    private mutating func leave() throws(Failure) {
        do throws(Errno) {
            let above = try here.open(Self.dotDot, [.path, .directory, .noFollow])
            let expected = way.count > 1 ? way[way.count - 2].status : way[0].status
            guard try above.status().isSameFile(as: expected) else { throw Errno(code: ESTALE) }
            here = above
        } catch { throw failure(error, at: Self.dotDot) }
        if way.count > 1 { way.removeLast() }
    }

    private mutating func enterNamed(_ name: [UInt8]) throws(Failure) {
        let target: [UInt8]
        do throws(Errno) {
            let next = try here.open(name, [.path, .noFollow])
            let status = try next.status()
            guard status.isSymbolicLink else { return stand(on: next, name, status) }
            target = try next.linkTarget()
        } catch { throw failure(error, at: name) }
        try follow(name, target: target)
    }

    private mutating func stand(on next: consuming OwnedDescriptor, _ name: [UInt8], _ status: FileStatus) {
        let step = Step(name: name, status: status)
        guard status.isDirectory else {
            end = step
            return
        }
        way.append(step)
        here = next
    }

    private mutating func follow(_ name: [UInt8], target: [UInt8]) throws(Failure) {
        guard links.count < Self.mostLinks else { throw failure(.loop, at: name) }
        guard target.count < Self.longestPath, !target.isEmpty else { throw failure(.noEntry, at: name) }
        links.append(FollowedLink(path: try text(path(to: name)), target: try text(target), holder: try ancestor(way.count - 1)))
        pending += Self.components(target)
        guard target[0] == Self.slash else { return }
        here = try Self.root()
        way.removeLast(way.count - 1)
    }

    // MARK: The end

    /// Opens what was found once more, now without any link on the way, and makes sure that it is the same.
    private consuming func found() throws(Failure) -> Found {
        let resolved = path(to: end?.name)
        let status = end?.status ?? way[way.count - 1].status
        let text = try text(resolved)
        var ancestors: [Ancestor] = []
        for index in 0..<(end == nil ? way.count - 1 : way.count) { ancestors.append(try ancestor(index)) }
        do throws(Errno) {
            let descriptor = try Self.openWithoutLinks(resolved, OpenFlags.path.rawValue)
            guard try descriptor.status().isSameFile(as: status) else { throw Errno(code: ESTALE) }
            let facts = PathFacts(
                resolved: text, status: status, links: links, ancestors: ancestors, filesystem: try descriptor.filesystemMagic())
            return Found(facts: facts, descriptor: descriptor)
        } catch { throw Failure(error: error, component: resolved) }
    }

    /// openat2(2), `RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS`, close-on-exec.
    static func openWithoutLinks(_ path: [UInt8], _ flags: Int32) throws(Errno) -> OwnedDescriptor {
        let resolve = UInt64(CLX_RESOLVE_NO_SYMLINKS | CLX_RESOLVE_NO_MAGICLINKS)
        let characters = path.map { CChar(bitPattern: $0) } + [0]
        while true {
            let number = clx_openat2(AT_FDCWD, characters, UInt64(UInt32(bitPattern: flags)), 0, resolve)
            if number >= 0 { return OwnedDescriptor(owning: number) }
            // EAGAIN: something was renamed meanwhile (openat2(2)).
            guard -number == EINTR || -number == EAGAIN else { throw Errno(code: -number) }
        }
    }

    // MARK: Names

    /// Where the walk stands, and `name` below it.
    private func path(to name: [UInt8]?) -> [UInt8] { Self.path(way[...], name) }

    private static func path(_ way: ArraySlice<Step>, _ name: [UInt8]?) -> [UInt8] {
        let names = way.dropFirst().map(\.name) + (name.map { [$0] } ?? [])
        return names.isEmpty ? [slash] : names.reduce(into: []) { $0 += [slash] + $1 }
    }

    private func ancestor(_ index: Int) throws(Failure) -> Ancestor {
        let status = way[index].status
        return Ancestor(
            path: try text(Self.path(way[...index], nil)), owner: status.owner, group: status.group, mode: status.permissions)
    }

    /// Facts are text; a name that is not UTF-8 cannot be said in one.
    private func text(_ bytes: [UInt8]) throws(Failure) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Failure(error: Errno(code: EILSEQ), component: bytes) }
        return text
    }

    private func failure(_ error: Errno, at component: [UInt8]? = nil) -> Failure {
        Failure(error: error, component: path(to: component ?? end?.name))
    }
}
