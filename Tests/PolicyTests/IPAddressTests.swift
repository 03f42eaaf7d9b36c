import Policy
import TestSupport
import Testing

@Suite("Addresses as text")
struct IPAddressTests {
    @Test(
        "every form of RFC 4291 section 2.2 is read, and written as RFC 5952 says",
        arguments: [
            ("ABCD:EF01:2345:6789:ABCD:EF01:2345:6789", "abcd:ef01:2345:6789:abcd:ef01:2345:6789"),
            ("2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a"),
            ("2001:DB8::8:800:200C:417A", "2001:db8::8:800:200c:417a"),
            ("FF01:0:0:0:0:0:0:101", "ff01::101"), ("FF01::101", "ff01::101"),
            ("0:0:0:0:0:0:0:1", "::1"), ("::1", "::1"), ("0:0:0:0:0:0:0:0", "::"), ("::", "::"),
            ("0:0:0:0:0:0:13.1.68.3", "::d01:4403"), ("::13.1.68.3", "::d01:4403"),
            ("0:0:0:0:0:FFFF:129.144.52.38", "::ffff:8190:3426"), ("::FFFF:129.144.52.38", "::ffff:8190:3426"),
            ("2001:db8:1:2:3:4:5::", "2001:db8:1:2:3:4:5:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
            // RFC 5952 sections 2 and 4.
            ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
            ("2001:db8::1:0:0:1", "2001:db8::1:0:0:1"), ("2001:db8::0:1:0:0:1", "2001:db8::1:0:0:1"),
            ("2001:0db8::0001", "2001:db8::1"), ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
            ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
            ("2001:db8:aaaa:bbbb:cccc:dddd:eeee:AaAa", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:aaaa"),
            ("2001:0:0:1:2:0:0:0", "2001:0:0:1:2::"), ("1:0:0:2:3:4:5:6", "1::2:3:4:5:6"),
            ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
        ])
    func reads(text: String, canonical: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == canonical)
        #expect(IPAddress(canonical) == address)
    }

    @Test(
        "what is no address is not read",
        arguments: [
            "", ":", ":::", "::1::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8",
            "12345::", "g::", "1:2:3:4:5:6:7:", ":1:2:3:4:5:6:7", "fe80::1%eth0", "[::1]", "::1 ", " ::1", "1.2.3.4::", "::1.2.3.4:5",
            "::1.2.3", "::256.1.1.1", "1:2:3:4:5:6:7:1.2.3.4", "::ffff:01.2.3.4", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.04",
            "1..2.3", "1.2.3.", ".1.2.3", "+1.2.3.4", "0x7f.0.0.1", "1.2.3.4\n", "127.1", "2130706433", "١.2.3.4", "::１",
        ])
    func refuses(text: String) { #expect(IPAddress(text) == nil) }

    @Test("any address is read back from its text")
    func roundTrip() {
        var random = SeededGenerator(seed: 0x5A9D)
        for _ in 0..<5_000 {
            // Zero groups are common, so that runs of them occur.
            let group = { UInt64.random(in: 0...3, using: &random) == 0 ? UInt64.random(in: 0...0xffff, using: &random) : 0 }
            let half = { (0..<4).reduce(UInt64(0)) { value, _ in value << 16 | group() } }
            let v6 = IPAddress.v6(high: half(), low: half())
            #expect(IPAddress(v6.description) == v6)
            let v4 = IPAddress.v4(UInt32.random(in: .min ... .max, using: &random))
            #expect(IPAddress(v4.description) == v4)
        }
    }

    @Test(
        "kinds of addresses are known by their number, mapped ones too",
        arguments: [
            ("127.0.0.1", true, false, false), ("127.255.0.9", true, false, false), ("::1", true, false, false),
            ("::ffff:127.0.0.1", true, false, false), ("169.254.169.254", false, true, false), ("fe80::1", false, true, false),
            ("febf::1", false, true, false), ("fec0::1", false, false, false), ("::ffff:169.254.0.1", false, true, false),
            ("0.0.0.0", false, false, true), ("::", false, false, true), ("::ffff:0.0.0.0", false, false, true),
            ("128.0.0.1", false, false, false), ("::2", false, false, false),
        ])
    func kinds(text: String, isLoopback: Bool, isLinkLocal: Bool, isUnspecified: Bool) throws {
        let address = try #require(IPAddress(text))
        #expect(address.isLoopback == isLoopback)
        #expect(address.isLinkLocal == isLinkLocal)
        #expect(address.isUnspecified == isUnspecified)
    }

    @Test("the kernel's key of an IPv4 address is the mapped one")
    func mappedBytes() {
        #expect(IPAddress.v4(0xC000_0201).mappedBytes == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1])
        #expect(IPAddress("2001:db8::1")?.mappedBytes == [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
        #expect(IPAddress("::ffff:192.0.2.1")?.unmapped == .v4(0xC000_0201))
    }

    @Test(
        "masking keeps the first bits",
        arguments: [
            ("10.1.2.3", 8, "10.0.0.0"), ("10.1.2.3", 32, "10.1.2.3"), ("10.1.2.3", 0, "0.0.0.0"),
            ("255.255.255.255", 31, "255.255.255.254"),
            ("2001:db8::1", 32, "2001:db8::"), ("2001:db8::1", 128, "2001:db8::1"), ("2001:db8:1:2:3:4:5:6", 64, "2001:db8:1:2::"),
            ("2001:db8:1:2:ffff:4:5:6", 65, "2001:db8:1:2:8000::"), ("ffff::", 0, "::"),
        ])
    func masks(text: String, prefix: Int, masked: String) throws {
        #expect(try #require(IPAddress(text)).masked(to: prefix).description == masked)
    }
}
