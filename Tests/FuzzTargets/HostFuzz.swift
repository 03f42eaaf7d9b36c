import KernelPlan
import StrictJSON

enum HostFuzz {
    static func run(_ bytes: [UInt8]) throws(Contradiction) {
        guard let json = try? JSON(parsing: bytes), let host = try? HostProfile(json: json) else { return }
        try Contradiction.unless((try? HostProfile(json: host.json)) == host, "a profile reads as another one")
    }
}
