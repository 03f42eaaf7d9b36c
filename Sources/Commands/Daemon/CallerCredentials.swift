import Descriptors
import Policy

/// What a service manager handed to this process: a file each in `$CREDENTIALS_DIRECTORY` (systemd.exec(5), LoadCredential= and others).
struct CallerCredentials {
    private let directory: String?

    /// What a service manager takes as one.
    private static let most = 1 << 20

    init(_ environment: CallerEnvironment) { directory = environment["CREDENTIALS_DIRECTORY"].flatMap { $0.hasPrefix("/") ? $0 : nil } }

    /// `NAME=value` of those that are there; a line's end at the end of a file is not part of the value. What cannot be the value of a variable is a
    /// refusal.
    func entries(_ names: [Located<String>]) throws(Refusal) -> [[UInt8]] {
        guard let directory else { return [] }
        var entries: [[UInt8]] = []
        for name in names {
            let path = "\(directory)/\(name.value)"
            var value: [UInt8]
            do throws(Errno) {
                guard let contents = try WorkingDirectory().contents(of: path, limit: Self.most) else { throw .fileTooLarge }
                guard !contents.contains(0) else { throw .illegalSequence }
                value = contents
            } catch {
                if error == .noEntry { continue }
                throw Refusal(Reason(.unreadable, at: name.location, ["file": path, "error": error.name]))
            }
            if value.last == UInt8(ascii: "\n") { value.removeLast() }
            entries.append(Array(name.value.utf8) + [UInt8(ascii: "=")] + value)
        }
        return entries
    }
}
