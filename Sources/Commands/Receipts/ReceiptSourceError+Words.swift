import Descriptors
import Evidence

extension ReceiptSourceError {
    /// What is wrong with the log or bundle at `path`.
    func words(_ path: String) -> (message: String, help: String?) {
        switch self {
        case .system(let error): ("cannot read a log in \(Escaping.quoted(path)): \(ErrnoWords.text(error.name))", LogPlace.help)
        case .notBundle: ("\(Escaping.quoted(path)) is neither the directory of a log nor a bundle", LogPlace.help)
        case .lineTooLong(let file, let line):
            (
                "\(Escaping.quoted(path)) cannot be read on: line \(line) of \(Escaping.quoted(file)) is longer than a receipt may be",
                "`sandboxctl receipts verify` says what is wrong with it"
            )
        }
    }
}
