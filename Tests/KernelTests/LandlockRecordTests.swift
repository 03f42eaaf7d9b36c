import Policy
import TestSupport
import Testing

@testable import Kernel

@Suite struct LandlockRecordTests {
    private static func read(_ type: UInt16, _ text: String) -> LandlockRecord? { LandlockRecord(type: type, text: Array(text.utf8)) }

    private static func act(_ fields: String) -> LandlockAct? {
        guard case .denied(let denial)? = read(1_423, "audit(1796004781.575:5): domain=14454ec8d \(fields)") else { return nil }
        #expect(denial.domain == 0x1_4454_ec8d && denial.time == 1_796_004_781_575)
        return denial.act
    }

    private static func file(_ path: String, _ device: String, _ inode: UInt64) -> LandlockAct.Object {
        .file(path: Array(path.utf8), device: Array(device.utf8), inode: inode)
    }

    @Test(
        "acts are read as Linux 6.18 and 7.3 wrote them",
        arguments: [
            (#"blockers=fs.read_file path="/tmp/plain" dev="nvme0n1" ino=17"#, ["fs.read_file"], file("/tmp/plain", "nvme0n1", 17)),
            (
                #"blockers=fs.write_file path=2F746D702F64697220776974682073706163652F66696C2265 dev="nvme0n1" ino=16"#, ["fs.write_file"],
                file("/tmp/dir with space/fil\"e", "nvme0n1", 16)
            ),
            (
                #"blockers=fs.remove_file,fs.refer path="/tmp" dev="nvme0n1" ino=12"#, ["fs.remove_file", "fs.refer"],
                file("/tmp", "nvme0n1", 12)
            ),
            (
                #"blockers=fs.execute,fs.read_file path="/usr/bin/true" dev="overlay" ino=254734"#, ["fs.execute", "fs.read_file"],
                file("/usr/bin/true", "overlay", 254_734)
            ),
            (
                #"blockers=fs.make_reg path="<too_long>" dev="nvme0n1" ino=48"#, ["fs.make_reg"],
                .file(path: nil, device: Array("nvme0n1".utf8), inode: 48)
            ),
            (#"blockers=fs.resolve_unix path="/tmp/sock" dev="nvme0n1" ino=49"#, ["fs.resolve_unix"], file("/tmp/sock", "nvme0n1", 49)),
            ("blockers=net.connect_tcp daddr=127.0.0.1 dest=9", ["net.connect_tcp"], .peer(IPAddress("127.0.0.1"), port: 9)),
            ("blockers=net.connect_tcp daddr=::1 dest=9", ["net.connect_tcp"], .peer(IPAddress("::1"), port: 9)),
            ("blockers=net.connect_tcp daddr=::ffff:1.2.3.4 dest=9", ["net.connect_tcp"], .peer(IPAddress("::ffff:1.2.3.4"), port: 9)),
            ("blockers=net.connect_tcp dest=9", ["net.connect_tcp"], .peer(nil, port: 9)),
            ("blockers=net.bind_tcp saddr=127.0.0.1 src=99", ["net.bind_tcp"], .own(IPAddress("127.0.0.1"), port: 99)),
            (#"blockers=scope.signal opid=1 ocomm="bash""#, ["scope.signal"], .other),
        ] as [(String, [String], LandlockAct.Object)])
    func acts(_ fields: String, _ blockers: [String], _ object: LandlockAct.Object) {
        #expect(Self.act(fields) == LandlockAct(blockers: blockers, object: object))
    }

    @Test("domains are read as Linux 6.18 and 7.3 wrote them")
    func domains() {
        let named = #"""
            audit(1796004781.575:5): domain=14454ec8d status=allocated mode=enforcing pid=206 uid=0 exe="/usr/bin/python3.11" comm="python3"
            """#
        let name = LandlockRecord.Name(
            domain: 0x1_4454_ec8d, time: 1_796_004_781_575, process: 206, program: Array("/usr/bin/python3.11".utf8))
        #expect(Self.read(1_424, named) == .named(name))
        let gone = "audit(1796004781.687:25): domain=14454ec8d status=deallocated denials=21"
        #expect(Self.read(1_424, gone) == .gone(domain: 0x1_4454_ec8d, denials: 21))
    }

    @Test("names that are no text are kept as the bytes that they are")
    func bytes() {
        let act = Self.act(#"blockers=fs.make_reg path=2F746D702FFF0A dev="tmpfs" ino=1"#)
        #expect(act?.object == .file(path: Array("/tmp/".utf8) + [0xff, 0x0a], device: Array("tmpfs".utf8), inode: 1))
    }

    @Test("fields of a later kernel are passed over")
    func later() {
        #expect(Self.act(#"blockers=fs.read_file path="/a" dev="b" ino=1 tier=3 why="new""#)?.object == Self.file("/a", "b", 1))
    }

    private static let head = "audit(1.234:5): "

    @Test(
        "what is not written as the kernel writes is no record",
        arguments: [
            "", "audit(", "audit(1.234:5)", "audit(1.234:5): ", "audit(1.23:5): domain=1 blockers=a",
            "audit(-1.234:5): domain=1 blockers=a",
            "audit(99999999999999999999.234:5): domain=1 blockers=a", "audit(18446744073709551615.234:5): domain=1 blockers=a",
            " " + head + "domain=1 blockers=fs.x", head + " domain=1 blockers=fs.x", head + "domain=1  blockers=fs.x",
            head + "domain=1 blockers=fs.x ", head + "domain=1", head + "blockers=fs.x", head + "domain= blockers=fs.x",
            head + "domain=1 blockers=", head + "domain=1 blockers", head + "domain=xyz blockers=fs.x", head + "domain=-1 blockers=fs.x",
            head + "domain=+1 blockers=fs.x", head + "domain=0x1 blockers=fs.x", head + "domain=1F blockers=fs.x",
            head + "domain=11112222333344445 blockers=fs.x", head + #"domain="1" blockers=fs.x"#, head + "domain=1 domain=1 blockers=fs.x",
            head + "domain=1 blockers=fs.x blockers=fs.y", head + "domain=1 blockers=fs.x,", head + "domain=1 blockers=,fs.x",
            head + "domain=1 blockers=FS.X", head + "domain=1 blockers=fs.x;y",
            head + "domain=1 blockers=\(String(repeating: "a,", count: 40))a",
            head + "domain=1 blockers=\(String(repeating: "a", count: 41))",
            // A file without its place, a name that is neither quoted nor digits, odd and lower-case digits, and a quote that does not end.
            head + #"domain=1 blockers=fs.x path="/a""#, head + #"domain=1 blockers=fs.x path="/a" dev="b""#,
            head + #"domain=1 blockers=fs.x path=/a dev="b" ino=1"#, head + #"domain=1 blockers=fs.x path=2F6 dev="b" ino=1"#,
            head + #"domain=1 blockers=fs.x path=2f61 dev="b" ino=1"#, head + #"domain=1 blockers=fs.x path="/a dev="b" ino=1"#,
            head + #"domain=1 blockers=fs.x path="/a"dev="b" ino=1"#, head + #"domain=1 blockers=fs.x path="/a b" dev="b" ino=1"#,
            head + #"domain=1 blockers=fs.x path="/a" dev="b" ino=x"#, head + #"domain=1 blockers=fs.x path="/a" path="/b" dev="b" ino=1"#,
            head + "domain=1 blockers=net.x daddr=127.0.0.1", head + "domain=1 blockers=net.x daddr=127.0.0.1 dest=65536",
            head + "domain=1 blockers=net.x daddr=localhost dest=1", head + "domain=1 blockers=net.x daddr=1.2.3 dest=1",
            head + "domain=1 blockers=fs.x \u{0}=1", head + "domain=1 blockers=fs.x a=\u{7f}", head + "domain=1 blockers=fs.x\n",
            head + "domain=1 blockers=fs.x " + (1...20).map { "\(Character(UnicodeScalar(0x60 + UInt8($0))))=1" }.joined(separator: " "),
        ])
    func refusesActs(_ text: String) {
        if case .denied(let denial)? = Self.read(1_423, text) {
            // The kernel leaves the address out where it is the unspecified one, but never the port.
            #expect(denial.act.object == .other && text.contains("daddr=127.0.0.1") && !text.contains("dest="), "\(text)")
        }
        #expect(Self.read(1_424, text) == nil)
    }

    @Test(
        "a domain whose process, program or count is not told is none",
        arguments: [
            "domain=1 status=allocated", "domain=1 status=allocated pid=1", #"domain=1 status=allocated pid=-1 exe="/a""#,
            #"domain=1 status=allocated pid=2147483648 exe="/a""#, #"domain=1 status=allocated pid=1 exe=/a"#,
            "domain=1 status=deallocated",
            "domain=1 status=deallocated denials=-1", "domain=1 status=deallocated denials=18446744073709551616",
            "domain=1 status=else denials=1",
        ])
    func refusesDomains(_ fields: String) { #expect(Self.read(1_424, Self.head + fields) == nil) }

    /// Whoever calls a program so cannot write fields: the kernel writes such a name in digits.
    @Test("a record inside of a name stays a name")
    func fakes() {
        let fake = #"x" domain=2 status=deallocated denials=9"#
        let digits = fake.utf8.map { String($0, radix: 16, uppercase: true) }.joined()
        let text = Self.head + "domain=1 status=allocated mode=enforcing pid=7 uid=0 exe=\(digits) comm=\(digits)"
        let name = LandlockRecord.Name(domain: 1, time: 1_234, process: 7, program: Array(fake.utf8))
        #expect(Self.read(1_424, text) == .named(name))
        #expect(Self.read(1_424, Self.head + #"domain=1 status=allocated pid=7 exe="\#(fake)" comm="a""#) == nil)
    }

    @Test("records of other types are none of ours", arguments: [UInt16(0), 1_300, 1_326, 1_422, 1_425, .max])
    func otherTypes(_ type: UInt16) { #expect(Self.read(type, Self.head + "domain=1 blockers=fs.x") == nil) }

    @Test("a huge record is read or refused, not more")
    func huge() {
        let path = String(repeating: "2F", count: 8_000)
        guard case .file(let bytes, _, _)? = Self.act("blockers=fs.read_file path=\(path) dev=\"b\" ino=1")?.object else {
            Issue.record("a long path is a path")
            return
        }
        #expect(bytes?.count == 8_000)
        #expect(Self.act("blockers=fs.read_file " + String(repeating: "a", count: 100_000)) == nil)
    }

    @Test("of changed, cut and joined records nothing is read that the text does not hold")
    func mutations() {
        var generator = SeededGenerator(seed: 20_261_130)
        let seeds = [
            Self.head + #"domain=1f blockers=fs.read_file path="/tmp/plain" dev="nvme0n1" ino=17"#,
            Self.head + #"domain=1f status=allocated mode=enforcing pid=206 uid=0 exe="/usr/bin/python3.11" comm="python3""#,
            Self.head + "domain=1f status=deallocated denials=21", Self.head + "domain=1f blockers=net.connect_tcp daddr=::1 dest=9",
        ].map { Array($0.utf8) }
        for _ in 0..<20_000 {
            var text = seeds.randomElement(using: &generator)!
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<text.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: text[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: text.removeSubrange(place...)
                case 2: text.insert(contentsOf: seeds.randomElement(using: &generator)!.prefix(40), at: place)
                default: text.insert(Array(" =\",.:()".utf8).randomElement(using: &generator)!, at: place)
                }
                if text.isEmpty { text = [0x20] }
            }
            if case .denied(let denial)? = LandlockRecord(type: 1_423, text: text), case .file(let path?, _, _) = denial.act.object {
                #expect(path.count <= text.count)
            }
            if case .gone(_, let count)? = LandlockRecord(type: 1_424, text: text) {
                #expect(String(decoding: text, as: UTF8.self).contains("denials=") && "\(count)".utf8.count <= text.count)
            }
        }
    }
}
