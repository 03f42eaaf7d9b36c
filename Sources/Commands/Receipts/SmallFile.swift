import Descriptors

/// Files that fit on a screen: keys, checkpoints, proofs.
enum SmallFile {
    /// A receipt's line, in base64, and its proof.
    private static let limit = 2 << 20

    static func text(_ path: String) -> String? { bytes(path).flatMap { String(validating: $0, as: UTF8.self) } }

    /// nil where it cannot be read, or is no such file.
    static func bytes(_ path: String) -> [UInt8]? { (try? WorkingDirectory().contents(of: path, limit: limit)).flatMap { $0 } }
}
