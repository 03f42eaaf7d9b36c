/// Every reason for which a policy is refused. Closed on purpose: a new one must break every `switch` that explains one.
/// Codes are stable in logs, receipts and tests; they are never reworded or reused.
///
/// R1xx: the text · R2xx: this host · R3xx: the paths · R4xx: the caller and the command.
public enum ReasonCode: String, Sendable, Hashable, CaseIterable {
    // MARK: The text

    /// The file cannot be read, or a name means none or two. Facts: `file`, `error`; `searched` (where), or `path` and `other`.
    case unreadable = "R101"
    /// Not YAML. Facts: `problem`.
    case notYAML = "R102"
    /// A control character or bytes that are not UTF-8. Facts: `problem`.
    case badCharacters = "R103"
    /// More than one YAML document. No facts.
    case severalDocuments = "R104"
    /// An anchor, alias, merge key or tag. Facts: `what`.
    case anchorOrTag = "R105"
    /// A key stands twice. Facts: `key`, `firstLine`.
    case duplicateKey = "R106"
    /// A key that no version knows. Facts: `key`, `place`, and `near` where one is close.
    case unknownKey = "R107"
    /// A key of another tool, or of a later version. Facts: `key`, `place`.
    case foreignKey = "R108"
    /// Facts: `place`, `expected`, `found`.
    case wrongType = "R109"
    /// A value that its key does not take. Facts: `place`, `value`, `expected`, and `near` where one is close.
    case badValue = "R110"
    /// Facts: `key`, `place`.
    case missingKey = "R111"
    /// A list or string that must not be empty is. Facts: `place`.
    case empty = "R112"
    /// A tool pattern is malformed. Facts: `pattern`, `problem`.
    case badPattern = "R113"
    /// An endpoint is malformed. Facts: `endpoint`, `problem`.
    case badEndpoint = "R114"
    /// `${…}` names no variable, or stands where none may. Facts: `variable`, `problem`, and `near` where one is close.
    case badVariable = "R115"
    /// An input has no value, or a value is given for none. Facts: `input`, `problem`.
    case badInput = "R116"
    /// An included document cannot be found, or includes in a circle. Facts: `include`, `problem`.
    case badInclude = "R117"
    /// Two documents give one scalar different values. Facts: `place`, `value`, `other`, `otherFile`, `otherLine`.
    case conflictingIncludes = "R118"
    /// Too large, too deep, too many nodes. Facts: `what`, `limit`.
    case tooLarge = "R119"
    /// A key or value of the grammar whose enforcement is not built yet. Facts: `place`, `value` where it is one word, and `beside` where it is
    /// enforced without that clause.
    case notEnforcedYet = "R120"
    /// A rule's `arguments` use a keyword that is not implemented, or misuse one. Facts: `keyword`, `pointer`, `problem`.
    case badArgumentSchema = "R121"
    /// Two rules have one id. Facts: `id`, `firstLine`.
    case duplicateRule = "R122"
    /// A path is not absolute once it is expanded, or is a pattern. Facts: `path`, `problem`.
    case badPath = "R123"
    /// A variable of the environment that may only be given by `set`. Facts: `variable`.
    case loaderVariable = "R124"

    /// Keys of one mapping that do not go together. Facts: `place`, `problem`, and `key` where one is to blame.
    case badCombination = "R125"
    /// A regular expression that RE2 does not take. Facts: `place`, `pattern`, `why`.
    case badExpression = "R126"
    /// A key that only policies have, in a layer. Facts: `key`, `place`, `problem`.
    case notInLayer = "R127"
    /// A layer, or the directory of layers, that others than root may write. Facts: `file`.
    case foreignLayer = "R129"
    /// Two layers of one name. Facts: `layer`, `file` (of the first).
    case duplicateLayer = "R143"
    /// What a policy and a layer both permit cannot be written down. Facts: `clause`, `layer`, `problem`.
    case inexpressibleTightening = "R128"

    /// An entry of `egress.names` is malformed. Facts: `name`, `problem`.
    case badName = "R130"

