/// The names of what sandboxd says in the systemd journal, in exports and live alike: the only place where they stand. Values are those of the
/// receipt's member, strings without quotes. Names and identifiers are never used again for something else.
public enum JournalFields {
    /// Where every journal listens.
    public static let socket = "/run/systemd/journal/socket"

    // MARK: systemd's own (systemd.journal-fields(7))
    public static let message = "MESSAGE"
    public static let messageID = "MESSAGE_ID"
    public static let priority = "PRIORITY"
    public static let identifier = "SYSLOG_IDENTIFIER"
    /// Microseconds since 1970; only in exports, where it says when the receipt was stated.
    static let realtime = "__REALTIME_TIMESTAMP"

    /// What `SYSLOG_IDENTIFIER` is.
    public static let program = "sandboxd"

    // MARK: Of the log
    /// The log's origin.
    public static let log = "SANDBOXD_LOG"
    /// `no` in what was exported of a log that did not verify; else it is not there.
    public static let isLogVerified = "SANDBOXD_LOG_VERIFIED"
    /// A checkpoint of it, the whole note.
    public static let checkpoint = "SANDBOXD_CHECKPOINT"
    /// How many receipts that signs for, and their root, in base64 as the note has it.
    public static let size = "SANDBOXD_SIZE"
    public static let root = "SANDBOXD_ROOT"

    // MARK: Of a receipt
    /// The receipt's line as it stands in the log.
    public static let receipt = "SANDBOXD_RECEIPT"
    public static let kind = "SANDBOXD_KIND"
    public static let number = "SANDBOXD_NUMBER"
    public static let custody = "SANDBOXD_CUSTODY"
    public static let session = "SANDBOXD_SESSION"
    public static let sessionNumber = "SANDBOXD_SESSION_NUMBER"
    public static let spoolNumber = "SANDBOXD_SPOOL_NUMBER"
    public static let policy = "SANDBOXD_POLICY"
    public static let plan = "SANDBOXD_PLAN"
    public static let host = "SANDBOXD_HOST"

    // MARK: Of what a receipt tells
    public static let decision = "SANDBOXD_DECISION"
    public static let reason = "SANDBOXD_REASON"
    public static let rule = "SANDBOXD_RULE"
    public static let layer = "SANDBOXD_LAYER"
    public static let tool = "SANDBOXD_TOOL"
    public static let method = "SANDBOXD_METHOD"
    public static let server = "SANDBOXD_SERVER"
    public static let outcome = "SANDBOXD_OUTCOME"
    public static let event = "SANDBOXD_EVENT"

    /// `MESSAGE_ID` of a checkpoint that is sent to the journal.
    public static let checkpointID = "0f88de6aab014cddbdb1f5bfd8850c51"
}

extension ReceiptKind {
    /// Its `MESSAGE_ID`: one for each kind of receipt, so that `journalctl MESSAGE_ID=…` finds them.
    public var messageID: String {
        switch self {
        case .launch: "e14e89b121574c3c9b07b252f791a965"
        case .refusal: "63271665afc94ee5a071d2aad388b92d"
        case .decision: "24b89ed4d4a64bcf944aedd8c781fac4"
        case .hold: "2b1f226f07054501bd860838fd191660"
        case .grant: "ff27280510f041cf9ac16d06f7ff82d4"
        case .outcome: "3591dbe780c14c76804eea583270110e"
        case .kernelDenial: "f9a72c7d2e57481ba2bd490d34713712"
        case .drift: "4d36a7c96fe849daa18750bd7afe6344"
        case .exit: "c2a020dfbd1f42538cfd8ce725ec490d"
        case .connection: "6f1c0d5be7d84b0c9a52f7f1a3d2ce48"
        case .preparation: "55ea117ecd224b609da77ae995e8c8f3"
        case .lifecycle: "b08ed8b61d864c2cb503e03ed728b3d8"
        }
    }
}
