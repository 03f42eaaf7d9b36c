/// The members of a receipt's line, and how one line is made. Their names stand here, and once more in what reads
/// such lines fast (`ReceiptLine+Scan.swift`); what that does not recognise is read by these.
///
/// A line is one object in canonical JSON (RFC 8785), so that its members come in the order of their names:
///
/// | member | value | when |
/// |---|---|---|
/// | `body` | object by kind | always |
/// | `custody` | `daemon`, `user` | always |
/// | `host` | SHA-256 of the host profile, hexadecimal | where known |
/// | `kind` | `ReceiptKind` | always |
/// | `number` | place in the log, from 0, without gaps | always |
/// | `plan` | SHA-256 of the plan | where there is one |
/// | `policy` | SHA-256 of the policy | where there is one |
/// | `session` | identifier | receipts of a session |
/// | `sessionNumber` | place in the session, from 1, without gaps | with `session` |
/// | `spoolNumber` | place in the session's spool, from 1, without gaps | what the gate stated |
/// | `time` | RFC 3339, UTC, microseconds: when it was stated | always |
public enum ReceiptFields {
    public static let body = "body"
    public static let custody = "custody"
    public static let host = "host"
    public static let kind = "kind"
    public static let number = "number"
    public static let plan = "plan"
    public static let policy = "policy"
    public static let session = "session"
    public static let sessionNumber = "sessionNumber"
    public static let spoolNumber = "spoolNumber"
    public static let time = "time"

    static let required = [body, custody, kind, number, time]
    static let all: Set<String> = [body, custody, host, kind, number, plan, policy, session, sessionNumber, spoolNumber, time]
}
