import CLaunch
import Glibc
import Testing

@Suite struct ReportTests {
    @Test("what a keeper reported is read, though it ended with an order unread")
    func lastWords() throws {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) == 0)
        defer { close(ends[0]) }
        var last = cl_report()
        last.version = CL_VERSION
        last.kind = CL_REPORT_ENDED
        #expect(send(ends[1], &last, MemoryLayout.size(ofValue: last), 0) == MemoryLayout.size(ofValue: last))
        #expect(send(ends[0], "unread", 6, 0) == 6)
        close(ends[1])
        #expect(receive(ends[0]) == (1, CL_REPORT_ENDED))
        #expect(receive(ends[0]).result == 0)
    }

    private func receive(_ socket: Int32) -> (result: Int32, kind: cl_report_kind) {
        var report = cl_report()
        var descriptors: [Int32] = [-1]
        var count: Int32 = 0
        return (cl_receive_report(socket, &report, &descriptors, 1, &count), report.kind)
    }
}
