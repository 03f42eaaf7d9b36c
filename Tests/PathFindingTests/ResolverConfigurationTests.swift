import Descriptors
import Policy
import Testing

@testable import PathFinding

@Suite("The host's nameservers")
struct ResolverConfigurationTests {
    @Test(
        "lines are read as the C library reads them; what no clause can name is left out and told",
        arguments: [
            ("nameserver 192.0.2.1\nsearch x\nnameserver\t2001:db8::1 # x\n", ["192.0.2.1", "2001:db8::1"], []),
            ("# nameserver 192.0.2.1\n; nameserver 192.0.2.2\n nameserver 192.0.2.3\nnameservers 192.0.2.4\n", [], []),
            ("nameserver 192.0.2.1\nnameserver 192.0.2.1\nnameserver ::ffff:192.0.2.1", ["192.0.2.1"], []),
            (
                "nameserver fe80::1%eth0\nnameserver 169.254.1.1\nnameserver x\nnameserver 0.0.0.0\n", [],
                ["fe80::1%eth0", "169.254.1.1", "x", "0.0.0.0"]
            ),
            ("nameserver 127.0.0.53\r\noptions edns0\n", ["127.0.0.53"], []),
            ("nameserver\nnameserver \n", [], []), ("", [], []),
        ] as [(String, [String], [String])])
    func lines(text: String, addresses: [String], leftOut: [String]) {
        let found = ResolverConfiguration.nameservers(in: Array(text.utf8))
        #expect(found.addresses.map(\.description) == addresses)
        #expect(found.leftOut == leftOut)
        #expect(found.error == nil)
    }

    @Test("a file that cannot be read, or is absurdly long, says so")
    func unreadable() {
        let scratch = Scratch()
        #expect(ResolverConfiguration.nameservers(of: scratch["none"]).error == "ENOENT")
        #expect(ResolverConfiguration.nameservers(of: scratch.path).error == "EINVAL")
        #expect(ResolverConfiguration.nameservers(of: scratch.file("long", [UInt8](repeating: 0x0A, count: 65 << 10))).error == "EFBIG")
        #expect(
            ResolverConfiguration.nameservers(of: scratch.file("good", Array("nameserver 192.0.2.9\n".utf8))).addresses == [
                .v4(0xC000_0209)
            ])
    }

    @Test("they are looked for only where they are asked for, and cross to whoever asked")
    func answer() throws {
        var descriptors = DescriptorList()
        #expect(PathAnswer(PathQuestion([], command: nil, home: nil), keeping: &descriptors).nameservers == nil)
        var answer = PathAnswer(PathQuestion([], command: nil, home: nil, wantsNameservers: true), keeping: &descriptors)
        #expect(answer.nameservers == ResolverConfiguration.nameservers())
        answer.nameservers = FoundNameservers(addresses: [.v4(1), .v6(high: 2, low: 3)], leftOut: ["x"], error: "E")
        #expect(PathAnswer(json: answer.json) == answer)
        let question = PathQuestion([], command: nil, home: nil, wantsNameservers: true)
        #expect(PathQuestion(json: question.json) == question)
    }
}
