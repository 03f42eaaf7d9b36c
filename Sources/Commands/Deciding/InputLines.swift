import Descriptors

/// Lines of a descriptor, without their ends; empty ones are left out.
enum InputLines {
    private static let longest = 1 << 20

    /// Until the end, or until `body` says no. False when it cannot be read, or a line is too long.
    static func read(_ input: BorrowedDescriptor, _ body: (_ line: [UInt8]) -> Bool) -> Bool {
        var pending: [UInt8] = []
        while true {
            guard let transfer = try? input.read(appendingTo: &pending, atMost: 1 << 16) else { return false }
            var start = pending.startIndex
            while let end = pending[start...].firstIndex(of: UInt8(ascii: "\n")) {
                if end > start, !body(Array(pending[start..<end])) { return true }
                start = end + 1
            }
            pending.removeFirst(start)
            if transfer == .ended {
                if !pending.isEmpty { _ = body(pending) }
                return true
            }
            if pending.count > longest { return false }
        }
    }
}
