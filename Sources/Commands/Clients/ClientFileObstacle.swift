import Descriptors

/// Why a client's file is not read, or not changed.
enum ClientFileObstacle: Error, Sendable, Hashable {
    case unreadable(Errno)
    case noRegularFile
    case tooLarge
    /// A link leads out of the home.
    case linkOut(target: String)
    case foreign(owner: UInt32)
    case othersMayWrite
    /// The directory: who may write it may put another file in this one's place.
    case othersMayReplace(directory: String)
    /// It has other names, which would keep the old content.
    case severalNames
    /// Somebody else wrote it meanwhile.
    case changed
    case unwritable(Errno)

    /// What is wrong, for the part of a sentence behind the file's name, and what to do.
    var words: (message: String, help: String?) {
        switch self {
        case .unreadable(let error): ("cannot be read: \(ErrnoWords.text(error.name))", nil)
        case .noRegularFile: ("is no regular file", nil)
        case .tooLarge: ("is larger than a client's file may be here (16 MiB)", nil)
        case .linkOut(let target):
            ("is a link that leads out of your home, to \(Escaping.quoted(target))", "edit that file yourself, or move it into your home")
        case .foreign(let owner): ("belongs to uid \(owner)", "do this as that user")
        case .othersMayWrite: ("may be written by others", "`chmod go-w` it, and look at what it says")
        case .othersMayReplace(let directory):
            ("lies in \(Escaping.quoted(directory)), where others may put another file in its place", "`chmod go-w` that directory")
        case .severalNames: ("has other names (hard links), which would keep the old content", "edit it yourself")
        case .changed:
            ("was written by somebody else meanwhile, and is as they left it", "do this again; close the client first if it is open")
        case .unwritable(let error): ("cannot be written: \(ErrnoWords.text(error.name))", nil)
        }
    }

    var status: ExitStatus {
        switch self {
        case .unreadable, .unwritable: .unreachable
        case .noRegularFile, .tooLarge, .linkOut, .foreign, .othersMayWrite, .othersMayReplace, .severalNames, .changed: .finding
        }
    }
}
