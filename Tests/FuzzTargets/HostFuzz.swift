import KernelPlan
import StrictJSON

enum HostFuzz {
    static func run(_ bytes: [UInt8]) throws(Contradiction) {
        guard let json = try? JSON(parsing: bytes), let host = try? HostProfile(json: json) else { return }
        // What was not tried is written down as such.
        let again = try? HostProfile(json: host.json)
        try Contradiction.unless(again?.json == host.json, "a profile reads as another one")
        try Contradiction.unless(Mechanism.allCases.allSatisfy { again?[$0] == host[$0] }, "an observation reads as another one")
    }
}
