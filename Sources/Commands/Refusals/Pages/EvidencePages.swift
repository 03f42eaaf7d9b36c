/// Calls that are not made because nothing could be said of them afterwards.
enum EvidencePages {
    static let full = CodePage(
        "D307", "no room to record the decision",
        meaning: "The file system of sandboxd's state directory is full, or a quota is used up.",
        why: "Nobody could say afterwards that the call was made, nor on whose word.",
        waysOut: [
            "Make room there; the next call finds out by itself, and how many were blocked meanwhile is recorded then.",
            "Let `evidence.keep` remove old receipts.",
        ],
        related: ["D301", "D309"])

    static let lost = CodePage(
        "D308", "the disk did not take what was recorded",
        meaning: "The policy says `durability: disk`, and fdatasync(2) failed. The decisions of that moment are recorded as void.",
        why: "After such a failure Linux forgets what it could not write: asking again would be answered with success, and prove nothing.",
        waysOut: ["See the kernel's log about the disk.", "Start the session anew once the disk works."],
        related: ["D301", "D307"])

    static let behind = CodePage(
        "D309", "the log is too far behind",
        meaning: "64 MiB of the session's receipts wait for sandboxd's log, which does not take them.",
        why: "The files in which they wait would fill the disk, and whatever waits there is not signed yet.",
        waysOut: [
            "Start sandboxd, where it does not run; it takes over what waits.",
            "Make room below sandboxd's state directory, or see sandboxd's log: `sandboxctl status` says when it cannot be written.",
        ],
        related: ["D301", "D307"])
}
