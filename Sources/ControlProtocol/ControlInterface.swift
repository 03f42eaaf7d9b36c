/// Every name on the wire of the control API (https://varlink.org): interfaces, methods, errors, and the text that describes them.
public enum ControlInterface {
    /// Ours.
    public static let name = "io.sandboxd"
    /// What every varlink service answers.
    static let service = "org.varlink.service"

    /// The version of these programs, as `--version` and `GetInfo` say it.
    public static let productVersion = "0.1.0"
    static let vendor = "sandboxd"
    static let url = "https://github.com/sandboxd"

    /// A method of `io.sandboxd`.
    public enum Method: String, Sendable, Hashable, CaseIterable {
        case wrap = "io.sandboxd.Wrap"
        case hostProfile = "io.sandboxd.HostProfile"
        case describeLog = "io.sandboxd.DescribeLog"
        case status = "io.sandboxd.Status"
        case listSessions = "io.sandboxd.ListSessions"
        case showSession = "io.sandboxd.ShowSession"
        case killSession = "io.sandboxd.KillSession"
        case listApprovals = "io.sandboxd.ListApprovals"
        case showApproval = "io.sandboxd.ShowApproval"
        case approve = "io.sandboxd.Approve"
        case deny = "io.sandboxd.Deny"
        /// Answered again and again.
        case watchApprovals = "io.sandboxd.WatchApprovals"
        case recordPreparation = "io.sandboxd.RecordPreparation"
        case eraseContent = "io.sandboxd.EraseContent"
        case listBudgets = "io.sandboxd.ListBudgets"
        case resetBudgets = "io.sandboxd.ResetBudgets"
        case listPins = "io.sandboxd.ListPins"
        case showPin = "io.sandboxd.ShowPin"
        case acceptPin = "io.sandboxd.AcceptPin"
        case rejectPin = "io.sandboxd.RejectPin"
        case rotateKey = "io.sandboxd.RotateKey"
        case check = "io.sandboxd.Check"
        case listRefusals = "io.sandboxd.ListRefusals"
        case showRefusal = "io.sandboxd.ShowRefusal"
        case noteRefusal = "io.sandboxd.NoteRefusal"
        case closeRefusal = "io.sandboxd.CloseRefusal"
        case reload = "io.sandboxd.Reload"
        case listLog = "io.sandboxd.ListLog"
        case readLog = "io.sandboxd.ReadLog"
    }

    /// A method of `org.varlink.service`.
    enum ServiceMethod: String, Sendable, Hashable, CaseIterable {
        case getInfo = "org.varlink.service.GetInfo"
        case getInterfaceDescription = "org.varlink.service.GetInterfaceDescription"
    }

    /// The name of an error.
    enum ErrorName: String, Sendable, Hashable, CaseIterable {
        case refused = "io.sandboxd.Refused"
        case launchFailed = "io.sandboxd.LaunchFailed"
        case notPermitted = "io.sandboxd.NotPermitted"
        case noSuchSession = "io.sandboxd.NoSuchSession"
        case noSuchApproval = "io.sandboxd.NoSuchApproval"
        case noSuchPin = "io.sandboxd.NoSuchPin"
        case noSuchRefusal = "io.sandboxd.NoSuchRefusal"
        case notErased = "io.sandboxd.NotErased"
        case storeUnavailable = "io.sandboxd.StoreUnavailable"
        case logUnavailable = "io.sandboxd.LogUnavailable"
        case invalidParameter = "org.varlink.service.InvalidParameter"
        case interfaceNotFound = "org.varlink.service.InterfaceNotFound"
        case methodNotFound = "org.varlink.service.MethodNotFound"
        case methodNotImplemented = "org.varlink.service.MethodNotImplemented"
        case expectedMore = "org.varlink.service.ExpectedMore"
    }
}
