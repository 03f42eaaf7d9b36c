import Testing

@testable import Commands

@Suite struct HostTableTests {
    private static let table = HostTable(
        hosts: ["h/debian12.json", "h/user.json", "h/old.json"],
        rows: [
            .init(policy: "weather.yaml", cells: [[], ["R202"], ["R203", "R201"]]), .init(policy: "by-port.yaml", cells: [[], [], nil]),
        ])

    @Test("where there is room a policy takes one line")
    func wide() {
        #expect(
            Self.table.text(.plain, columns: nil) == """
                policy        debian12  user          old
                weather.yaml  exact     refused R202  refused R203 R201
                by-port.yaml  exact     exact         -

                """)
    }

    @Test("with less room codes stand beneath each other")
    func stacked() {
        #expect(
            Self.table.text(.plain, columns: 44) == """
                policy        debian12  user     old
                weather.yaml  exact     refused  refused
                                        R202     R203
                                                 R201
                by-port.yaml  exact     exact    -

                """)
    }

    @Test("with little room hosts are numbers")
    func numbered() {
        #expect(
            Self.table.text(.plain, columns: 34) == """
                policy        1      2      3
                weather.yaml  exact  R202   R203
                                            R201
                by-port.yaml  exact  exact  -

                  1 debian12
                  2 user
                  3 old

                """)
    }

    @Test("with next to none each host has a line")
    func list() {
        #expect(Self.table.text(.plain, columns: 20).hasPrefix("weather.yaml\n  debian12  exact\n  user      refused R202\n"))
    }

    @Test("no line of a grid is wider than the terminal", arguments: 20...120)
    func widths(columns: Int) {
        let text = Self.table.text(.plain, columns: columns)
        guard text.hasPrefix("policy") else { return }
        #expect(text.split(separator: "\n").allSatisfy { $0.unicodeScalars.count <= columns })
    }

    @Test("hosts of one name in two directories keep their paths, and input cannot steer the terminal")
    func names() {
        let text = HostTable(hosts: ["a/x.json", "b/x.json"], rows: [.init(policy: "p\u{1b}[2J", cells: [[], []])]).text(
            .plain, columns: nil)
        #expect(text.contains("  a/x.json  b/x.json\n") && text.contains("\np\\u{1b}[2J  exact     exact\n"))
    }
}
