import Descriptors

/// What lies beside a log of its public keys: its own word, which counts for nothing against the log's receipts.
struct PublicKeyFiles {
    /// `key.pub`; nil when it cannot be used, and then `currentProblem` says why.
    private(set) var current: VerifierKey?
    private(set) var currentProblem: Finding.Problem?
    /// `keys`; none where there is no such file.
    private(set) var earlier: [VerifierKey] = []
    private(set) var earlierText: String?
    private(set) var earlierProblem: Finding.Problem?

    /// As many as any log has.
    private static let limit = 1 << 20

    init(in directory: borrowing some Descriptor & ~Copyable) {
        do throws(Finding.Problem) {
            let text = try Self.text(of: LogFiles.publicKey, in: directory)
            guard let line = Self.lines(text), line.count == 1 else { throw .malformedKey }
            current = try Self.key(line[0])
        } catch {
            currentProblem = error
        }
        do throws(Finding.Problem) {
            let text = try Self.text(of: LogFiles.earlierKeys, in: directory)
            earlierText = text
            guard let lines = Self.lines(text) else { throw .malformedKey }
            for line in lines { earlier.append(try Self.key(line)) }
        } catch {
            if error != .unreadable(.noEntry) { earlierProblem = error }
        }
    }

    /// All keys that are named here, from the first on.
    var all: [VerifierKey] { earlier + [current].compactMap { $0 } }

    /// What does not go with a log's own chain; nil when it is that, or was until a rotation whose last steps are not done.
    func problem(for chain: KeyChain) -> Finding? {
        if let earlierProblem { return Finding(earlierProblem, LogFiles.earlierKeys) }
        let count = earlier.count, last = chain.keys.count - 1
        guard chain.keys.starts(with: earlier), count == last || count == last - 1 else {
            return Finding(.keyHistory, LogFiles.earlierKeys)
        }
        guard let current else { return nil }
        let isOwn = current == chain.current && count == last
        let isBefore = last > 0 && current == chain.keys[last - 1]
        return isOwn || isBefore ? nil : Finding(.unexpectedKey(expected: chain.current), LogFiles.publicKey)
    }

    private static func text(
        of name: String, in directory: borrowing some Descriptor & ~Copyable
    ) throws(Finding.Problem) -> String {
        let bytes: [UInt8]?
        do { bytes = try directory.contents(of: name, limit: limit) } catch { throw .unreadable(error) }
        guard let bytes, let text = String(validating: bytes, as: UTF8.self) else { throw .malformedKey }
        return text
    }

    /// nil unless each line ends.
    private static func lines(_ text: String) -> [String]? {
        guard text.utf8.last == 0x0A else { return nil }
        return text.utf8.dropLast().split(separator: 0x0A, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func key(_ text: String) throws(Finding.Problem) -> VerifierKey {
        do throws(VerifierKey.Problem) {
            let key = try VerifierKey(parsing: text)
            guard key.text.utf8.elementsEqual(text.utf8) else { throw .malformed }
            return key
        } catch {
            switch error {
            case .malformed: throw .malformedKey
            case .unknownAlgorithm(let type): throw .unknownAlgorithm(type)
            }
        }
    }
}
