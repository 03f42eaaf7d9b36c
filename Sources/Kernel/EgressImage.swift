/// The object file of the egress programs, as the build embedded it; decoded once.
enum EgressImage {
    static let bytes: [UInt8] = {
        guard let bytes = EmbeddedBPF.bytes(of: "egress") else { preconditionFailure("bpf/egress.bpf.c was not embedded") }
        return bytes
    }()
}
