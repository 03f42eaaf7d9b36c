import Descriptors
import Glibc
import KernelPlan
import Testing

@testable import Kernel

@Suite("single files that may be written", .enabled(if: isRoot, "needs root: another uid"), .serialized)
struct WrittenFileTests {
    static let rights: FileRights = [.readFile, .writeFile, .truncate]

    /// A directory that everybody may write in, so that nothing but Landlock keeps anybody off.
    final class Place {
        let path: String
        var file: String { path + "/file" }

        init() throws {
            var template = Array("/tmp/sandboxd-test-XXXXXX".utf8CString)
            guard mkdtemp(&template) != nil else { throw Errno.last }
            path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            chmod(path, 0o777)
            for name in ["file", "other"] {
                try WorkingDirectory().open(path + "/" + name, [.write, .create], mode: 0o666).writeWhole("old")
                chmod(path + "/" + name, 0o666)
            }
        }

        deinit {
            for name in ["file", "other", "link", "new", "replacement"] { unlink(path + "/" + name) }
            rmdir(path)
        }
    }

    private static func rule(_ path: String, _ rights: FileRights) throws(Errno) -> LandlockPathRule {
        let status = try WorkingDirectory().status(of: path)
        return LandlockPathRule(path: path, device: status.device, inode: status.inode, rights: rights)
    }

    private static func ruleset(_ rules: [LandlockPathRule]) throws -> OwnedDescriptor {
        let plan = LandlockPlan(abi: 3, handledFiles: .handled(byABI: 3), paths: rules)
        var kept = DescriptorList()
        var indices: [LandlockPathRule: Int] = [:]
        for rule in rules {
            indices[rule] = kept.count
            kept.append(try WorkingDirectory().open(rule.path, .path))
        }
        return try LandlockRuleset.make(plan) { rule throws(Errno) in
            guard let index = indices[rule], let descriptor = kept.peek(index) else { throw .noEntry }
            return descriptor
        }
    }

    private static func system() throws -> [LandlockPathRule] {
        let paths: [String] = ["/usr", "/lib", "/lib64", "/etc/ld.so.cache"]
        return try paths.filter { access($0, R_OK) == 0 }.map { path throws(Errno) in
            let isDirectory = try WorkingDirectory().status(of: path).isDirectory
            return try rule(path, isDirectory ? [.readFile, .readDirectory, .execute] : .readFile)
        }
    }

    @Test("it is written, cut off and read, and neither removed nor replaced; what lies beside it is not touched")
    func writes() throws {
        let place = try Place()
        let program = """
            import os
            def act(name, body):
                try: print(name, body() or 'ok')
                except OSError as error: print(name, os.strerror(error.errno))
            os.chdir('/')
            f = '\(place.file)'; d = '\(place.path)/'
            act('append', lambda: os.write(os.open(f, os.O_WRONLY | os.O_APPEND), b'x') and None)
            act('cut off', lambda: os.close(os.open(f, os.O_WRONLY | os.O_TRUNC)))
            act('truncate', lambda: os.truncate(f, 2))
            act('read', lambda: os.close(os.open(f, os.O_RDONLY)))
            act('remove', lambda: os.unlink(f))
            act('rename', lambda: os.rename(f, d + 'new'))
            act('rename over', lambda: os.rename(d + 'other', f))
            act('link', lambda: os.link(f, d + 'link'))
            act('create', lambda: os.close(os.open(d + 'new', os.O_WRONLY | os.O_CREAT)))
            act('other', lambda: os.close(os.open(d + 'other', os.O_WRONLY)))
            act('list', lambda: os.listdir(d) and None)
            """
        let ruleset = try Self.ruleset(try Self.system() + [Self.rule(place.file, Self.rights)])
        let denied = "Permission denied"
        let expected = [
            "append ok", "cut off ok", "truncate ok", "read ok", "remove \(denied)", "rename \(denied)", "rename over \(denied)",
            "link \(denied)", "create \(denied)", "other \(denied)", "list \(denied)",
        ]
        #expect(try ConfinedPython.run(program, ruleset: ruleset).split(separator: "\n").map(String.init) == expected)
        #expect(try WorkingDirectory().status(of: place.file).size == 2)
        // The control: without a domain the same user may all of it.
        let free = try Self.ruleset([Self.rule("/", Self.handled)])
        #expect(try ConfinedPython.run(program, ruleset: free).split(separator: "\n").filter { $0.hasSuffix(" ok") }.count >= 8)
    }

    private static let handled = FileRights.handled(byABI: 3)

    @Test("a file that another one took the place of is no longer granted")
    func isBoundToInode() throws {
        let place = try Place()
        let ruleset = try Self.ruleset(try Self.system() + [Self.rule(place.file, Self.rights)])
        let program = """
            import os
            try: os.close(os.open('\(place.file)', os.O_WRONLY)); print('ok')
            except OSError as error: print(os.strerror(error.errno))
            """
        #expect(try ConfinedPython.run(program, ruleset: ruleset) == "ok\n")
        rename(place.path + "/other", place.file)
        #expect(try ConfinedPython.run(program, ruleset: ruleset) == "Permission denied\n")
    }

    @Test("a file that got a second link, or was exchanged, between finding and launch fails the launch")
    func looksAgain() throws {
        let place = try Place()
        let rule = try Self.rule(place.file, Self.rights)
        link(place.file, place.path + "/link")
        let linked = #expect(throws: LaunchFailure.self) { _ = try Self.ruleset([rule]).number }
        #expect(linked?.step == .makeRuleset)
        #expect(linked?.detail.contains("has 2 links") == true)
        // What is only read may have more.
        #expect(
            try Self.ruleset([LandlockPathRule(path: rule.path, device: rule.device, inode: rule.inode, rights: .readFile)]).number >= 0)
        unlink(place.path + "/link")
        rename(place.path + "/other", place.file)
        let exchanged = #expect(throws: LaunchFailure.self) { _ = try Self.ruleset([rule]).number }
        #expect(exchanged?.detail.contains("no longer what it was") == true)
    }
}
