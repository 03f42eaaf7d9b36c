import CKernel

/// The object files of the programs, as the build embedded them; each decoded once.
enum ProgramImage {
    private static let bytesByName: [String: [UInt8]] = {
        var images: [String: [UInt8]] = [:]
        for name in EmbeddedBPF.names { images[name] = EmbeddedBPF.bytes(of: name) }
        return images
    }()

    /// The object that holds a hook's program.
    static func bytes(of hook: ck_hook) -> [UInt8] {
        guard let name = name(of: hook), let bytes = bytesByName[name] else {
            preconditionFailure("hook \(hook.rawValue) was not embedded")
        }
        return bytes
    }

    /// `nil` for what is no hook.
    static func name(of hook: ck_hook) -> String? { ck_egress_object(hook).map { String(cString: $0) } }
}
