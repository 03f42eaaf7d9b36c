import Descriptors

/// Where the uids stand, in a file: the next daemon begins there.
struct UserMark: Sendable, Hashable {
    let path: String

    /// `nil` before the first; `EINVAL` for what no daemon wrote.
    func read() throws(Errno) -> UInt32? {
        do throws(Errno) {
            let bytes = try WorkingDirectory().contents(of: path, limit: 64)
            guard let bytes, bytes.last == UInt8(ascii: "\n"), let mark = UInt32(String(decoding: bytes.dropLast(), as: UTF8.self)) else {
                throw .invalid
            }
            return mark
        } catch {
            if error == .noEntry { return nil }
            throw error
        }
    }

    /// On the disk before anybody gets what it reserves.
    func write(_ mark: UInt32) throws(Errno) {
        let file = try WorkingDirectory().open(path + ".new", [.write, .create, .truncate], mode: 0o600)
        try file.writeWhole(Array("\(mark)\n".utf8))
        try file.synchronizeData()
        try WorkingDirectory().rename(path + ".new", to: path)
    }
}
