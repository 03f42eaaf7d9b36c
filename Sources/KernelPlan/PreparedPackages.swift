/// Where `sandboxctl prepare` puts packages, as it shows in the path of a command: `…/sandboxd/prepared/REGISTRY/NAME/…`.
public enum PreparedPackages {
    /// Names of the two directories that mark such a place.
    private static let marks = ["sandboxd", "prepared"]

    /// The directory of all that is prepared beside the command; nil for a command that lies elsewhere. The path is resolved.
    public static func place(of command: String) -> String? {
        let parts = command.split(separator: "/", omittingEmptySubsequences: true)
        for index in parts.indices.dropFirst() where index + 2 < parts.endIndex {
            if parts[index - 1] == marks[0], parts[index] == marks[1] { return "/" + parts[...index].joined(separator: "/") }
        }
        return nil
    }
}
