/// Why there is no verdict about a policy.
enum CompileFailure: Error, Sendable, Hashable {
    case usage(UsageError)
    case host(HostFailure)

    var words: (message: String, help: String?) {
        switch self {
        case .usage(let error): error.message(in: .all)
        case .host(let failure): failure.words
        }
    }

    var status: ExitStatus {
        switch self {
        case .usage: .usage
        case .host(let failure): failure.status
        }
    }
}