    /// A rule's `when` asks what cannot be judged exactly. Facts: `rule`, `problem`, and `argument` and `value` where one is concerned.
    case badCondition = "R140"
    /// A rule's `budget` has a limit that is no exact amount, or rules give one budget different terms. Facts: `rule`, `budget`, `problem`.
    case badBudget = "R141"
    /// A rule's `redact` masks all arguments at once. Facts: `rule`.
    case redactsEverything = "R142"
    /// A test of the policy comes out otherwise than it expects. Facts: `subject`, `expected`, `found`, and `why` of a call.
    case testFailed = "R150"
    /// A test's `act` is none that is known. Facts: `act`, `problem`.
    case badAct = "R151"

    // MARK: The host

    /// No mechanism that works on this host holds the clause. Facts: `clause`, `mechanism`, `observed`, `needs`.
    case mechanismUnavailable = "R201"
    /// The clause can be held only by what root installs. Facts: `clause`, `mechanism`.
    case needsDaemon = "R202"
    /// The mechanisms of this host permit more than the clause, or less. Facts: `clause`, `mechanism`, `gap`.
    case inexpressible = "R203"
    /// Programs of others are in the effective chain of the cgroup. Facts: `hook`, `programs`.
    case foreignPrograms = "R204"
    /// A system call of the plan has no number here. Facts: `syscall`.
    case unknownSyscall = "R205"
    /// Nothing here can tell the granted unix sockets from others. Facts: `clause`, `observed`.
    case unixPathUnavailable = "R206"
    /// listen(2) without bind(2) takes a port that bind hooks never see, and nothing here drops who comes there. Facts: `clause`, `observed`.
    case listenWithoutFilter = "R207"
    /// The session's cgroup has no controller for the limit. Facts: `clause`, `mechanism`, `observed`.
    case limitWithoutController = "R208"
    /// `egress.unix: any` beside a clause that only hooks on sockets hold: one that is received over a unix socket escapes them. Facts: `clause`.
    case unixBesideHooks = "R209"
    /// 0.0.0.0 or :: as an endpoint of the server's own. Facts: `endpoint`.
    case unspecifiedEndpoint = "R210"
    /// A grant that a directory of the session's own would hide. Facts: `path`, `clause`, `by`.
    case hiddenGrant = "R211"
    /// What sandboxd keeps of earlier sessions cannot be used. Facts: `clause` (that needs it), `path`, `problem`.
    case storeUnavailable = "R212"

    // MARK: The paths

    /// Facts: `path`, `error`, `component`.
    case pathNotFound = "R301"
    /// A link on the way could be changed by the session. Facts: `path`, `link`, `target`, `resolved`.
    case changeableLink = "R302"
    /// /proc and /sys cannot be granted. Facts: `path`, `resolved`.
    case kernelFilesystem = "R303"
    /// The server's user cannot use the grant by ordinary permissions. Facts: `path`, `component`, `user`, `missing`.
    case unusableGrant = "R304"
    /// A write reaches what holds the server: policy, state, own command. Facts: `path`, `reaches`, `what`.
    case ownCage = "R305"
    /// A single file with several links, granted for writing. Facts: `path`, `links`.
    case severalLinks = "R306"
    /// Neither a directory nor a regular file, or not the one that is asked for. Facts: `path`, `kind`, `expected`.
    case wrongFileKind = "R307"
    /// A write reaches a file that `files.protect: clients` keeps. Facts: `path`, `reaches`.
    case protectedFile = "R309"
    /// Looking took longer than allowed. Facts: `path`.
    case pathTimedOut = "R308"

    /// No nameserver that a clause can name was found for `dns: host`. Facts: `file`, `error` where it could not be read, and `leftOut`
    /// where some are given that cannot be used.
    case noNameserver = "R310"

    // MARK: The caller and the command

    /// uid 0 is never a target. Facts: `user`.
    case rootTarget = "R401"
    /// The user does not exist, or may not be chosen by this caller. Facts: `user`, `problem`.
    case badUser = "R402"
    /// The command is not there. Facts: `command`.
    case commandNotFound = "R403"
    /// The command, or a file granted for execution, is there and cannot be executed; `component` is the file of its chain that is to blame.
    /// Facts: `command`, `error`, `component`.
    case commandNotExecutable = "R404"
    /// Both or neither of `server.command` and a command line. Facts: `problem`.
    case commandGivenTwice = "R405"
    /// A variable of `env.pass` or `env.secret` is not set. Facts: `variable`, and `source` where it is no variable of the caller's.
    case missingVariable = "R406"
}
