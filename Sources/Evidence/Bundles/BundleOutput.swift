/// Writes lines and keeps count of them for the last one.
final class BundleOutput {
    private let sink: ([UInt8]) -> Bool
    private var hash = SHA256()
    private var lines = 0

    init(_ sink: @escaping ([UInt8]) -> Bool) {
        self.sink = sink
    }

    func write(_ line: [UInt8]) throws(BundleWriter.Problem) {
        let whole = line + [0x0A]
        hash.update(whole)
        lines += 1
        if !sink(whole) { throw .output }
    }

    func end() throws(BundleWriter.Problem) {
        let line = "{\"\(BundleFormat.lines)\":\(lines),\"\(BundleFormat.digest)\":\"\(hash.finish().hex)\"}"
        try write(Array(line.utf8))
    }
}
