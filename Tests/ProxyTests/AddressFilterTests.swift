import Policy
import Testing

@testable import Proxy

@Suite("Addresses that a name may lead to")
struct AddressFilterTests {
    private static let inside = [
        "127.0.0.1", "127.8.9.10", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
        "169.254.0.1",
        "100.64.0.1", "100.100.100.200", "192.0.0.192", "198.18.0.1", "198.19.255.255", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "168.63.129.16",
        "::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1", "::10.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b::10.0.0.1", "64:ff9b:1::8.8.8.8",
        "64:ff9b::168.63.129.16",
        "2002:7f00:1::1", "2002:a00:1::", "2002:c0a8:101::1", "2002:a9fe:a9fe::", "2001:0:808:808::f5ff:fffe", "2001:0:a00:1::f7f7:f7f7",
        "::ffff:168.63.129.16",
    ]
    private static let outside = [
        "8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700::1111",
        "2a00:1450:4001::1",
        "64:ff9b::8.8.8.8", "2002:808:808::1", "2001:0:808:808::f7f7:f7f7", "::ffff:8.8.8.8", "203.0.113.10",
    ]

    @Test("those that are somebody's own are not reached, whatever they are written in", arguments: inside)
    func refuses(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(!AddressFilter(permitted: []).permits(address, port: 443))
        #expect(
            !AddressFilter(permitted: [try EndpointPattern("public:*")]).permits(address, port: 443) || text == "168.63.129.16"
                || text.hasSuffix(":168.63.129.16"))
    }

    @Test("public ones are", arguments: outside)
    func permits(text: String) throws { #expect(AddressFilter(permitted: []).permits(try #require(IPAddress(text)), port: 443)) }

    @Test("one of the others is reached where the policy permits it by address and port too")
    func listed() throws {
        let filter = AddressFilter(permitted: [
            try EndpointPattern("10.0.0.0/8:443"), try EndpointPattern("[fd00::1]:*"), try EndpointPattern("127.0.0.1:80"),
        ])
        let cases: [(String, UInt16, Bool)] = [
            ("10.1.2.3", 443, true), ("10.1.2.3", 444, false), ("11.0.0.1", 443, true), ("fd00::1", 1, true), ("fd00::2", 1, false),
            ("127.0.0.1", 80, true),
            ("::ffff:10.1.2.3", 443, true), ("64:ff9b::10.1.2.3", 443, false), ("2002:a01:203::", 443, false), ("::1", 80, false),
            ("0.0.0.0", 80, false),
        ]
        for (text, port, isPermitted) in cases {
            #expect(filter.permits(try #require(IPAddress(text)), port: port) == isPermitted, "\(text):\(port)")
        }
    }
}
