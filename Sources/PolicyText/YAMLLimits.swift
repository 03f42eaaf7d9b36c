/// How large a document may be.
enum YAMLLimits {
    static let bytes = 256 << 10
    static let depth = 32
    static let nodes = 20_000
}
