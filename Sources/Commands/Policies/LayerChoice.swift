import Glibc
import Layers
import Policy
import PolicyText

/// The layers that policies are held against: read once, whatever is judged.
struct LayerChoice: Sendable {
    /// Whose they are.
    enum Origin: Sendable, Hashable {
        /// This host's, as its daemon reads them.
        case host
        case directory(String)
        /// None was asked for.
        case none
        /// Those of a host that is known by a saved profile alone: nobody told which they are.
        case unknown
    }

    let origin: Origin
    private let documents: Result<[PolicySource], Refusal>

    static let none = LayerChoice(.none)

    /// `--layers`; without it those of this host, unless another host is asked about.
    init(_ invocation: Invocation) {
        switch invocation.value("layers") {
        case "none"?: self.init(.none)
        case let directory?: self.init(.directory(directory))
        case nil: self.init(invocation.has("host") ? .unknown : .host)
        }
    }

    init(_ origin: Origin) {
        self.origin = origin
        documents = Result { () throws(Refusal) in
            switch origin {
            case .host: try LayerDirectory.host.sources()
            // Whoever asks what would be holds nobody with it, so that the documents may be anybody's.
            case .directory(let path): try LayerDirectory(path: path, owner: nil, isRequired: true).sources()
            case .none, .unknown: []
            }
        }
    }

    /// Those that are about a policy of this name and whoever asks. Throws every reason against one of all.
    func drafts(for policy: String, accepting acceptance: Acceptance = .enforced) throws(Refusal) -> [LayerDraft] {
        try LayerDirectory.parse(try documents.get(), accepting: acceptance).applying(toPolicy: policy, user: Self.user)
    }

    /// The bytes of a layer by the name that positions carry.
    func source(_ name: String) -> [UInt8]? { sources.first { $0.name.utf8.elementsEqual(name.utf8) }?.bytes }

    /// As many as could be read.
    private var sources: [PolicySource] { (try? documents.get()) ?? [] }

    /// What one should know who sees verdicts.
    func warn(_ console: Console) {
        guard origin == .unknown else { return }
        let help = "a saved profile says nothing of them; `--layers DIR` names them, `--layers none` says that there are none"
        console.warn("\(console.errorStyle(.warning, "note:")) no layers are applied: \(help)\n")
    }

    /// The caller's account; `nil` for a uid without a name (getpwuid_r(3)).
    private static var user: String? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwuid_r(geteuid(), &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return String(cString: entry.pw_name)
    }

    /// A layer that sandboxd told of, for quoting: nothing but a layer's text is ever shown.
    static func told(_ name: String) -> [UInt8]? {
        guard name.hasPrefix("/"), let bytes = LayerDirectory.text(of: name), DocumentKind(bytes) == .layer else { return nil }
        return bytes
    }
}
