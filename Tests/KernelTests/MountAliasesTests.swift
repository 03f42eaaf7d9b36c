import Testing

@testable import Kernel

@Suite("Files that are mounted twice")
struct MountAliasesTests {
    static let host = """
        22 27 0:21 / /proc rw,relatime - proc proc rw
        25 24 0:23 / /dev/shm rw,relatime - tmpfs tmpfs rw
        27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
        30 25 0:27 / /dev/shm rw,relatime - tmpfs tmpfs rw
        40 27 8:1 / /home rw,relatime shared:1 - ext4 /dev/sda1 rw
        """

    static func other(than path: String, adding line: String = "") -> String? { MountAliases(host + "\n" + line).other(than: path) }

    @Test("what is mounted once is reached once", arguments: ["/home/a/.git/hooks", "/etc/x", "/dev/shm/x", "/home", "/"])
    func once(_ path: String) { #expect(Self.other(than: path) == nil) }

    static let aliases: [(path: String, line: String, other: String)] = [
        ("/home/a/.git", "50 27 8:1 / /srv rw - ext4 /dev/sda1 rw", "/srv"),
        ("/home/a/.git", "50 27 8:1 /a /srv/a rw - ext4 /dev/sda1 rw", "/srv/a"),
        ("/home/a/.git", "50 27 8:1 /a/.git /srv/a rw - ext4 /dev/sda1 rw", "/srv/a"),
        ("/home/a/.git", "50 27 8:1 /a/.git/hooks /with\\040space rw - ext4 /dev/sda1 rw", "/with space"),
        ("/etc/x", "50 27 254:0 /etc /srv rw - ext4 /dev/vda rw", "/srv"),
    ]

    @Test("another mount that holds it, or a part of it, is told", arguments: aliases)
    func twice(_ path: String, _ line: String, _ other: String) { #expect(Self.other(than: path, adding: line) == other) }

    @Test(
        "another part of the filesystem, and another filesystem, are others",
        arguments: [
            "50 27 8:1 /b /srv rw - ext4 /dev/sda1 rw", "50 27 8:1 /a/.github /srv rw - ext4 /dev/sda1 rw",
            "50 27 8:2 / /srv rw - ext4 /dev/sda2 rw",
        ])
    func elsewhere(_ line: String) { #expect(Self.other(than: "/home/a/.git", adding: line) == nil) }
}
